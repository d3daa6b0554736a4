"""Clips with known labels, and how often the product gives them: at first, and once corrected.

Each clip is judged once in each way; corrections are of clips from another fold than its own.
"""

from __future__ import annotations

import time
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from uuid import UUID

import numpy as np

from scripts.benchmarks.rows import Mean, Row, figure_of, mean_of, row_of
from weavclip.domain.labels import THRESHOLD, Correction
from weavclip.organise.fitting import calibration_error
from weavclip.organise.labelling import Labeller, teach

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from weavclip.domain.labels import LabelSet
    from weavclip.domain.query import Space
    from weavclip.domain.vectors import Embeddings
    from weavclip.organise.zero_shot import ZeroShot

    Numbers = NDArray[np.floating]

FOLDS = 4


@dataclass(frozen=True, slots=True)
class Known:
    """Clips of one space, whose labels are of one group.

    Attributes:
        space: Where their vectors are.
        vectors: Shape (n, dim), in any order but that of the labels.
        truths: Shape (n,): their labels.
        labels: The label set.
        group: The group of their labels.
    """

    space: Space
    vectors: Embeddings = field(repr=False)
    truths: NDArray[np.str_]
    labels: LabelSet
    group: str

    @property
    def names(self) -> NDArray[np.str_]:
        """The labels that may be found."""
        return np.array([each.name for each in self.labels.labels if each.group == self.group])

    def at_first(self, name: str, sentences: ZeroShot, baseline: Numbers | None) -> Iterator[Mean]:
        """What sentences alone make of each clip.

        Args:
            name: Of this way.
            sentences: The labels in the model's terms.
            baseline: Chances that this is compared with, shape (n, labels).
        """
        labeller = self._labeller(sentences, [])
        chances = self._chances(labeller, np.arange(len(self.truths)))
        yield from self.figures(name, chances, baseline)

    def corrected(
        self, count: int, sentences: ZeroShot, baseline: Numbers | None
    ) -> Iterator[Mean | Row]:
        """The same after ``count`` clips of each label were given it by a person."""
        rank = _rank_in_class(self.truths)
        chances, took = np.empty((len(self.truths), len(self.names))), []
        for fold in range(FOLDS):
            is_other = rank % FOLDS == (fold + 1) % FOLDS
            learned = np.flatnonzero(is_other & (rank // FOLDS < count))
            began = time.process_time()
            labeller = self._labeller(sentences, learned.tolist())
            took.append((time.process_time() - began) * 1000)
            inside = np.flatnonzero(rank % FOLDS == fold)
            chances[inside] = self._chances(labeller, inside)
        name = f"after {count} corrections a label"
        yield from self.figures(name, chances, baseline)
        yield row_of(f"{name}: learning", took, unit="ms of processor time")

    def figures(self, name: str, chances: Numbers, baseline: Numbers | None) -> Iterator[Mean]:
        """Accuracy, how many are given a label at all, and how far sureness is from rightness."""
        right, sure = self._right(chances), chances.max(axis=1)
        given = sure >= THRESHOLD
        shares = {"given": float(given.mean())}
        if given.any():
            shares["right of these"] = float(right[given].mean())
        yield mean_of(f"{name}, accuracy", right, unit="share", parts=shares)
        if baseline is not None:
            gained = right - self._right(baseline)
            yield mean_of(f"{name} - nearest name", gained, unit="paired")
        yield figure_of(
            f"{name}, calibration error",
            np.stack([sure, right], axis=1),
            lambda drawn: calibration_error(drawn[:, 0].astype(float), drawn[:, 1] > 0),
            unit="share",
        )

    def _right(self, chances: Numbers) -> Numbers:
        return np.asarray(self.names[chances.argmax(axis=1)] == self.truths, float)

    def _labeller(self, sentences: ZeroShot, said: Sequence[int]) -> Labeller:
        """What the product makes of corrections of these clips."""
        by_space = {self.space: sentences}
        taught = teach(
            [Correction(UUID(int=row), str(self.truths[row]), applies=True) for row in said],
            self.labels,
            space_of=lambda clip_id: (self.space, self.vectors[clip_id.int]),
            sentences=by_space,
        )
        return Labeller(self.labels, sentences=by_space, taught=taught)

    def _chances(self, labeller: Labeller, places: NDArray[np.int_]) -> Numbers:
        """Shape (n, labels)."""
        found = [labeller.chances(self.space, self.vectors[row]) for row in places]
        return np.array([[each[name] for name in self.names] for each in found])


def _rank_in_class(truths: NDArray[np.str_]) -> NDArray[np.int_]:
    """For each row how many of its label come before it."""
    seen: dict[str, int] = defaultdict(int)
    rank = np.empty(len(truths), int)
    for row, name in enumerate(truths):
        rank[row], seen[name] = seen[name], seen[name] + 1
    return rank
