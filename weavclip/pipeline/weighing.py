"""Sentences weighed against one another: for one thing, or for every clip of a set."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

import numpy as np

from weavclip.domain.errors import QueryError
from weavclip.domain.query import Hit, Space
from weavclip.domain.stores import Journal, VectorStore
from weavclip.organise.zero_shot import logits, softmax
from weavclip.search.centre import take_out
from weavclip.search.logistic import probability

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Self
    from uuid import UUID

    from numpy.typing import NDArray

    from weavclip.domain.ports import Embedder
    from weavclip.domain.query import Filter
    from weavclip.domain.vectors import Embedding, Embeddings, ModelCard

LEAST_PROMPTS = 2
_EXAMPLE = 'weavclip compare @1 "a chart" "a photo"'
_SPACES = (Space.IMAGE, Space.TEXT)
_AT_ONCE = 8192


class RankedJournal(Journal, VectorStore, Protocol):
    """A journal with its vectors."""


def compare(subject: Embedding, prompts: Sequence[str], embedder: Embedder) -> list[float]:
    """How likely each sentence is the one that fits, if one of them does.

    A softmax at the model's own temperature over the cosines, as CLIP was trained.

    Args:
        subject: Raw vector of a picture or a text, shape (dim,), norm 1.
        prompts: Two or more.
        embedder: The model that made it.

    Returns:
        Probabilities in the order of the prompts, which add up to 1.

    Raises:
        QueryError: If there are fewer than two prompts, or one is empty.
    """
    if not all(prompt.strip() for prompt in prompts):
        message = "a sentence to compare with is empty"
        raise QueryError(message, hint=_EXAMPLE)
    if len(prompts) < LEAST_PROMPTS:
        message = f"a comparison needs two sentences or more, got {len(prompts)}"
        raise QueryError(message, hint=_EXAMPLE)
    texts = embedder.embed_texts(prompts)
    values = logits(np.asarray(subject)[None], texts, mean=None, scale=embedder.card.logit_scale)
    return [float(chance) for chance in softmax(values)[0]]


def rank(
    journal: RankedJournal,
    embedder: Embedder,
    *,
    line_id: str,
    words: str,
    against: str,
    where: Filter,
) -> list[Hit]:
    """Every clip of a set, in the order in which it has a quality.

    Args:
        journal: Has clips and vectors.
        embedder: The model of pictures and texts.
        line_id: Of the set of models that made the vectors.
        words: The quality, such as ``sharp``.
        against: Its opposite, such as ``blurry``: then the relevance is which of the two a clip
            is likelier to be. Empty for none: then it is that of a search.
        where: The set.

    Returns:
        The likest first. Clips that are not embedded are left out.
    """
    card = embedder.card
    meant = embedder.embed_texts([words, against] if against else [words])
    found: dict[UUID, Hit] = {}
    clips = {clip.id: clip for clip in journal.clips(where=where)}
    for space in _SPACES:
        stored = Admitted.of(journal, line_id, space, where)
        for clip_id, distance, chance in _weighed(stored, meant, card=card, space=space):
            before = found.get(clip_id)
            if clip_id in clips and (before is None or (before.distance or 0) > distance):
                found[clip_id] = Hit(clip=clips[clip_id], relevance=chance, distance=distance)
    # Without calibration and an opposite there are distances alone.
    return sorted(found.values(), key=lambda hit: (-(hit.relevance or 0.0), hit.distance or 0.0))


@dataclass(frozen=True, slots=True)
class Admitted:
    """The vectors in one space of the clips that pass: 200 MB at 100,000, read in parts.

    Attributes:
        ids: Whose they are.
    """

    ids: Sequence[UUID] = field(repr=False)
    _stored: Embeddings = field(repr=False)
    _positions: NDArray[np.int64] = field(repr=False)

    @classmethod
    def of(cls, store: VectorStore, line_id: str, space: Space, where: Filter) -> Self:
        """Those that are stored now; none is read yet."""
        ids, stored = store.rows(line_id, space)
        passing = store.admitted_rows(line_id, space, where)
        rows = range(len(ids)) if passing is None else passing[passing < len(ids)].tolist()
        owned = [row for row in rows if ids[row].int]
        return cls([ids[row] for row in owned], stored, np.array(owned, np.int64))

    def read(self, places: slice | NDArray[np.int64]) -> Embeddings:
        """Raw vectors, shape (n, dim), of some of :attr:`ids`."""
        return np.asarray(self._stored[self._positions[places]])

    def parts(self) -> Iterator[tuple[Sequence[UUID], Embeddings]]:
        """All of them, some thousands at a time."""
        for start in range(0, len(self.ids), _AT_ONCE):
            part = slice(start, start + _AT_ONCE)
            yield self.ids[part], self.read(part)


def _weighed(
    stored: Admitted, meant: Embeddings, *, card: ModelCard, space: Space
) -> Iterator[tuple[UUID, float, float | None]]:
    """Of each clip the distance to the words, and a probability."""
    means: Mapping[Space, Embedding] = card.calibration.means if card.calibration else {}
    asked = take_out(meant[0], means[Space.TEXT]) if means else meant[0]
    logistic = card.calibration.words_to.get(space) if card.calibration else None
    for ids, rows in stored.parts():
        cosines = (take_out(rows, means[space]) if means else rows) @ asked
        chances: Sequence[float | None] = [None] * len(ids)
        if len(meant) > 1:
            values = logits(rows, meant, mean=means.get(space), scale=card.logit_scale)
            chances = softmax(values)[:, 0].tolist()
        elif logistic is not None:
            chances = [probability(logistic, float(cosine)) for cosine in cosines]
        for clip_id, cosine, chance in zip(ids, cosines.tolist(), chances, strict=True):
            yield clip_id, min(2.0, max(0.0, 1.0 - cosine)), chance
