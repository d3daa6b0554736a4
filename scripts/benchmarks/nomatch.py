"""How many questions that nothing answers get an empty list, and what that costs the others.

Half of the rows are left out of the store; the first captions of all ask. Once picture and second
caption of the others are stored, once one of them (pictures of even places, captions of odd). Each
half is left out in turn, for several random halves. Backgrounds, means and probabilities as in
``ranking``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from scripts.benchmarks.mixed import Store, fused
from scripts.benchmarks.ranking import (
    backgrounds,
    known_of,
    other_captions,
    photos_and_background,
)
from scripts.benchmarks.rows import MEANS_HEADING, Mean, figure_of, mean_of
from scripts.benchmarks.vectors import shared_folder
from weavclip.search.sureness import cut_off

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from scripts.benchmarks.mixed import Known
    from scripts.benchmarks.vectors import Photos
    from weavclip.domain.vectors import Embeddings

    Numbers = NDArray[np.floating]

HEADING = MEANS_HEADING
HALVES = 5
LOSSES = (0.02, 0.05, 0.1, 0.2)
UNIT = "share empty"


def rows(
    data: str = "", calibration: str = "", background: str = "", phrases: str = ""
) -> Iterator[Mean]:
    """A curve for each way to store, without and with the background."""
    if not data and shared_folder() is None:
        yield mean_of("no vectors: give --data", np.zeros(1), unit="")
        return
    photos, beside = photos_and_background(data, background, phrases)
    made = known_of(photos, calibration, phrases)
    for among, texts in backgrounds(photos, beside).items():
        for kept in ("picture and caption", "one of them"):
            found = _asked(photos, made, texts, is_both=kept == "picture and caption")
            yield from _curve(f"{kept} stored{among}", found)


def _asked(
    photos: Photos,
    made: Sequence[Known],
    background: tuple[Embeddings, bool],
    *,
    is_both: bool,
) -> Numbers:
    """Shape (n, 5): is the row stored, best relevance, its own answer's, the row, the cut-off."""
    rng = np.random.default_rng(0)
    rows_ = np.flatnonzero(photos.captions_at(1) >= 0)
    found = []
    for _ in range(HALVES):
        for stored in np.array_split(rng.permutation(rows_), 2):
            found += _halved(photos, made, np.sort(stored), background, is_both=is_both)
    return np.array(found)


def _halved(
    photos: Photos,
    made: Sequence[Known],
    stored: NDArray[np.int_],
    background: tuple[Embeddings, bool],
    *,
    is_both: bool,
) -> Iterator[tuple[float, float, float, float, float]]:
    first, second = photos.captions_at(0), photos.captions_at(1)
    shown, told = (stored, stored) if is_both else (stored[::2], stored[1::2])
    for row in np.flatnonzero(second >= 0):
        others = other_captions(photos, row) if background[1] else background[0][:0]
        texts = np.vstack([photos.captions[second[told]], background[0], others])
        of = np.concatenate([shown, told, np.full(len(texts) - len(told), -1)])
        asked, known = photos.captions[first[row]], made[row].ours
        hits = fused(asked, Store(photos.pictures[shown], texts), known)
        own = [hit.relevance or 0.0 for hit in hits if of[hit.clip_id.int] == row]
        best = hits[0].relevance or 0.0
        cut = cut_off(known.sureness, len(of))
        yield float(row in stored), best, max(own, default=0.0), float(row), cut


def _curve(stage: str, found: Numbers) -> Iterator[Mean]:
    """At each loss the share of empty answers, by the lists and by the right answers lost."""
    for name, column in (("of lists", 1), ("of right answers", 2)):
        for loss in LOSSES:
            yield figure_of(
                f"{stage}, loss {loss:.2f} {name}",
                found,
                lambda drawn, loss=loss, column=column: _empty(  # type: ignore[misc]
                    drawn, _cut(drawn, loss, column)
                ),
                unit=UNIT,
                of=found[:, 3].astype(int),
                note=f"cut-off {_cut(found, loss, column):.3f}",
            )
    left, cuts = found[:, 0] == 0, found[:, 4]
    yield mean_of(
        f"{stage}, at weavclip's cut-off",
        (found[left, 1] < cuts[left]).astype(float),
        unit=UNIT,
        of=found[left, 3].astype(int),
        parts={
            "lists lost": float((found[~left, 1] < cuts[~left]).mean()),
            "right answers lost": float((found[~left, 2] < cuts[~left]).mean()),
        },
        note=f"cut-off {cuts.min():.3f} to {cuts.max():.3f}",
    )


def _cut(found: Numbers, loss: float, column: int) -> float:
    """The cut-off under which this share of the questions with an answer falls."""
    values = np.sort(found[found[:, 0] == 1, column])
    return float(values[int(loss * len(values))])


def _empty(found: Numbers, cut: float) -> float:
    return float((found[found[:, 0] == 0, 1] < cut).mean())
