"""How well one list of pictures and texts is ranked, on real vectors of CLIP ViT-B/32.

Means and probabilities are made from one half of the captioned photos and judged on the other
(even and odd places, both ways round). A picture's first caption asks. Half of the pictures are
stored as pictures and the rest as one of their other captions, both ways round and with each of
the four captions; the one right answer is the asked picture, or its caption. "Among class names":
1,203 texts of the form "a {name}" are stored as well.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from scripts.benchmarks import fusing, wording
from scripts.benchmarks.rows import Row
from scripts.benchmarks.vectors import Photos, load, shared_folder
from weavclip.domain.query import Space
from weavclip.search.calibrate import fit, parameters
from weavclip.search.centre import take_out
from weavclip.search.judge import exponents, gain
from weavclip.search.logistic import probability
from weavclip.search.pairs import CalibrationVectors
from weavclip.search.looking import CUT_OFF

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from numpy.typing import NDArray

    from weavclip.domain.vectors import Embedding, Embeddings, Logistic

    Numbers = NDArray[np.floating]

UNIT = "NDCG@10"
RANDOM_HALVES = 10


@dataclass(frozen=True, slots=True)
class Known:
    """What was made from the other half: means and probabilities."""

    means: Mapping[Space, Embedding]
    words_to: Mapping[Space, Logistic]
    picture_to: Mapping[Space, Logistic]


@dataclass(frozen=True, slots=True)
class Store:
    """Half of the unseen pictures as pictures, the others as texts; ``target`` is a place."""

    pictures: Embeddings
    texts: Embeddings
    target: int

    @property
    def is_picture(self) -> bool:
        """Whether the right answer is a picture."""
        return self.target < len(self.pictures)


def raw(asked: Embedding, store: Store, _: Known) -> Numbers:
    """The cosines as they are."""
    return np.concatenate([store.pictures @ asked, store.texts @ asked])


def standardised(asked: Embedding, store: Store, _: Known) -> Numbers:
    """Cosines less their mean in this query and modality, over their deviation."""
    found = [store.pictures @ asked, store.texts @ asked]
    return np.concatenate([(each - each.mean()) / each.std() for each in found])


def means_out(asked: Embedding, store: Store, known: Known) -> Numbers:
    """One cosine for all, means out."""
    return np.concatenate(_cosines(asked, store, known))


def ours(asked: Embedding, store: Store, known: Known) -> Numbers:
    """Means out, then a probability a space: what weavclip does."""
    pictures, texts = _cosines(asked, store, known)
    to = known.words_to
    return np.concatenate([exponents(to[Space.IMAGE], pictures), exponents(to[Space.TEXT], texts)])


def knowing(ranking: Callable[..., Numbers]) -> Callable[..., Numbers]:
    """The same, told which modality the answer has: the most that a fusion could reach."""

    def told(asked: Embedding, store: Store, known: Known) -> Numbers:
        values = ranking(asked, store, known)
        places = np.arange(len(values))
        wrong = (places < len(store.pictures)) != store.is_picture
        return np.where(wrong, -np.inf, values)

    return told


METHODS: Mapping[str, Callable[..., Numbers]] = {
    "raw cosine": raw,
    "z-score a query and modality": standardised,
    "means out, one cosine": means_out,
    "ours: means out, a probability a space": ours,
    "oracle of the modality, raw cosine": knowing(raw),
    "oracle of the modality, means out": knowing(means_out),
}


def rows() -> Iterator[Row]:
    """Every figure; nothing but a line that says so where the vectors are absent."""
    folder = shared_folder()
    if folder is None:
        yield Row(stage="no shared vectors beside the project", n=0, median=0.0, unit="")
        return
    photos = load(folder)
    yield from _methods(photos)
    yield _random_halves(photos)
    yield from _cut_off(photos)
    yield from _figures(photos)
    yield from fusing.rows(photos, _known(photos, photos.halves()[0][0]), photos.halves()[0][1])
    yield from wording.rows(folder)


def _methods(photos: Photos) -> Iterator[Row]:
    for among, background in (("", photos.captions[:0]), (", among class names", photos.names)):
        for name, ranking in METHODS.items():
            found = [
                _judged(photos, _known(photos, made), unseen, ranking, background)
                for made, unseen in photos.halves()
            ]
            yield _row(name + among, found)


def _row(stage: str, found: list[tuple[list[float], list[float]]]) -> Row:
    halves = " / ".join(f"{np.mean(pictures + texts):.3f}" for pictures, texts in found)
    pictures = np.mean([gain_ for each, _ in found for gain_ in each])
    texts = np.mean([gain_ for _, each in found for gain_ in each])
    return Row(
        stage=stage,
        n=sum(len(pictures_) + len(texts_) for pictures_, texts_ in found),
        median=float((pictures + texts) / 2),
        unit=UNIT,
        note=f"mean; halves {halves}; pictures {pictures:.2f}, texts {texts:.2f}",
    )


def _judged(
    photos: Photos,
    known: Known,
    unseen: NDArray[np.int_],
    ranking: Callable[..., Numbers],
    background: Embeddings,
) -> tuple[list[float], list[float]]:
    """NDCG@10 of each query, by the target's modality: pictures, then texts."""
    gains: tuple[list[float], list[float]] = ([], [])
    for turn in (0, 1):
        shown, told = unseen[turn::2], unseen[1 - turn :: 2]
        for which in range(1, photos.captions_each):
            texts = np.vstack([photos.captions[photos.caption_rows[told, which]], background])
            for place, target in enumerate((*shown, *told)):
                store = Store(photos.pictures[shown], texts, place)
                asked = photos.captions[photos.caption_rows[target, 0]]
                gains[not store.is_picture].append(gain(ranking(asked, store, known), place))
    return gains


def _known(photos: Photos, made: NDArray[np.int_]) -> Known:
    return Known(*parameters(_vectors(photos, made)))


def _vectors(photos: Photos, made: NDArray[np.int_]) -> CalibrationVectors:
    return CalibrationVectors(
        photos.pictures[made],
        photos.captions[photos.caption_rows[made].ravel()],
        np.repeat(np.arange(len(made)), photos.captions_each),
        photos.phrases,
    )


def _cosines(asked: Embedding, store: Store, known: Known) -> tuple[Numbers, Numbers]:
    asked = take_out(asked, known.means[Space.TEXT])
    pictures = take_out(store.pictures, known.means[Space.IMAGE])
    return pictures @ asked, take_out(store.texts, known.means[Space.TEXT]) @ asked


def _random_halves(photos: Photos) -> Row:
    rng = np.random.default_rng(0)
    found = []
    for _ in range(RANDOM_HALVES):
        mixed = rng.permutation(len(photos.pictures))
        made, unseen = np.split(mixed, 2)
        known = _known(photos, made)
        pictures, texts = _judged(photos, known, unseen, ours, photos.names)
        found.append(float(np.mean(pictures + texts)))
    return Row(
        stage="ours, random halves, among class names",
        n=RANDOM_HALVES,
        median=float(np.median(found)),
        unit=UNIT,
        note=f"least {min(found):.3f}, most {max(found):.3f}",
    )


def _cut_off(photos: Photos) -> Iterator[Row]:
    """Right answers that stay over the cut-off, and questions without answer that get none."""
    kept: list[bool] = []
    empty: list[bool] = []
    for made, unseen in photos.halves():
        known = _known(photos, made)
        for target in unseen:
            asked = photos.captions[photos.caption_rows[target, 0]]
            others = unseen[unseen != target]
            store = Store(photos.pictures[others], photos.names, 0)
            empty.append(max(_chances(asked, store, known)) < CUT_OFF)
            right = Store(
                photos.pictures[[target]], photos.captions[photos.caption_rows[target, 1:]], 0
            )
            kept += [chance >= CUT_OFF for chance in _chances(asked, right, known)]
    yield Row(
        stage=f"right answers over the cut-off of {CUT_OFF:.0%}",
        n=len(kept),
        median=float(np.mean(kept)),
        unit="share",
    )
    yield Row(
        stage="questions without an answer that get an empty list",
        n=len(empty),
        median=float(np.mean(empty)),
        unit="share",
        note="among 24 other photos and 1,203 class names",
    )


def _chances(asked: Embedding, store: Store, known: Known) -> list[float]:
    by_space = zip((Space.IMAGE, Space.TEXT), _cosines(asked, store, known), strict=True)
    return [
        probability(known.words_to[space], float(cosine))
        for space, cosines in by_space
        for cosine in cosines
    ]


def _figures(photos: Photos) -> Iterator[Row]:
    """What the calibration says of itself when it is made from all photos."""
    whole = _vectors(photos, np.arange(len(photos.pictures)))
    found = fit(
        whole.pictures, whole.captions, whole.captions_of.tolist(), whole.phrases, origin="bench"
    )
    for name, figure in found.figures.items():
        yield Row(
            stage=f"cross-validated, {name}", n=len(photos.pictures), median=figure, unit="figure"
        )
