"""What a person's corrections teach: for a label a linear head on the vectors that are stored."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from weavclip.domain.vectors import Embedding, Embeddings

    Numbers = NDArray[np.float64]

LEAST_EXAMPLES = 5
"""Of clips that have a label, and of clips that have not, before a head is fitted."""
FOLDS = 5
STRENGTHS = (0.3, 3.0, 30.0)
"""Of the data against the L2 penalty, tried by cross-validation: for vectors of norm 1."""
_MOST_STEPS = 50
_LEAST_GAIN = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """A probability out of a raw vector.

    Attributes:
        weights: Shape (dim,).
        offset: Added before the logistic function.
        positives: Clips with the label that it was fitted to.
        negatives: Clips without.
        accuracy: Cross-validated, in [0, 1]: the mean of the shares that were right among those
            with and those without the label, so that saying nothing is 0.5.
    """

    weights: Embedding = field(repr=False)
    offset: float
    positives: int
    negatives: int
    accuracy: float

    def chance(self, vector: Embedding) -> float:
        """The probability in [0, 1] that a clip with this raw vector has the label."""
        return float(_chances(np.asarray([self.weights @ vector + self.offset]))[0])


def fit(vectors: Embeddings, truths: NDArray[np.bool_]) -> Head | None:
    """Fit a head by logistic regression with an L2 penalty, both sides weighing the same.

    Args:
        vectors: Shape (n, dim), raw, norm 1.
        truths: Shape (n,): whether each has the label.

    Returns:
        None where either side has under ``LEAST_EXAMPLES``.
    """
    positives = int(truths.sum())
    negatives = len(truths) - positives
    if min(positives, negatives) < LEAST_EXAMPLES:
        return None
    centre = vectors.mean(axis=0)
    rows, basis = _own_axes(np.asarray(vectors - centre, np.float64))
    judged = {strength: _cross_validated(rows, truths, strength) for strength in STRENGTHS}
    best = max(judged, key=lambda strength: (judged[strength], -strength))
    found = _regression(rows, truths, strength=best)
    weights = basis @ found[:-1]
    return Head(
        weights=weights.astype(np.float32),
        offset=float(found[-1] - weights @ centre),
        positives=positives,
        negatives=negatives,
        accuracy=round(judged[best], 4),
    )


def _own_axes(rows: Numbers) -> tuple[Numbers, Numbers]:
    """Rows in the axes that they span, and those axes: (n, r) and (dim, r).

    An L2 penalty keeps the weights inside of that span, so nothing is lost, and Newton's method
    has to solve for as many numbers as there are examples at most.
    """
    left, sizes, right = np.linalg.svd(rows, full_matrices=False)
    kept = sizes > 1e-9 * max(float(sizes.max(initial=0.0)), 1e-12)
    return left[:, kept] * sizes[kept], right[kept].T


def _cross_validated(rows: Numbers, truths: NDArray[np.bool_], strength: float) -> float:
    fold = np.empty(len(truths), int)
    for side in (True, False):  # each fold has some of both
        own = np.flatnonzero(truths == side)
        fold[own] = np.arange(len(own)) % FOLDS
    said = np.empty(len(truths), bool)
    for each in range(FOLDS):
        inside = fold == each
        found = _regression(rows[~inside], truths[~inside], strength=strength)
        said[inside] = rows[inside] @ found[:-1] + found[-1] > 0
    right = said == truths
    return float((right[truths].mean() + right[~truths].mean()) / 2)


def _regression(rows: Numbers, truths: NDArray[np.bool_], *, strength: float) -> Numbers:
    """Weights and offset, shape (r + 1,): Newton's method, each step halved until it gains."""
    design = np.hstack([rows, np.ones((len(rows), 1))])
    weight = strength * len(truths) / 2 / np.where(truths, truths.sum(), (~truths).sum())
    penalty = np.append(np.ones(rows.shape[1]), 1e-6)  # the offset is free
    found = np.zeros(design.shape[1])

    def loss(at: Numbers) -> float:
        values = design @ at
        return float(weight @ (np.logaddexp(0, values) - truths * values) + penalty @ at**2 / 2)

    before = loss(found)
    for _ in range(_MOST_STEPS):
        chances = _chances(design @ found)
        gradient = design.T @ (weight * (chances - truths)) + penalty * found
        curvature = (design * (weight * chances * (1 - chances))[:, None]).T @ design
        step = np.linalg.solve(curvature + np.diag(penalty), gradient)
        while (after := loss(found - step)) > before and np.abs(step).max() > _LEAST_GAIN:
            step = step / 2
        if before - after < _LEAST_GAIN:
            break
        found, before = found - step, after
    return found


def _chances(values: Numbers) -> Numbers:
    return np.asarray(1 / (1 + np.exp(-np.clip(values, -500, 500))))
