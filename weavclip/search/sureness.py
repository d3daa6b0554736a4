"""How sure a list may be: its probabilities among so many clips, and where answers end.

The best of 100,000 clips is not as sure as the best of 100: among more clips that do not answer
the nearest is nearer. Both numbers are found by asking a set's own questions in stores of several
sizes, that have an answer or have none, with means and probabilities made without those pictures.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from weavclip.domain.query import Space
from weavclip.domain.vectors import Logistic, Sureness
from weavclip.search.crowd import chance_of
from weavclip.search.fuse import moved
from weavclip.search.judge import exponents, two_captions
from weavclip.search.logistic import RIDGE, fit_linear, probability
from weavclip.search.pairs import CANDIDATES_PER_ANSWER

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from weavclip.domain.vectors import Calibration
    from weavclip.search.pairs import CalibrationVectors

    Numbers = NDArray[np.floating]

WITHOUT = 0.05
"""Where answers end for a model whose card does not say."""
LOSS = 0.05
"""Share of the set's own questions that get an empty list though their answer is stored."""
MOST = 0.5
"""Of a cut-off, however well a model parts its set: what is more likely than not answers."""
BEYOND = 0.5
"""What counts of the number of clips beyond the largest store that was tried, as a power: a larger
memory holds more that fits, too. Not measured: no set so large is at hand."""
SIZES = (10, 20, 40, 80, 160, 320)
TURNS = 8


def shift(sureness: Sureness | None, candidates: int) -> float:
    """What the number of clips that may answer adds to every exponent, at most 0.

    Few clips make nothing surer: of ten that are near to a question most would be certain.

    Args:
        sureness: Of the model; where it is not known the number adds nothing.
        candidates: 0 or more.
    """
    if sureness is None:
        return 0.0
    beyond = max(1.0, candidates / sureness.most) ** BEYOND
    counted = min(candidates, sureness.most) * beyond
    return -sureness.by_candidates * math.log(max(1.0, counted / sureness.usual))


def cut_off(sureness: Sureness | None, candidates: int) -> float:
    """The relevance under which a clip does not answer, among so many.

    It moves as the relevances do: a right answer is not lost because more is stored.
    """
    if sureness is None:
        return WITHOUT
    return moved(sureness.cut_off, shift(sureness, candidates))


def fit_sureness(judged: Sequence[tuple[CalibrationVectors, Calibration]]) -> Sureness:
    """Find both numbers.

    Args:
        judged: Pictures, captions and phrases, centred, each with what was made without them.
    """
    asked = [each for unseen, known in judged for each in _asked(unseen, known)]
    slope, most = _by_candidates(asked)
    bests = [max([*answers, float(others.max())]) for answers, others in asked]
    return Sureness(
        cut_off=min(MOST, probability(Logistic(1.0, 0.0), float(np.quantile(bests, LOSS)))),
        by_candidates=slope,
        usual=CANDIDATES_PER_ANSWER,
        most=most,
    )


def _asked(
    unseen: CalibrationVectors, known: Calibration
) -> Iterator[tuple[list[float], Numbers]]:
    """Each first caption's exponents: of its answers, and of all the rest.

    Twice with picture and second caption as answers, then with either of them.
    """
    first, second = two_captions(unseen)
    for row in np.flatnonzero(second >= 0):
        question = unseen.captions[first[row]]
        pictures = exponents(chance_of(known, Space.IMAGE, question), unseen.pictures @ question)
        by_text = chance_of(known, Space.TEXT, question)
        captions = exponents(by_text, unseen.captions @ question)
        others = np.concatenate(
            [
                np.delete(pictures, row),
                captions[second[(second >= 0) & (np.arange(len(second)) != row)]],
                exponents(by_text, unseen.phrases @ question),
            ]
        )
        shown, told = float(pictures[row]), float(captions[second[row]])
        yield from (([shown, told], others),) * 2
        yield [shown], others
        yield [told], others


def _by_candidates(asked: Sequence[tuple[list[float], Numbers]]) -> tuple[float, int]:
    """What the exponent loses by the logarithm of the number of clips, and the largest tried."""
    rng = np.random.default_rng(0)
    least = min(len(others) for _, others in asked)
    sizes = [size for size in SIZES if size <= least] or [least]
    bests, rights, logs = [], [], []
    for answers, others in asked:
        for size in sizes:
            for turn in range(TURNS):
                best = float(rng.choice(others, size, replace=False).max())
                answer = max(answers) if turn % 2 else -math.inf
                bests.append(max(best, answer))
                rights.append(float(answer > best))
                logs.append(math.log(size))
    design = np.stack([bests, logs], axis=1)
    if not 0 < sum(rights) < len(rights):
        return 0.0, sizes[-1]
    (by_best, by_log), _ = fit_linear(
        design, np.array(rights), np.ones(len(rights)), ridges=(RIDGE, RIDGE)
    )
    lost = -by_log / by_best if by_best > 0 else 0.0
    return min(max(lost, 0.0), 1.0), sizes[-1]
