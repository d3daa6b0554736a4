"""Asking each way side by side: a vector in each space, words, and the question as typed."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

from weavclip.search.terms import content_terms

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from weavclip.domain.ports import Index, WordStore
    from weavclip.domain.query import Filter, Match, Space
    from weavclip.search.question import Question

LEAST_DEPTH = 50
"""Clips asked of each way at least: a clip that two ways find in the middle may end up first."""
_THREADS = 4


@dataclass(frozen=True, slots=True)
class Found:
    """What each way found.

    Attributes:
        near: By space, nearest first.
        words: By BM25, best first.
        exact: Contain the question as typed, the last copied first.
    """

    near: Mapping[Space, list[Match]] = field(default_factory=dict)
    words: list[Match] = field(default_factory=list)
    exact: list[UUID] = field(default_factory=list)

    def clip_ids(self) -> list[UUID]:
        """Every clip that any way found, once."""
        by_way = [[match.id for match in matches] for matches in (*self.near.values(), self.words)]
        return list(dict.fromkeys(clip_id for ids in (*by_way, self.exact) for clip_id in ids))


@cache
def _workers() -> ThreadPoolExecutor:
    # One pool for the process: the journal keeps a connection for every thread that asks it.
    return ThreadPoolExecutor(_THREADS, thread_name_prefix="weavclip-search")


def retrieve(
    question: Question,
    *,
    index: Index,
    words: WordStore,
    limit: int,
    where: Filter,
    index_lags: bool,
) -> Found:
    """Ask every way that the question has.

    The index's calls wait for a server or run outside of Python's lock, so they go side by side.

    Args:
        question: What to ask with.
        index: Answers by vector and by words.
        words: Answers for the string as typed, and for clips that the index does not have yet.
        limit: Hits that are wanted; each way is asked for ``LEAST_DEPTH`` at least.
        where: Which clips may answer.
        index_lags: Some clips are not in the index; their words are asked of ``words``.

    Raises:
        IndexUnavailableError: If the index cannot be reached.
    """
    depth = min(1000, max(LEAST_DEPTH, limit + 1))
    near = {
        space: _workers().submit(index.nearest, space, probe.vector, limit=depth, where=where)
        for space, probe in question.probes.items()
    }
    sought = " ".join(content_terms(question.words))
    matching = (
        _workers().submit(index.matching, sought, limit=depth, where=where) if sought else None
    )
    exact = words.containing(question.words, limit=depth, where=where) if question.words else []
    lagging = words.match_words(sought, limit=depth, where=where) if sought and index_lags else []
    found = matching.result() if matching else []
    known = {match.id for match in found}
    return Found(
        near={space: future.result() for space, future in near.items()},
        words=[*found, *(match for match in lagging if match.id not in known)],
        exact=exact,
    )
