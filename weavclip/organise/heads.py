"""What a person's corrections teach: for the labels of a group a linear head on stored vectors."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from weavclip.organise.zero_shot import softmax

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from weavclip.domain.vectors import Embedding, Embeddings

    Numbers = NDArray[np.float64]

LEAST_EXAMPLES = 5
"""Twice as many are due before a group is fitted, and so many with another answer than most."""
SURE_AT = 0.5
"""Least probability of a label that was taught: what is right more often than wrong."""
NONE = ""
"""Stands for none of a group's labels, which is an answer, too."""
RIDGES = (0.03, 0.1, 0.3, 1.0, 3.0)
"""L2 penalties against the squared error of all examples: for vectors of norm 1."""
SLOPES = tuple(np.geomspace(1, 40, 12).tolist())
"""What a softmax multiplies the head's values by, which lie between 0 and 1."""
TRUSTS = (0.0, 0.25, 0.5, 0.75, 1.0)
"""Powers of what the labels' sentences say, from not at all to as it is."""
_LEAST_CHANCE = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """What was learned of one label.

    Attributes:
        positives: Clips with the label.
        negatives: Clips of which it is known that they have not.
        accuracy: On each of these as if it had not been seen, in [0, 1]: the mean of the shares
            that were right among those with and those without, so that saying nothing is 0.5.
    """

    positives: int
    negatives: int
    accuracy: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """Probabilities of a group's labels out of a raw vector and of what their sentences say.

    Attributes:
        answers: The labels, and :data:`NONE`.
        weights: Shape (k, dim).
        offsets: Shape (k,).
        trust: Power of the probabilities by sentences; 0 where there are none.
        lessons: By label, of those that clips were given or refused.
    """

    answers: tuple[str, ...]
    weights: Embeddings = field(repr=False)
    offsets: Numbers = field(repr=False)
    trust: float
    lessons: Mapping[str, Lesson]

    def chances(self, vector: Embedding, by_sentences: Mapping[str, float]) -> dict[str, float]:
        """The probability of each label.

        Args:
            vector: Raw, shape (dim,).
            by_sentences: Those that the labels' sentences give it, where they have any.
        """
        (prior,) = _log_priors([by_sentences], self.answers)
        chances = softmax(self.weights @ vector + self.offsets + self.trust * prior)
        return {
            name: float(each)
            for name, each in zip(self.answers, chances, strict=True)
            if name != NONE
        }


def fit(
    vectors: Embeddings, truths: Sequence[str], by_sentences: Sequence[Mapping[str, float]]
) -> Head | None:
    """Fit all labels of a group at once, from one factorisation of their examples.

    Least squares with an L2 penalty, each answer weighing the same, say in closed form what they
    would make of each example had it been left out. On that the penalty is chosen, and how far
    head and sentences are to be trusted: by the log loss of a softmax over both.

    Args:
        vectors: Shape (n, dim), raw, norm 1.
        truths: The label of each; :data:`NONE` for none of the group.
        by_sentences: For each the probabilities by the labels' sentences; empty without.

    Returns:
        None of fewer than ten examples, or where fewer than five (``LEAST_EXAMPLES``) have
        another answer than most.

    References:
        Leave-one-out residuals: Hastie et al., The Elements of Statistical Learning, 7.10.
    """
    answers, is_true = _answered(truths, by_sentences)
    positives = is_true.sum(axis=0)
    others = len(is_true) - positives.max()
    if len(is_true) < 2 * LEAST_EXAMPLES or others < LEAST_EXAMPLES:
        return None
    known = _Examples.of(np.asarray(vectors, float), is_true)
    priors = _log_priors(by_sentences, answers)
    trusts = TRUSTS if any(by_sentences) else (0.0,)
    best = min(_tried(known, priors, trusts), key=lambda each: each.loss)
    weights = best.slope * known.directions(best.ridge)
    chances = softmax(best.slope * known.unseen(best.ridge) + best.trust * priors)
    lessons = {
        answers[place]: _lesson(chances, is_true, place)
        for place, count in enumerate(positives[:-1])
        if count
    }
    return Head(
        answers=answers,
        weights=weights.astype(np.float32),
        offsets=-weights @ known.centre,
        trust=best.trust,
        lessons=lessons,
    )


def _answered(
    truths: Sequence[str], by_sentences: Sequence[Mapping[str, float]]
) -> tuple[tuple[str, ...], NDArray[np.bool_]]:
    """Every answer that may be given, and which one is true of each example: (n, k)."""
    labels = {*truths, *(name for each in by_sentences for name in each)} - {NONE}
    answers = (*sorted(labels), NONE)
    return answers, np.asarray(truths)[:, None] == np.array(answers)[None, :]


@dataclass(frozen=True, slots=True)
class _Examples:
    """Examples in the axes that they span, each answer's together weighing as much as another's.

    Attributes:
        is_true: Shape (n, k).
        weights: Shape (n,); their mean is 1.
        centre: Shape (dim,), weighted.
        left: Shape (n, r), of the weighted rows' singular value decomposition.
        sizes: Shape (r,).
        right: Shape (r, dim).
    """

    is_true: NDArray[np.bool_]
    weights: Numbers
    centre: Numbers
    left: Numbers
    sizes: Numbers
    right: Numbers

    @classmethod
    def of(cls, vectors: Numbers, is_true: NDArray[np.bool_]) -> _Examples:
        counts = is_true.sum(axis=0)
        weights = len(vectors) / np.count_nonzero(counts) / (is_true @ counts)
        centre = weights @ vectors / len(vectors)
        rows = np.sqrt(weights)[:, None] * (vectors - centre)
        return cls(is_true, weights, centre, *np.linalg.svd(rows, full_matrices=False))

    def unseen(self, ridge: float) -> Numbers:
        """What would be said of each example had it been left out: shape (n, k)."""
        root = np.sqrt(self.weights)[:, None]
        kept = self.sizes**2 / (self.sizes**2 + ridge)
        wanted = self._wanted()
        said = self.left @ (kept[:, None] * (self.left.T @ (root * wanted))) / root
        leverage = (self.left**2 @ kept + self.weights / len(wanted))[:, None]
        return np.asarray(wanted - (wanted - said) / np.maximum(1 - leverage, 1e-9))

    def directions(self, ridge: float) -> Numbers:
        """Weights for every answer: shape (k, dim)."""
        along = self.left.T @ (np.sqrt(self.weights)[:, None] * self._wanted())
        return np.asarray(((self.sizes / (self.sizes**2 + ridge))[:, None] * along).T @ self.right)

    def _wanted(self) -> Numbers:
        return np.asarray(self.is_true - self.weights @ self.is_true / len(self.weights))


@dataclass(frozen=True, slots=True)
class _Tried:
    """One choice of numbers, and the log loss of examples that it has not seen."""

    ridge: float
    slope: float
    trust: float
    loss: float


def _tried(known: _Examples, priors: Numbers, trusts: Sequence[float]) -> Iterator[_Tried]:
    # A little of every answer is true, or a few examples that are easily parted would be sure.
    doubt = 1 / (len(priors) + 1)
    targets = (1 - doubt) * known.is_true + doubt / known.is_true.shape[1]
    for ridge in RIDGES:
        unseen = known.unseen(ridge)
        for slope, trust in itertools.product(SLOPES, trusts):
            exponents = slope * unseen + trust * priors
            top = exponents.max(axis=1)
            sums = np.exp(exponents - top[:, None]).sum(axis=1)
            losses = top + np.log(sums) - (targets * exponents).sum(axis=1)
            yield _Tried(ridge, slope, trust, float(known.weights @ losses))


def _log_priors(by_sentences: Sequence[Mapping[str, float]], answers: Sequence[str]) -> Numbers:
    """Shape (n, k): an answer that no sentence speaks of is as likely as any."""
    found = np.full((len(by_sentences), len(answers)), 1 / len(answers))
    for row, chances in zip(found, by_sentences, strict=True):
        if chances:
            row[:-1] = [chances.get(name, 1 / len(answers)) for name in answers[:-1]]
            row[-1] = 1 - sum(chances.values())
    return np.asarray(np.log(np.maximum(found, _LEAST_CHANCE)))


def _lesson(chances: Numbers, is_true: NDArray[np.bool_], place: int) -> Lesson:
    has_it = is_true[:, place]
    right = (chances[:, place] >= SURE_AT) == has_it
    return Lesson(
        positives=int(has_it.sum()),
        negatives=int((~has_it).sum()),
        accuracy=round(float((right[has_it].mean() + right[~has_it].mean()) / 2), 4),
    )
