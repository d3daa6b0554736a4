"""What a benchmark says: one line a stage."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    Numbers = NDArray[np.floating]

MEANS_HEADING = f"{'stage':<68} {'n':>5} {'mean':>7} {'95 % interval':>16} unit"
RESAMPLED = 2000
"""Times that the questions are drawn anew, with replacement, for an interval."""
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Mean:
    """One figure over many questions, with a bootstrap interval.

    Attributes:
        stage: What was measured.
        n: Questions.
        mean: In ``unit``.
        low: Lower end of the 95 % interval.
        high: Upper end.
        unit: Such as ``NDCG@10``.
        note: What explains it; empty for nothing.
        parts: The same figure of parts of the questions, by name.
    """

    stage: str
    n: int
    mean: float
    low: float
    high: float
    unit: str
    note: str = ""
    parts: dict[str, float] = field(default_factory=dict)

    def __str__(self) -> str:
        parts = ", ".join(f"{name} {value:.3f}" for name, value in self.parts.items())
        end = "  ".join(each for each in (self.unit, parts, self.note) if each)
        interval = f"{self.low:.3f} to {self.high:.3f}"
        return f"{self.stage:<68} {self.n:>5} {self.mean:>7.3f} {interval:>16} {end}"


def mean_of(
    stage: str,
    values: Numbers,
    *,
    unit: str,
    of: NDArray[np.int_] | None = None,
    note: str = "",
    parts: dict[str, float] | None = None,
) -> Mean:
    """The mean of one value a question; :func:`figure_of` has the arguments."""
    mean = partial(np.mean, dtype=float)
    return figure_of(stage, values, mean, unit=unit, of=of, note=note, parts=parts)


def figure_of(
    stage: str,
    values: Numbers,
    figure: Callable[[Numbers], float],
    *,
    unit: str,
    of: NDArray[np.int_] | None = None,
    note: str = "",
    parts: dict[str, float] | None = None,
) -> Mean:
    """Any figure of the questions' values, such as the ratio of two means.

    Args:
        stage: What is measured.
        values: Shape (n,) or (n, k): a row a question.
        figure: Of any selection of the rows.
        unit: Of the figure.
        of: Shape (n,): questions about one thing are drawn together; None when each stands alone.
        note: What explains it.
        parts: The figure of parts of the questions.
    """
    rng = np.random.default_rng(0)
    of = np.arange(len(values)) if of is None else of
    together = [np.flatnonzero(of == each) for each in np.unique(of)]
    drawn = [
        figure(values[np.concatenate([together[at] for at in places])])
        for places in rng.integers(len(together), size=(RESAMPLED, len(together)))
    ]
    low, high = np.percentile(drawn, [2.5, 97.5])
    return Mean(
        stage=stage,
        n=len(values),
        mean=float(figure(values)),
        low=float(low),
        high=float(high),
        unit=unit,
        note=note,
        parts=parts or {},
    )
