"""What words weigh beside meaning: fitted to corpora, and judged on each that was left out.

The likeliest weight is the one with which the right answers of the questions are the most probable
among all that meaning and words find, where each corpus counts alike. The corpora are those of
``text``; all other numbers are those that weavclip has.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

import numpy as np

from scripts.benchmarks.mixed import SHOWN
from scripts.benchmarks.rows import MEANS_HEADING, Mean, mean_of
from scripts.benchmarks.text import (
    MODEL_VARIABLE,
    SHARED,
    by_words,
    encoder_of,
    gain_at,
    having,
    meaning_of,
    near,
    read,
    table_of,
)
from scripts.benchmarks.vectors import shared_folder
from weavclip.search.chosen import WORDS
from weavclip.search.rarity import Spread, beside_meaning, told
from weavclip.search.terms import content_terms

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from scripts.benchmarks.text import Meaning

    Numbers = NDArray[np.floating]

HEADING = MEANS_HEADING
TRIED = np.arange(0.0, 0.0121, 0.0005)
SHARPNESS = (10.0, 14.0, 18.0, 24.0, 34.0)
"""What a cosine is multiplied with before candidates share one probability."""
_ONE = replace(WORDS, by_nat=1.0)


@dataclass(frozen=True, slots=True)
class Asked:
    """One question's candidates.

    Attributes:
        cosines: Shape (k,).
        words: Shape (k,): what words add at a weight of 1.
        right: The place of the answer; None where no way finds it.
    """

    cosines: Numbers
    words: Numbers
    right: int | None

    def likelihood(self, sharpness: float) -> Numbers:
        """Logarithm of the answer's probability with each weight, shape (weights,)."""
        exponents = sharpness * (self.cosines + TRIED[:, None] * self.words)
        most = exponents.max(axis=1)
        whole = most + np.log(np.exp(exponents - most[:, None]).sum(axis=1))
        return np.asarray(exponents[:, self.right] - whole)

    def place(self, weight: float) -> int:
        """The answer's place in the list."""
        if self.right is None:
            return SHOWN
        values = self.cosines + weight * self.words
        return min(SHOWN, int((values > values[self.right]).sum()))


def rows(model: str = "") -> Iterator[Mean]:
    """For each corpus the likeliest weight of the others, and what it gains on this one.

    Args:
        model: Folder of a text model; without one that of WEAVCLIP_TEST_TEXT_MODEL.
    """
    shared, folder = shared_folder(), model or os.environ.get(MODEL_VARIABLE, "")
    if shared is None or not folder:
        yield mean_of("no texts or no text model: give --model", np.zeros(1), unit="")
        return
    encoder = encoder_of(Path(folder))
    corpora: dict[str, dict[str, list[Asked]]] = {}
    for name, asking, answering in SHARED:
        questions, targets = read(shared / "texts" / f"{name}.jsonl", asking, answering)
        asked = list(_asked(questions, targets, meaning_of(encoder, questions, targets)))
        corpora.setdefault(name, {})[f"{asking} -> {answering}"] = asked
    yield from judged(corpora)


def judged(corpora: Mapping[str, Mapping[str, Sequence[Asked]]]) -> Iterator[Mean]:
    """The gains of each corpus over the text model, left out and not."""
    likely = {name: _likelihoods(each) for name, each in corpora.items()}
    whole = _likeliest(list(likely.values()))
    for name, parts in corpora.items():
        others = _likeliest([each for other, each in likely.items() if other != name])
        for what, weight in (("left out", others), ("with all", whole)):
            for fields, asked in parts.items():
                gains = _gains(asked, weight) - _gains(asked, 0.0)
                note = f"weight {weight:.4f}"
                yield mean_of(f"{name}, {fields}, {what}", gains, unit="paired", note=note)


def _asked(questions: Sequence[str], targets: Sequence[str], meaning: Meaning) -> Iterator[Asked]:
    table = table_of(targets)
    for row, question in enumerate(questions):
        nearest = near(meaning, row)
        found = {match.id: targets[match.id.int] for match in nearest}
        found |= {match.id: targets[match.id.int] for match in by_words(table, question)}
        spread = Spread(len(targets), having(table, question))
        told_by = told(content_terms(question), found, spread)
        added = [
            beside_meaning(
                told_by[each].nats, nearest=1 - nearest[0].value, among=len(targets), by=_ONE
            )
            if each in told_by
            else 0.0
            for each in found
        ]
        cosines = meaning.targets[[each.int for each in found]] @ meaning.questions[row]
        own = UUID(int=row)
        yield Asked(cosines, np.array(added), [*found].index(own) if own in found else None)


def _likelihoods(parts: Mapping[str, Sequence[Asked]]) -> Numbers:
    """Shape (sharpnesses, weights): the mean over a corpus's questions that have an answer."""
    return np.mean(
        [
            [
                np.mean([each.likelihood(by) for each in asked if each.right is not None], axis=0)
                for by in SHARPNESS
            ]
            for asked in parts.values()
        ],
        axis=0,
    )


def _likeliest(likelihoods: Sequence[Numbers]) -> float:
    whole = np.sum(likelihoods, axis=0)
    return float(TRIED[np.unravel_index(whole.argmax(), whole.shape)[1]])


def _gains(asked: Sequence[Asked], weight: float) -> Numbers:
    return gain_at(np.array([each.place(weight) for each in asked]))
