"""From what each way found to one list: a probability a clip, or ranks where there is none."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from weavclip.domain.query import Way

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from uuid import UUID

EXACT = 0.99
"""Relevance of a clip that contains the question as it was typed: over all others."""
MOST = 0.98
"""The most that any other clip gets."""
_RANK_OFFSET = 60  # reciprocal rank fusion's usual constant, Cormack, Clarke and Buettcher 2009


@dataclass(frozen=True, slots=True)
class Finding:
    """One way that found one clip.

    Attributes:
        clip_id: The clip's.
        way: How.
        value: As the index said it: distance, BM25, or 1.0 for exact.
        chance: Probability in [0, 1] that the clip answers; None without calibration.
        rank: 0 for the best of this way; None for what stood behind the end of its list.
        words: The question's words that the clip holds, where words found it.
        counts: A way whose value is in this chance already; None for none.
        is_literal: The clip contains all that was typed, signs included.
    """

    clip_id: UUID
    way: Way
    value: float
    chance: float | None
    rank: int | None
    words: tuple[str, ...] = field(default=(), repr=False)
    counts: Way | None = None
    is_literal: bool = False


@dataclass(frozen=True, slots=True)
class Fused:
    """A clip and all the ways that found it.

    Attributes:
        clip_id: The clip's.
        relevance: Probability in [0, 1]; None if a way had none to give.
        ways: The best finding of each way.
        standing: Reciprocal ranks added up: the order where there is no probability, and among
            equals.
    """

    clip_id: UUID
    relevance: float | None
    ways: Mapping[Way, Finding] = field(repr=False)
    standing: float

    @property
    def is_exact(self) -> bool:
        """Whether it contains the question as typed, not merely inside of another word."""
        return _is_exact(self.ways)

    @property
    def is_literal(self) -> bool:
        """Whether it contains all that was typed, signs included."""
        return any(found.is_literal for found in self.ways.values())

    @property
    def distance(self) -> float | None:
        """Least cosine distance in any space; None where it has no vector."""
        distances = [
            found.value for way, found in self.ways.items() if way not in (Way.WORDS, Way.EXACT)
        ]
        return min(distances, default=None)


def combined(chances: Iterable[float]) -> float:
    """One probability from those of several ways that find a clip together.

    The ways are not independent (a text whose meaning fits shares words), so noisy-or promises
    too much; the largest alone forgets that two ways agree. So the k-th largest counts by
    1 / 2**k: ``1 - (1-p0) * (1-p1)**(1/2) * (1-p2)**(1/4) ...``. At least the largest, at most
    noisy-or, rising in each, and the order does not matter. On captions it ranks like the
    largest alone and like noisy-or (NDCG@10 0.917, 0.918, 0.918: scripts/benchmarks/fusing).

    >>> round(combined([0.5, 0.5]), 3)
    0.646
    >>> combined([0.3])
    0.3
    """
    ordered = sorted(chances, reverse=True)
    if len(ordered) == 1:
        return ordered[0]
    missed = 1.0
    for place, chance in enumerate(ordered):
        missed *= (1 - chance) ** (0.5**place)
    return 1 - missed


def moved(chance: float, by: float) -> float:
    """A probability with ``by`` added to its exponent.

    >>> round(moved(0.5, -1.0), 3)
    0.269
    >>> moved(1.0, -1.0)
    1.0
    """
    raised = chance * math.exp(by)
    return raised / (1 - chance + raised)


def fuse(findings: Iterable[Finding], *, among: float = 0.0) -> list[Fused]:
    """Join findings by clip, best first; their order and repeats change nothing.

    First the clips that contain all that was typed, then those that are as sure, then by
    probability (by reciprocal ranks if any finding lacks one), then by rank, then the newest.

    Args:
        findings: Of any clips, by any ways.
        among: What the number of clips that may answer adds to the exponent of a probability.
    """
    by_clip: dict[UUID, dict[Way, Finding]] = {}
    for found in findings:
        ways = by_clip.setdefault(found.clip_id, {})
        if found.way not in ways or _place(found) < _place(ways[found.way]):
            ways[found.way] = found
    ranked = any(found.chance is None for ways in by_clip.values() for found in ways.values())
    fused = [
        _joined(clip_id, ways, None if ranked else _relevance(ways, among))
        for clip_id, ways in by_clip.items()
    ]
    # Ids are time-ordered: the largest is the newest.
    return sorted(fused, key=_order, reverse=True)


def _place(found: Finding) -> tuple[bool, float, float, float]:
    rank = math.inf if found.rank is None else found.rank
    return (not found.is_literal, -(found.chance or 0.0), rank, found.value)


def _joined(clip_id: UUID, ways: dict[Way, Finding], relevance: float | None) -> Fused:
    ranks = [found.rank for _, found in sorted(ways.items()) if found.rank is not None]
    standing = sum(1 / (_RANK_OFFSET + rank) for rank in ranks)
    return Fused(clip_id, relevance, ways, standing)


def _relevance(ways: Mapping[Way, Finding], among: float) -> float:
    if _is_exact(ways):
        return EXACT
    counted = {found.counts for found in ways.values()}
    chances = [found.chance or 0.0 for way, found in ways.items() if way not in counted]
    return min(MOST, moved(combined(chances), among))


def _is_exact(ways: Mapping[Way, Finding]) -> bool:
    return Way.EXACT in ways and (ways[Way.EXACT].chance or 0.0) >= EXACT


def _order(fused: Fused) -> tuple[bool, bool, float, float, int]:
    return (
        fused.is_literal,
        fused.is_exact,
        fused.relevance or 0.0,
        fused.standing,
        fused.clip_id.int,
    )
