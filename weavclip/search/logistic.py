"""Fitting a probability to measured values."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from weavclip.domain.vectors import Logistic

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

RIDGE = 1e-5
"""Weight of each squared slope (of the standardised value) against a mean log loss of weight 1.

Data that a threshold parts without error has no finite best slope; this gives it one. On real
cosines it costs less than 1 % of the slope.
"""
_MOST_STEPS = 100
_LEAST_GAIN = 1e-12


def probability(logistic: Logistic, value: float) -> float:
    """The probability in [0, 1] that ``logistic`` gives ``value``.

    >>> probability(Logistic(slope=4.0, intercept=-2.0), 0.5)
    0.5
    """
    exponent = logistic.slope * value + logistic.intercept
    if exponent >= 0:
        return 1 / (1 + math.exp(-exponent))
    return math.exp(exponent) / (1 + math.exp(exponent))


def fit_logistic(
    values: NDArray[np.floating],
    truths: NDArray[np.floating],
    weights: NDArray[np.floating],
) -> Logistic:
    """Fit a rising probability by weighted log loss with a small ridge on the slope.

    Newton's method, each step halved until the loss falls: the plain step diverges with one
    positive among thousands.

    Args:
        values: Shape (n,), such as cosines.
        truths: Shape (n,), in [0, 1]: whether each is relevant.
        weights: Shape (n,), positive; only their ratios matter.

    Returns:
        Slope (at least 0: a nearer vector never fits less) and intercept in the unit of
        ``values``.

    Raises:
        ValueError: If there are no positives or no negatives.
    """
    (slope,), intercept = fit_linear(values[:, None], truths, weights, ridges=[RIDGE])
    if slope < 0:
        share = float(weights @ truths / weights.sum())
        return Logistic(slope=0.0, intercept=math.log(share / (1 - share)))
    return Logistic(slope=slope, intercept=intercept)


def fit_linear(
    values: NDArray[np.floating],
    truths: NDArray[np.floating],
    weights: NDArray[np.floating],
    *,
    ridges: Sequence[float],
) -> tuple[tuple[float, ...], float]:
    """The same for several measured values at once, each of which may count either way.

    Args:
        values: Shape (n, k).
        truths: Shape (n,), in [0, 1].
        weights: Shape (n,), positive.
        ridges: Of each slope.

    Returns:
        A slope for each of the values, and the intercept.

    Raises:
        ValueError: If there are no positives or no negatives.
    """
    weights = weights / weights.sum()
    share = float(weights @ truths)
    if not 0 < share < 1:
        message = f"a fit needs positives and negatives, got {share:.0%} positives"
        raise ValueError(message)
    centre = weights @ values
    deviation = np.sqrt(weights @ (values - centre) ** 2)
    spread = np.where(deviation > 0, deviation, 1.0)
    design = np.hstack([(values - centre) / spread, np.ones((len(values), 1))])
    start = np.append(np.zeros(values.shape[1]), math.log(share / (1 - share)))
    found = _newton(design, truths, weights, start=start, ridge=np.append(ridges, 0.0))
    slopes = found[:-1] / spread
    return tuple(slopes.tolist()), float(found[-1] - slopes @ centre)


def _newton(
    design: NDArray[np.floating],
    truths: NDArray[np.floating],
    weights: NDArray[np.floating],
    *,
    start: NDArray[np.floating],
    ridge: NDArray[np.floating],
) -> NDArray[np.floating]:
    def loss(at: NDArray[np.floating]) -> float:
        exponents = design @ at
        fit = weights @ (np.logaddexp(0, exponents) - truths * exponents)
        return float(fit + ridge @ at**2 / 2)

    found = start
    before = loss(found)
    for _ in range(_MOST_STEPS):
        step = _full_step(design, truths, weights, at=found, ridge=ridge)
        while (after := loss(found - step)) > before and np.abs(step).max() > _LEAST_GAIN:
            step = step / 2
        if before - after < _LEAST_GAIN:
            break
        found, before = found - step, after
    return found


def _full_step(
    design: NDArray[np.floating],
    truths: NDArray[np.floating],
    weights: NDArray[np.floating],
    *,
    at: NDArray[np.floating],
    ridge: NDArray[np.floating],
) -> NDArray[np.floating]:
    chances = 1 / (1 + np.exp(-np.clip(design @ at, -500, 500)))
    gradient = design.T @ (weights * (chances - truths)) + ridge * at
    curvature = (design * (weights * chances * (1 - chances))[:, None]).T @ design
    damping = np.diag(ridge + 1e-12)  # a saturated fit has no curvature of its own
    return np.asarray(np.linalg.solve(curvature + damping, gradient))
