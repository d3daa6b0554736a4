"""Labels of pictures by the sample model: of drawings, and of folders named as a label."""

from __future__ import annotations

import csv
import dataclasses
import os
from contextlib import ExitStack, closing
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from scripts.benchmarks.labels_known import Known
from scripts.sample_model import drawings
from weavclip.assets import calibration as calibration_set
from weavclip.domain.query import Space
from weavclip.organise.fitting import fit_labels
from weavclip.organise.zero_shot import ZeroShot, ensembles, picture_classes
from weavclip.settings import load
from weavclip.wiring.labels import label_set
from weavclip.wiring.parts import decoder, models

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from scripts.benchmarks.rows import Mean, Row
    from weavclip.assets.calibration import CalibrationSet
    from weavclip.domain.labels import LabelSet
    from weavclip.domain.vectors import Embeddings, LabelFit

DRAWN = {
    "a line chart with two peaks": "chart",
    "a terminal": "terminal",
    "a map": "map",
    "a chat": "chat",
    "a page of text": "document",
    "a table": "spreadsheet",
}
DRAWN_EACH, SEEDS_FROM = 20, 1_000_000
CORRECTIONS = 4
"""Pictures of each label that a person labelled: of the fewest there are 17, in four folds."""


class Sample:
    """The sample model, as the engine labels pictures with it."""

    def __init__(self, holding: ExitStack) -> None:
        """Open it; ``holding`` closes it."""
        settings = dataclasses.replace(
            load().settings, data_dir=Path(os.devnull).parent, model="sample"
        )
        self._embedder = holding.enter_context(closing(models(settings).open("sample")))
        self._decoder = holding.enter_context(closing(decoder(settings)))
        self.labels: LabelSet = label_set()
        self._classes = picture_classes(self.labels)
        self._sentences = ensembles(self._classes, self._embedder.embed_texts)

    def vectors(self, encoded: Sequence[bytes]) -> Embeddings:
        """Of pictures that can all be decoded."""
        size_px = self._embedder.card.resolution_px
        squares = []
        for each in self._decoder.decode_many(encoded, size_px=size_px):
            if isinstance(each, Exception):
                raise each
            squares.append(each.square)
        return self._embedder.embed_images(squares)

    def sentences(self, fits: Mapping[str, LabelFit] | None = None) -> ZeroShot:
        """The labels in its terms, with the fits of its card, or with others."""
        card = self._embedder.card
        assert card.calibration is not None
        return ZeroShot(
            classes=self._classes,
            vectors=self._sentences,
            mean=card.calibration.means[Space.IMAGE],
            scale=card.logit_scale,
            fits=card.calibration.labels if fits is None else fits,
        )

    def fitted(self, shown: CalibrationSet) -> Mapping[str, LabelFit]:
        """What a calibration with this set finds."""
        found = self._embedder.card.calibration
        assert found is not None
        return fit_labels(
            self._classes,
            self._embedder.embed_texts,
            self.vectors(shown.pictures),
            shown.labels,
            mean=found.means[Space.IMAGE],
        )

    def known(self, vectors: Embeddings, truths: Sequence[str]) -> Known:
        """Pictures whose labels are known, all of one group."""
        (group,) = {each.group for each in self.labels.labels if each.name in set(truths)}
        return Known(Space.IMAGE, vectors, np.array(truths), self.labels, group)


def drawn() -> Iterator[Mean]:
    """How often the label of a drawing is right."""
    encoded = [
        drawings.png(drawings.named(name), seed=SEEDS_FROM + each, side_px=256)
        for name in DRAWN
        for each in range(DRAWN_EACH)
    ]
    truths = [label for label in DRAWN.values() for _ in range(DRAWN_EACH)]
    with ExitStack() as holding:
        sample = Sample(holding)
        yield from sample.known(sample.vectors(encoded), truths).at_first(
            "drawings", sample.sentences(), None
        )


def in_folders(folder: Path) -> Iterator[Mean | Row]:
    """Pictures of folders that are named as a label (or as several), less those of the set."""
    of_set = {Path(each).name for each in _sources()}
    with ExitStack() as holding:
        sample = Sample(holding)
        names = {label.name for label in sample.labels.labels if label.prompts}
        shown = [
            (path, label)
            for place in sorted(folder.iterdir())
            if (label := place.name.removesuffix("s")) in names
            for path in sorted(place.iterdir())
            if path.suffix != ".csv" and path.name not in of_set
        ]
        np.random.default_rng(1).shuffle(shown)
        vectors = sample.vectors([path.read_bytes() for path, _ in shown])
        known = sample.known(vectors, [label for _, label in shown])
        fitted = sample.sentences(sample.fitted(calibration_set.load()))
        ways = {
            "the model's own scale": sample.sentences({}),
            "as its card says": sample.sentences(),
            "fitted to the calibration set": fitted,
        }
        for way, sentences in ways.items():
            yield from known.at_first(f"pictures, {way}", sentences, None)
        yield from known.corrected(CORRECTIONS, fitted, None)


def _sources() -> list[str]:
    """The files that the calibration set was made from."""
    path = Path(calibration_set.__file__).with_name("captions.csv")
    with path.open(encoding="utf-8", newline="") as file:
        return [row["source"] for row in csv.DictReader(file)]
