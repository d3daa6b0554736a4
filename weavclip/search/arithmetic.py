"""One question out of several: what is nearer to these and farther from those."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from weavclip.domain.errors import QueryError
from weavclip.domain.vectors import Logistic
from weavclip.search.centre import normalised

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from weavclip.domain.query import Space
    from weavclip.domain.vectors import Embedding
    from weavclip.search.question import Probe, Question

_LEAST_LENGTH = 1e-3
"""Of a sum, of vectors of length 1; under it rounding alone says where it points."""


def combined(parts: Sequence[tuple[float, Question]]) -> Question:
    """Add questions up by their weights; the first one's words stay what was typed.

    Each vector has its own modality's mean out, so that words and pictures add up around one
    middle. What is near to all of several wanted things is near to their sum.

    Args:
        parts: Each with its weight, not 0; with a negative one it is what is not meant.

    Raises:
        QueryError: If they cancel each other out.
    """
    questions = [question for _, question in parts]
    spaces = set.intersection(*(set(question.probes) for question in questions))
    wanted = [question.words for weight, question in parts if weight > 0 and question.words]
    return replace(
        questions[0],
        words=" ".join(wanted),
        probes={space: _sum(parts, space) for space in sorted(spaces)},
        without=frozenset().union(*(question.without for question in questions)),
        notes=tuple(dict.fromkeys(note for each in questions for note in each.notes)),
        encode_ms=math.fsum(question.encode_ms for question in questions),
    )


def _sum(parts: Sequence[tuple[float, Question]], space: Space) -> Probe:
    probes = [(weight, question.probes[space]) for weight, question in parts]
    whole: Embedding = np.sum([weight * probe.vector for weight, probe in probes], axis=0)
    if np.linalg.norm(whole) < _LEAST_LENGTH * max(abs(weight) for weight, _ in probes):
        message = "what is added and what is taken away cancel each other out"
        raise QueryError(message, hint="give them other weights, as in --minus 'photo*0.5'")
    return replace(probes[0][1], vector=normalised(whole), chance=_mean(probes))


def _mean(probes: Iterable[tuple[float, Probe]]) -> Logistic | None:
    """Between what the parts' cosines mean, by their weights; None if one says nothing."""
    weighed = [(abs(weight), probe.chance) for weight, probe in probes]
    whole = math.fsum(weight for weight, _ in weighed)
    slope = intercept = 0.0
    for weight, logistic in weighed:
        if logistic is None:
            return None
        slope += weight / whole * logistic.slope
        intercept += weight / whole * logistic.intercept
    return Logistic(slope, intercept)
