"""What a benchmark says: one line a stage."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

HEADING = f"{'stage':<58} {'n':>7} {'median':>10} {'p95':>10} {'p99':>10} unit"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One measured stage.

    Attributes:
        stage: What was measured.
        n: How often; 1 for a count or a ratio.
        median: Of the values, in ``unit``; the value itself where there is one.
        p95: 95th percentile; None where there is one value.
        p99: 99th percentile; likewise.
        unit: Such as ``ms``, ``MB`` or ``ratio``.
        note: What it must be, or what explains it; empty for nothing.
    """

    stage: str
    n: int
    median: float
    p95: float | None = None
    p99: float | None = None
    unit: str
    note: str = ""

    def __str__(self) -> str:
        shown = [
            f"{value:>10.3f}" if value is not None else " " * 10
            for value in (self.median, self.p95, self.p99)
        ]
        end = f"{self.unit}  {self.note}".rstrip()
        return f"{self.stage:<58} {self.n:>7} {' '.join(shown)} {end}"


def row_of(stage: str, values: Sequence[float], *, unit: str, note: str = "") -> Row:
    """Median and percentiles (nearest rank) of at least one value."""
    ordered = sorted(values)

    def rank(share: float) -> float:
        return ordered[max(0, math.ceil(share * len(ordered)) - 1)]

    return Row(
        stage=stage,
        n=len(ordered),
        median=rank(0.5),
        p95=rank(0.95),
        p99=rank(0.99),
        unit=unit,
        note=note,
    )
