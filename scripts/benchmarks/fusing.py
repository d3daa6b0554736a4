"""Two ways that find one text, meaning and words: how their probabilities are best joined."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

import numpy as np

from scripts.benchmarks.rows import Row
from scripts.benchmarks.vectors import shared_folder, shared_photos
from weavclip.domain.query import Space
from weavclip.search.calibrate import parameters
from weavclip.search.centre import take_out
from weavclip.search.chosen import COVERED
from weavclip.search.coverage import covered
from weavclip.search.crowd import chance_of
from weavclip.search.fuse import combined
from weavclip.search.logistic import probability
from weavclip.search.terms import content_terms

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

_LEAST = 1e-6


def noisy_or(chances: Sequence[float]) -> float:
    """As if the ways were independent."""
    return 1 - float(np.prod([1 - chance for chance in chances]))


JOINED: Mapping[str, Callable[[Sequence[float]], float]] = {
    "meaning alone": lambda chances: chances[0],
    "words alone": lambda chances: chances[1],
    "the larger": max,
    "noisy-or": noisy_or,
    "ours: the k-th largest by 1 / 2**k": combined,
}


def rows() -> Iterator[Row]:
    """Each caption of the odd photos asks for the others of its picture, among all of them."""
    folder = shared_folder()
    if folder is None:
        return
    photos = shared_photos(folder)
    places = np.arange(len(photos.pictures))
    known = parameters(photos.part(places[::2]))
    asked = np.flatnonzero(photos.captions_of % 2 == 1)
    words = photos.words
    vectors = take_out(photos.captions[asked], known.means[Space.TEXT])
    chances = [chance_of(known, Space.TEXT, each) for each in vectors]
    meaning = np.array(
        [
            [probability(chance, float(cosine)) for cosine in line]
            for chance, line in zip(chances, vectors @ vectors.T, strict=True)
        ]
    )
    wording = np.array([_by_words(words[row], [words[each] for each in asked]) for row in asked])
    of = photos.captions_of[asked]
    right = of[:, None] == of[None, :]
    for name, join in JOINED.items():
        joined = np.array(
            [
                [join((float(one), float(other))) for one, other in zip(*line, strict=True)]
                for line in zip(meaning, wording, strict=True)
            ]
        )
        yield from _judged(f"caption -> captions, {name}", joined, right)


def _by_words(question: str, texts: list[str]) -> list[float]:
    found = covered(
        content_terms(question), {UUID(int=place): text for place, text in enumerate(texts)}
    )
    shares = [found.get(UUID(int=place)) for place in range(len(texts))]
    return [probability(COVERED, share) if share else 0.0 for share in shares]


def _judged(stage: str, joined: NDArray[np.floating], right: NDArray[np.bool_]) -> Iterator[Row]:
    others = ~np.eye(len(joined), dtype=bool)
    gains = [
        _ndcg(line[other], true[other])
        for line, true, other in zip(joined, right, others, strict=True)
    ]
    chances = np.clip(joined[others], _LEAST, 1 - _LEAST)
    truths = right[others]
    loss = -np.mean(np.where(truths, np.log(chances), np.log(1 - chances)))
    yield Row(
        stage=stage,
        n=len(joined),
        median=float(np.mean(gains)),
        unit="NDCG@10",
        note=f"log loss {loss:.4f}",
    )


def _ndcg(values: NDArray[np.floating], right: NDArray[np.bool_], depth: int = 10) -> float:
    discounts = 1 / np.log2(np.arange(2, depth + 2))
    found = right[np.argsort(-values, kind="stable")][:depth]
    return float((found * discounts).sum() / discounts[: right.sum()].sum())
