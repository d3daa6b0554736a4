"""Labels of pictures by the sample model: of drawings, and of folders named as a label."""

from __future__ import annotations

import csv
import dataclasses
import os
from contextlib import ExitStack, closing
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from scripts.benchmarks.rows import Mean, figure_of, mean_of
from scripts.sample_model import drawings
from weavclip.assets import calibration as calibration_set
from weavclip.domain.query import Space
from weavclip.organise.fitting import calibration_error, fit_labels
from weavclip.organise.labelling import Labeller
from weavclip.organise.zero_shot import ZeroShot, ensembles, picture_classes
from weavclip.settings import load
from weavclip.wiring.labels import label_set
from weavclip.wiring.parts import decoder, models

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

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

    def labeller(self, fits: Mapping[str, LabelFit] | None = None) -> Labeller:
        """With the fits of its card, or with others."""
        card = self._embedder.card
        assert card.calibration is not None
        seen = ZeroShot(
            classes=self._classes,
            vectors=self._sentences,
            mean=card.calibration.means[Space.IMAGE],
            scale=card.logit_scale,
            fits=card.calibration.labels if fits is None else fits,
        )
        return Labeller(self.labels, sentences={Space.IMAGE: seen}, taught={})

    def fitted(self, vectors: Embeddings, truths: Sequence[str]) -> Mapping[str, LabelFit]:
        """What a calibration with these pictures finds."""
        found = self._embedder.card.calibration
        assert found is not None
        return fit_labels(
            self._classes,
            self._embedder.embed_texts,
            vectors,
            truths,
            mean=found.means[Space.IMAGE],
        )


def drawn() -> Iterator[Mean]:
    """How often the label of a drawing is right."""
    with ExitStack() as holding:
        sample = Sample(holding)
        labeller = sample.labeller()
        for name, label in DRAWN.items():
            encoded = [
                drawings.png(drawings.named(name), seed=SEEDS_FROM + each, side_px=256)
                for each in range(DRAWN_EACH)
            ]
            right = _judged(sample, labeller, sample.vectors(encoded), [label] * DRAWN_EACH)[:, 1]
            yield mean_of(f"drawn: {name}", right, unit="share")


def in_folders(folder: Path) -> Iterator[Mean]:
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
        vectors = sample.vectors([path.read_bytes() for path, _ in shown])
        truths = [label for _, label in shown]
        known = calibration_set.load()
        fits = sample.fitted(sample.vectors(known.pictures), known.labels)
        ways = {
            "the model's own scale": {},
            "as its card says": None,
            "fitted to the calibration set": fits,
        }
        for way, chosen in ways.items():
            found = _judged(sample, sample.labeller(chosen), vectors, truths)
            of = np.array(truths)
            parts = {each: float(found[of == each, 1].mean()) for each in np.unique(of)}
            name = f"pictures in folders, {way}"
            yield mean_of(f"{name}, accuracy", found[:, 1], unit="share", parts=parts)
            yield figure_of(
                f"{name}, calibration error",
                found,
                lambda drawn: calibration_error(drawn[:, 0].astype(float), drawn[:, 1] > 0),
                unit="share",
            )


def _judged(
    sample: Sample, labeller: Labeller, vectors: Embeddings, truths: Sequence[str]
) -> NDArray[np.float64]:
    """Shape (n, 2): how sure the likeliest label of the right one's group is, whether it is it."""
    group_of = {label.name: label.group for label in sample.labels.labels}
    found = []
    for row, truth in zip(vectors, truths, strict=True):
        chances = labeller.chances(Space.IMAGE, row)
        own = {name: each for name, each in chances.items() if group_of[name] == group_of[truth]}
        likeliest = max(own, key=own.__getitem__)
        found.append((own[likeliest], likeliest == truth))
    return np.array(found, float)


def _sources() -> list[str]:
    """The files that the calibration set was made from."""
    path = Path(calibration_set.__file__).with_name("captions.csv")
    with path.open(encoding="utf-8", newline="") as file:
        return [row["source"] for row in csv.DictReader(file)]
