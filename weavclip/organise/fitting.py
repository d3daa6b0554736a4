"""What makes probabilities of labels out of cosines, found where the right labels are known."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from weavclip.domain.vectors import LabelFit
from weavclip.organise.zero_shot import ensembles, logits, softmax

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from weavclip.domain.vectors import Embedding, Embeddings
    from weavclip.organise.zero_shot import Prompted

    Numbers = NDArray[np.float64]

FOLDS = 5
BINS = 10
_SCALES = np.geomspace(2, 400, 48)
_RAISES = np.linspace(-8, 8, 33)


def fit_labels(
    classes: Sequence[Prompted],
    embed_texts: Callable[[Sequence[str]], Embeddings],
    vectors: Embeddings,
    truths: Sequence[str],
    *,
    mean: Embedding | None,
) -> dict[str, LabelFit]:
    """Find the scale of a group's softmax, and how likely none of its labels is.

    The best mean log loss of those on a grid: there are two numbers, and no start to go wrong.

    Args:
        classes: Labels and what is none of them.
        embed_texts: The model's, for their sentences.
        vectors: Shape (n, dim), raw, of pictures or texts.
        truths: The label of each, all of one group; empty for none of it.
        mean: Taken out of the vectors; None takes none out.

    Returns:
        The fit, by the name of that group.

    Raises:
        ValueError: If none of the labels is known, or they are of several groups.
    """
    groups = {each.group for each in classes if each.name and each.name in truths}
    if len(groups) != 1:
        message = f"a fit needs labels of one group, got {len(groups)}"
        raise ValueError(message)
    (group,) = groups
    own = [each for each in classes if each.group == group]
    names, said = np.array([each.name for each in own]), np.asarray(truths)
    cosines = logits(vectors, ensembles(own, embed_texts), mean=mean, scale=1.0)
    error = _cross_validated(cosines, names, said)
    return {group: replace(_best(cosines, names, said), error=round(error, 4))}


def _cross_validated(cosines: Numbers, names: NDArray[np.str_], said: NDArray[np.str_]) -> float:
    fold = np.arange(len(said)) % FOLDS
    sure, right = np.empty(len(said)), np.empty(len(said), bool)
    for each in range(FOLDS):
        inside = fold == each
        found = _best(cosines[~inside], names, said[~inside])
        sure[inside], right[inside] = _judged(cosines[inside], names, said[inside], found)
    return calibration_error(sure, right)


def calibration_error(sure: Numbers, right: NDArray[np.bool_]) -> float:
    """Expected calibration error: in ten bins of sureness, how far from it the share right is.

    Args:
        sure: Shape (n,), probabilities of what was said.
        right: Shape (n,).

    References:
        Guo et al. 2017, arXiv:1706.04599, section 2.
    """
    bins = np.minimum((sure * BINS).astype(int), BINS - 1)
    return float(np.abs(np.bincount(bins, weights=sure - right)).sum() / len(sure))


def _best(cosines: Numbers, names: NDArray[np.str_], truths: NDArray[np.str_]) -> LabelFit:
    # Where each has a label nothing is known of what has none: it keeps its place.
    raises = _RAISES if (truths == "").any() else (0.0,)
    tried = (
        LabelFit(scale=float(scale), none=float(raised))
        for scale, raised in itertools.product(_SCALES, raises)
    )
    is_true = truths[:, None] == names[None, :]
    return min(tried, key=lambda fit: _log_loss(_chances(cosines, names, fit), is_true))


def _log_loss(chances: Numbers, is_true: NDArray[np.bool_]) -> float:
    return float(-np.log(np.maximum((chances * is_true).sum(axis=1), 1e-12)).mean())


def _chances(cosines: Numbers, names: NDArray[np.str_], fit: LabelFit) -> Numbers:
    return softmax(fit.scale * cosines + np.where(names == "", fit.none, 0.0))


def _judged(
    cosines: Numbers, names: NDArray[np.str_], truths: NDArray[np.str_], fit: LabelFit
) -> tuple[Numbers, NDArray[np.bool_]]:
    """The probability of the likeliest answer, none of them among these, and whether it is so."""
    answers = np.unique(names)
    chances = _chances(cosines, names, fit)
    by_answer = np.stack([chances[:, names == each].sum(axis=1) for each in answers], axis=1)
    return by_answer.max(axis=1), answers[by_answer.argmax(axis=1)] == truths
