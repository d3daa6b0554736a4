"""Asking each way side by side: a vector in each space, words, and the question as typed."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import cache
from typing import TYPE_CHECKING

from weavclip.domain.clip import Kind
from weavclip.domain.query import Space
from weavclip.search.rarity import Spread
from weavclip.search.terms import content_terms

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from weavclip.domain.index import Index
    from weavclip.domain.query import Filter, Match
    from weavclip.domain.words import WordStore
    from weavclip.search.question import Question

LEAST_DEPTH = 50
"""Clips asked of each way at least: a clip that two ways find in the middle may end up first."""
MOST = 1000
"""Clips asked of each way at most."""
_THREADS = 4
HELD = {
    Space.IMAGE: frozenset({Kind.IMAGE, Kind.FILES}),
    Space.TEXT: frozenset(Kind) - {Kind.IMAGE},
}
"""The kinds of the clips that have a vector in a space; no entry: any."""

MOSTLY = {Space.IMAGE: frozenset({Kind.IMAGE})}
"""The kinds of nearly all of them: the few lists of files with a picture fall out afterwards."""


@dataclass(frozen=True, slots=True)
class Found:
    """What each way found.

    Attributes:
        near: By space, nearest first.
        words: By BM25, best first.
        exact: For each text that is looked for as it stands: contain it, the last copied first.
        held: Contain all of its phrases, the last copied first.
        ends: The last that each way gave where it gave as many as it was asked for: there may be
            more behind it.
        beside: By space, what another way found and this one would have given later.
        spread: How common the question's words are, where a text model looks too.
    """

    near: Mapping[Space, list[Match]] = field(default_factory=dict)
    words: list[Match] = field(default_factory=list)
    exact: Sequence[list[UUID]] = ()
    held: list[UUID] = field(default_factory=list)
    ends: list[UUID] = field(default_factory=list)
    beside: Mapping[Space, list[Match]] = field(default_factory=dict)
    spread: Spread = field(default_factory=Spread)

    def clip_ids(self) -> list[UUID]:
        """Every clip that any way found, once."""
        by_way = [[match.id for match in matches] for matches in (*self.near.values(), self.words)]
        return list(
            dict.fromkeys(clip_id for ids in (*by_way, *self.exact, self.held) for clip_id in ids)
        )

    def as_typed(self) -> frozenset[UUID]:
        """Those that contain something as it stands."""
        return frozenset(clip_id for ids in self.exact for clip_id in ids)


@dataclass(frozen=True, slots=True)
class Memory:
    """What is searched.

    Attributes:
        total: Clips in the journal, hidden ones where they may answer.
        candidates: How many of them the filter lets through.
        index_lags: Some of them are not in the index yet.
    """

    total: int
    candidates: int
    index_lags: bool = False


def depth_for(limit: int) -> int:
    """How many clips to ask each way for, so that ``limit`` hits are the best there are."""
    return min(MOST, max(LEAST_DEPTH, limit + 1))


def narrowed(where: Filter, space: Space) -> Filter | None:
    """What is left of a filter for one space, which holds certain kinds only.

    A condition on kind that every clip of the space meets costs a server as much as any other:
    25 ms of a query's 50 at 100,000 clips.

    Returns:
        None when no clip of the space can pass.
    """
    held = HELD.get(space)
    if held is None or not where.kinds:
        return where
    left = where.kinds & held
    is_all = left >= MOSTLY.get(space, held)
    return replace(where, kinds=frozenset() if is_all else left) if left else None


@cache
def _workers() -> ThreadPoolExecutor:
    # One pool for the process: the journal keeps a connection for every thread that asks it.
    return ThreadPoolExecutor(_THREADS, thread_name_prefix="weavclip-search")


class Retrieval:
    """One question under way: the index's calls run from the start, side by side.

    They wait for a server or run outside of Python's lock; meanwhile the journal can be asked.
    """

    def __init__(
        self,
        question: Question,
        *,
        index: Index,
        depth: int,
        where: Filter,
        where_typed: Filter,
        held: Sequence[UUID] | None = None,
    ) -> None:
        """Ask the index every way that the question has.

        Args:
            question: What to ask with.
            index: Answers by vector and by words.
            depth: Clips asked of each way, 1 to ``MOST``.
            where: Which clips may answer.
            where_typed: Which clips may answer by containing what was typed.
            held: The clips that contain the question's phrases, which alone may answer; None
                when it has none.
        """
        self._depth, self._where, self._held = depth, where, held
        self._within = where = where if held is None else replace(where, among=frozenset(held))
        self._typed, self._where_typed = question.typed, where_typed
        self._terms = content_terms(question.words)
        self._sought = " ".join(self._terms)
        self._near = {
            space: _workers().submit(index.nearest, space, probe.vector, limit=depth, where=within)
            for space, probe in question.probes.items()
            if (within := narrowed(where, space)) is not None
        }
        self._matching = (
            _workers().submit(index.matching, self._sought, limit=depth, where=where)
            if self._sought
            else None
        )

    def found(self, words: WordStore, memory: Memory) -> Found:
        """Ask the journal's words too, and collect what every way found.

        Args:
            words: Answers for the string as typed, and for clips that the index does not have.
            memory: What is searched.

        Raises:
            IndexUnavailableError: If the index cannot be reached.
        """
        exact = [
            words.containing(each, limit=self._depth, where=self._where_typed)
            for each in self._typed
        ]
        lagging = (
            words.match_words(self._sought, limit=self._depth, where=self._within)
            if memory.index_lags
            else []
        )
        having = (
            words.having(self._terms, hidden=self._where.hidden)
            if Space.SENTENCE in self._near
            else {}
        )
        found = self._matching.result() if self._matching else []
        near = {space: future.result() for space, future in self._near.items()}
        known = {match.id for match in found}
        return Found(
            near=near,
            words=[*found, *(match for match in lagging if match.id not in known)],
            exact=exact,
            held=[*(self._held or ())],
            ends=[
                *(way[-1].id for way in (*near.values(), found) if len(way) >= self._depth),
                *(clip_id for ids in exact for clip_id in ids[self._depth - 1 :]),
            ],
            spread=Spread(memory.total, having),
        )
