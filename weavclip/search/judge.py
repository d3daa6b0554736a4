"""How well a calibration does on pictures that it was not made from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from weavclip.domain.query import Space
from weavclip.search.crowd import chance_of, shift, words_among_pictures, words_among_texts

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from weavclip.domain.vectors import Calibration, Logistic
    from weavclip.search.pairs import CalibrationVectors, Pairs

    Numbers = NDArray[np.floating]
    FitOn = Callable[[CalibrationVectors], Calibration]

_DEPTH = 10
_BINS = 10
_LEAST = 1e-9


def crossed(
    vectors: CalibrationVectors, fit_on: FitOn, *, folds: int
) -> list[tuple[CalibrationVectors, Calibration]]:
    """For each fold its pictures, captions and half of the phrases, and what the rest gave.

    The vectors have the means out that were found without them.
    """
    rows = np.arange(len(vectors.pictures))
    found = []
    for fold in range(folds):
        inside = rows % folds == fold
        known = fit_on(vectors.part(rows[~inside], slice(0, None, 2)))
        unseen = vectors.part(rows[inside], slice(1, None, 2))
        found.append((unseen.centred(known.means), known))
    return found


def figures(judged: Sequence[tuple[CalibrationVectors, Calibration]]) -> dict[str, float]:
    """The means of the figures of each fold, from :func:`crossed`.

    Returns:
        ``ndcg_at_10`` of one list of pictures and texts, ``ndcg_pictures`` and ``ndcg_texts`` by
        the target's modality (a caption asks for its picture, or for another caption of it when
        its picture is not there), and for words to pictures and words to texts the ``log_loss``
        and the ``calibration_error`` (mean distance of probability and frequency over ten bins
        of equal weight), both with negatives weighted as in a memory.
    """
    found = [_fold_figures(unseen, known) for unseen, known in judged]
    names = found[0]
    return {name: round(float(np.mean([each[name] for each in found])), 4) for name in names}


def _fold_figures(unseen: CalibrationVectors, known: Calibration) -> dict[str, float]:
    pictures, texts = mixed_ndcg(unseen, known)
    named = {"ndcg_at_10": (pictures + texts) / 2, "ndcg_pictures": pictures, "ndcg_texts": texts}
    for space, asked in (
        (Space.IMAGE, words_among_pictures(unseen)),
        (Space.TEXT, words_among_texts(unseen)),
    ):
        pairs = asked.pairs()
        shifts = np.array([shift(known.crowds.get(space), each) for each in asked.questions])
        chances = chances_of(pairs, known.words_to[space], asked.along(shifts))
        named[f"{space}_log_loss"] = log_loss(pairs, chances)
        named[f"{space}_calibration_error"] = calibration_error(pairs, chances)
    return named


def mixed_ndcg(centred: CalibrationVectors, known: Calibration) -> tuple[float, float]:
    """NDCG@10 of targets that are pictures, and of targets that are texts, in one list.

    The store holds every other picture, and one caption of each of the rest among the phrases;
    then the other way round. Each picture's first caption asks.
    """
    first, second = two_captions(centred)
    rows = np.flatnonzero(second >= 0)
    gains: tuple[list[float], list[float]] = ([], [])
    for turn in (0, 1):
        shown, told = rows[turn::2], rows[1 - turn :: 2]
        texts = np.vstack([centred.captions[second[told]], centred.phrases])
        for place, target in enumerate((*shown, *told)):
            asked = centred.captions[first[target]]
            values = np.concatenate(
                [
                    exponents(
                        chance_of(known, Space.IMAGE, asked), centred.pictures[shown] @ asked
                    ),
                    exponents(chance_of(known, Space.TEXT, asked), texts @ asked),
                ]
            )
            gains[place >= len(shown)].append(gain(values, place))
    return float(np.mean(gains[0])), float(np.mean(gains[1]))


def gain(values: Numbers, wanted: int) -> float:
    """NDCG@10 of a list with one right answer: ``1 / log2(rank + 1)``, equals counted against."""
    better = int((np.delete(values, wanted) >= values[wanted]).sum())
    return 1 / float(np.log2(better + 2)) if better < _DEPTH else 0.0


def two_captions(centred: CalibrationVectors) -> NDArray[np.int_]:
    """Rows of each picture's first and second caption, shape (2, n); -1 where there is none."""
    rows = np.full((2, len(centred.pictures)), -1)
    for picture in range(len(centred.pictures)):
        own = np.flatnonzero(centred.captions_of == picture)[:2]
        rows[: len(own), picture] = own
    return rows


def exponents(logistic: Logistic, cosines: Numbers) -> Numbers:
    """What the logistic function makes a probability of; sorts as it does, without rounding."""
    return np.asarray(logistic.slope * cosines + logistic.intercept)


def chances_of(pairs: Pairs, logistic: Logistic, shifts: Numbers | float = 0.0) -> Numbers:
    """The probability of each pair, kept off 0 and 1 by a billionth.

    Args:
        pairs: Shape (n,).
        logistic: Of their cosines.
        shifts: What each pair's question adds, shape (n,).
    """
    clipped = np.clip(exponents(logistic, pairs.cosines) + shifts, -500, 500)
    return np.asarray(np.clip(1 / (1 + np.exp(-clipped)), _LEAST, 1 - _LEAST))


def log_loss(pairs: Pairs, chances: Numbers) -> float:
    """Mean weighted log loss in nats; 0.031 is what knowing only the share of answers gives."""
    losses = pairs.truths * np.log(chances) + (1 - pairs.truths) * np.log(1 - chances)
    return -float(np.average(losses, weights=pairs.weights))


def calibration_error(pairs: Pairs, chances: Numbers) -> float:
    """Mean distance of probability and frequency, over ten bins from 0 to 1 by weight."""
    bins = np.minimum((chances * _BINS).astype(int), _BINS - 1)
    gaps = np.bincount(bins, weights=pairs.weights * (chances - pairs.truths), minlength=_BINS)
    return float(np.abs(gaps).sum() / pairs.weights.sum())
