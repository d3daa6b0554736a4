"""The memory by topics, out of the vectors that are stored."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from weavclip.domain.clip import Kind
from weavclip.domain.errors import QueryError, UnknownClipError
from weavclip.domain.query import Filter, Space
from weavclip.organise import topics as organise
from weavclip.pipeline.weighing import Admitted
from weavclip.search.centre import take_out
from weavclip.search.terms import STOP_WORDS, TERM, folded

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID

    from weavclip.domain.clip import Clip
    from weavclip.domain.vectors import Embeddings, ModelCard
    from weavclip.pipeline.weighing import RankedJournal

NAMED_BY = 200
"""Clips of a topic whose words and labels name it: those that are nearest to its middle."""
NAMED_BY_CHARS = 2_000
"""Of each."""
LEAST_LETTERS = 3
_SEED = 20261121
_AT_ONCE = 8192


@dataclass(frozen=True, slots=True)
class Topic:
    """Clips that lie together.

    Attributes:
        clips: The nearest to its middle first.
        pictures: How many of them are known by a picture.
        words: In which it differs most from the others, the most telling first.
        labels: That more of it have than of the others.
    """

    clips: tuple[UUID, ...]
    pictures: int
    words: tuple[str, ...] = field(repr=False)
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Topics:
    """A memory in parts.

    Attributes:
        topics: The one with the most clips first.
        outside: Clips that lie with none of them.
        looked_at: Of how many clips the topics were found.
    """

    topics: tuple[Topic, ...]
    outside: tuple[UUID, ...]
    looked_at: int


def topics(
    journal: RankedJournal,
    card: ModelCard,
    *,
    line_id: str,
    where: Filter,
    count: int | None = None,
) -> Topics:
    """Part clips by topics: the same ones for the same clips.

    Pictures and texts lie in one space, each with its modality's mean out. Of many clips 3,000
    are drawn that topics are found among; the others go to the nearest, or to none.

    Args:
        journal: Has clips and vectors.
        card: Of the model of pictures and texts.
        line_id: Of the set of models that made the vectors.
        where: Which clips.
        count: How many topics; None for what suits.

    Raises:
        QueryError: If there are too few clips.
    """
    stored = _Stored(journal, card, line_id=line_id, where=where)
    if len(stored.ids) < organise.LEAST_CLIPS:
        message = (
            f"{len(stored.ids)} embedded clips are too few for topics, "
            f"which need {organise.LEAST_CLIPS}"
        )
        is_narrowed = where != Filter(hidden=where.hidden)
        more = "'weavclip add FILES' keeps some more, and 'weavclip status' says what is to embed"
        raise QueryError(message, hint="leave the filters away" if is_narrowed else more)
    size = min(len(stored.ids), organise.MOST_LOOKED_AT)
    drawn = np.random.default_rng(_SEED).choice(len(stored.ids), size, replace=False)
    parting = organise.part(stored.rows(np.sort(drawn)), count=count)
    places, cosines = stored.placed(parting)
    outside = tuple(stored.ids[each] for each in np.flatnonzero(places < 0).tolist())
    members = []
    for number in range(len(parting.centres)):
        own = np.flatnonzero(places == number)
        members.append(own[np.argsort(-cosines[own], kind="stable")])
    members.sort(key=len, reverse=True)
    return Topics(_named(journal, stored, [each for each in members if len(each)]), outside, size)


class _Stored:
    """Vectors of pictures and texts as one array, of which only parts are ever in memory."""

    def __init__(
        self, journal: RankedJournal, card: ModelCard, *, line_id: str, where: Filter
    ) -> None:
        self._means = card.calibration.means if card.calibration else {}
        self._stored: dict[Space, Admitted] = {}
        self.ids: list[UUID] = []
        self.pictures = 0
        places: list[int] = []
        known: set[UUID] = set()
        for space in (Space.IMAGE, Space.TEXT):
            stored = self._stored[space] = Admitted.of(journal, line_id, space, where)
            for place, clip_id in enumerate(stored.ids):
                if clip_id not in known:
                    known.add(clip_id)
                    self.ids.append(clip_id)
                    places.append(place)
            if space is Space.IMAGE:
                self.pictures = len(self.ids)
        self._places = np.array(places, np.int64)

    def rows(self, places: np.ndarray[tuple[int], np.dtype[np.int64]]) -> Embeddings:
        """Means out, shape (n, dim), of places in ascending order."""
        parts = (
            (Space.IMAGE, places[places < self.pictures]),
            (Space.TEXT, places[places >= self.pictures]),
        )
        found = [
            take_out(raw, self._means[space]) if space in self._means else raw
            for space, own in parts
            if len(own)
            for raw in [self._stored[space].read(self._places[own])]
        ]
        return np.concatenate(found)

    def placed(
        self, parting: organise.Parting
    ) -> tuple[np.ndarray[tuple[int], np.dtype[np.int64]], Embeddings]:
        """The topic of every clip, and its cosine to the middle of that."""
        each = [
            parting.places(self.rows(np.arange(start, min(start + _AT_ONCE, len(self.ids)))))
            for start in range(0, len(self.ids), _AT_ONCE)
        ]
        return np.concatenate([one for one, _ in each]), np.concatenate([two for _, two in each])


def _named(
    journal: RankedJournal,
    stored: _Stored,
    members: list[np.ndarray[tuple[int], np.dtype[np.int64]]],
) -> tuple[Topic, ...]:
    ids = [tuple(stored.ids[each] for each in own.tolist()) for own in members]
    words, labels = [], []
    for own in ids:
        clips = [*journal.get_many(own[:NAMED_BY]).values()]
        words.append([word for clip in clips for word in _words(journal, clip)])
        labels.append([label for clip in clips for label in clip.labels])
    sizes = [min(len(own), NAMED_BY) for own in ids]
    return tuple(
        Topic(own, int((rows < stored.pictures).sum()), named, labelled)
        for own, rows, named, labelled in zip(
            ids,
            members,
            organise.names(words),
            organise.telling_labels(labels, sizes=sizes),
            strict=True,
        )
    )


def _words(journal: RankedJournal, clip: Clip) -> Iterator[str]:
    """What is said in a clip, or written in its picture; each word once."""
    try:
        read = journal.ocr_text if clip.kind is Kind.IMAGE else journal.text
        text = read(clip.id)[:NAMED_BY_CHARS]
    except UnknownClipError:  # forgotten meanwhile
        return
    for word in dict.fromkeys(TERM.findall(folded(text))):
        if len(word) >= LEAST_LETTERS and not word.isdecimal() and word not in STOP_WORDS:
            yield word
