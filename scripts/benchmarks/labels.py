"""Labels: of pictures by the sample model, of texts by class names and after a few corrections.

Texts want WEAVCLIP_TEST_TEXT_MODEL=FOLDER, as ``scripts/convert_text_model`` writes one, and a CSV
file with a text and its label a row; without one the questions of the shared data folder.
"""

from __future__ import annotations

import csv
import dataclasses
import json
import os
import tempfile
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from scripts.benchmarks.rows import Row, row_of
from scripts.sample_model import drawings
from weavclip.domain.clip import Draft, Kind
from weavclip.domain.query import Space
from weavclip.domain.vectors import ModelCard
from weavclip.embed import cards
from weavclip.embed.sentence import SentenceOnnx
from weavclip.journal.store import SqliteJournal
from weavclip.organise import heads
from weavclip.organise.labelling import Labeller
from weavclip.organise.zero_shot import ZeroShot, classes_of, ensembles, softmax, unit
from weavclip.pipeline.sorting import Sorter
from weavclip.settings import load
from weavclip.wiring.labels import label_set
from weavclip.wiring.parts import decoder, models

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from uuid import UUID

    from numpy.typing import NDArray

    from weavclip.domain.vectors import Embedding, Embeddings

TEXTS = Path(__file__).resolve().parents[3] / "shared" / "data" / "texts"
QUESTIONS, COMMANDS = TEXTS / "questions.csv", TEXTS / "commands.jsonl"
ARRIVING = 1_000
CORRECTIONS = (5, 10)
"""Texts of each class that a person labelled, which no figure is judged on."""
DRAWN = {
    "a line chart with two peaks": "chart",
    "a terminal": "terminal",
    "a map": "map",
    "a chat": "chat",
    "a page of text": "document",
    "a table": "spreadsheet",
}
DRAWN_EACH, SEEDS_FROM = 20, 1_000_000
_BINS = 10
_SCALE = 20.0
"""Of cosines in the softmax over class names: a sentence model brings none of its own."""


def rows(data: str = str(QUESTIONS), text: str = "text", label: str = "category") -> Iterator[Row]:
    """Accuracy and calibration error on the texts that nothing was learned from."""
    yield from _drawn()
    yield _arriving()
    named = os.environ.get("WEAVCLIP_TEST_TEXT_MODEL")
    if not named:
        yield Row(stage="not measured: no text model", n=0, median=0.0, unit="")
        return
    folder = Path(named)
    model = SentenceOnnx(folder, cards.read(folder / cards.CARD), threads=1)
    found = list(csv.DictReader(Path(data).read_text("utf-8").splitlines()))
    names = sorted({row[label] for row in found})
    truths = np.array([names.index(row[label]) for row in found])
    vectors = model.embed_texts([row[text] for row in found])
    order = np.random.default_rng(1).permutation(len(found))
    vectors, truths = vectors[order], truths[order]
    rank = _rank_in_class(truths)
    unseen = rank >= max(CORRECTIONS)
    classes = model.embed_texts([name.replace("_", " ") for name in names])
    chances = softmax(_SCALE * (vectors[unseen] @ classes.T).astype(float))
    yield from _judged("nearest class name", chances, truths[unseen])
    for count in CORRECTIONS:
        seen = rank < count
        took: list[float] = []
        values = _heads(vectors[seen], truths[seen], vectors[unseen], took)
        name = f"heads after {count} corrections a class"
        yield from _judged(name, values / values.sum(axis=1, keepdims=True), truths[unseen])
        yield row_of(f"{name}, fitting one", took, unit="ms")


def _drawn() -> Iterator[Row]:
    """How often the label of a drawing is right, by the sample model."""
    labels = label_set()
    settings = dataclasses.replace(
        load().settings, data_dir=Path(os.devnull).parent, model="sample"
    )
    embedder, pictures = models(settings).open("sample"), decoder(settings)
    with closing(embedder), closing(pictures):
        classes = classes_of(labels)
        card = embedder.card
        assert card.calibration is not None
        seen = ZeroShot(
            classes=classes,
            vectors=ensembles(classes, embedder.embed_texts),
            mean=card.calibration.means[Space.IMAGE],
            scale=card.logit_scale,
        )
        labeller = Labeller(labels, seen=seen, taught={})
        for name, label in DRAWN.items():
            encoded = [
                drawings.png(drawings.named(name), seed=SEEDS_FROM + each, side_px=256)
                for each in range(DRAWN_EACH)
            ]
            squares = [
                found.square
                for found in pictures.decode_many(encoded, size_px=card.resolution_px)
                if not isinstance(found, Exception)
            ]
            given = [labeller.of_picture(row) for row in embedder.embed_images(squares)]
            share = sum(label in each for each in given) / len(given)
            yield Row(stage=f"drawn: {name}", n=len(given), median=share, unit="share")


def _arriving() -> Row:
    """Milliseconds a clip beyond its embedding: half pictures, half commands, 512 numbers each."""
    random = np.random.default_rng(1)
    known = [json.loads(line)["command"] for line in COMMANDS.read_text("utf-8").splitlines()]
    with (
        tempfile.TemporaryDirectory() as folder,
        SqliteJournal.open(Path(folder) / "journal", reserve_bytes=0) as journal,
    ):
        batch: list[tuple[UUID, dict[Space, Embedding], None]] = []
        for place, text in enumerate(known[:ARRIVING]):
            row = unit(random.normal(size=512))
            own = Space.TEXT if place % 2 else Space.IMAGE
            batch.append((journal.add(_copied(text, own)).id, {own: row}, None))
        journal.embedded_many(batch, Unit512.card.id)
        sorter = Sorter(journal, Unit512.card.id, labels=label_set, clip=Unit512())
        took = []
        while True:
            began = time.perf_counter()
            done = sorter.step().done
            if not done:
                return row_of("labelled as it arrives", took, unit="ms a clip")
            took.append((time.perf_counter() - began) * 1000 / done)


def _copied(text: str, space: Space) -> Draft:
    kind, mime_type = (
        (Kind.TEXT, "text/plain") if space is Space.TEXT else (Kind.IMAGE, "image/png")
    )
    return Draft(
        kind=kind,
        mime_type=mime_type,
        representations={mime_type: text.encode()},
        text=text if kind is Kind.TEXT else "",
        digest_source=text.encode(),
        at=datetime.now(UTC),
    )


class Unit512:
    """Vectors of a usual length for sentences, at no cost."""

    card = ModelCard(id="unit-512", dim=512)
    provider = "CPU"

    def embed_texts(self, texts: Sequence[str]) -> Embeddings:
        """Directions without a meaning."""
        return unit(np.random.default_rng(2).normal(size=(len(texts), 512)))

    def embed_images(self, squares: Sequence[NDArray[np.uint8]]) -> Embeddings:
        """The same of pictures."""
        return unit(np.random.default_rng(3).normal(size=(len(squares), 512)))

    def close(self) -> None:
        """Nothing is held."""


def _rank_in_class(truths: NDArray[np.int_]) -> NDArray[np.int_]:
    """For each row how many of its class come before it."""
    rank = np.zeros(len(truths), int)
    for each in np.unique(truths):
        own = np.flatnonzero(truths == each)
        rank[own] = np.arange(len(own))
    return rank


def _heads(
    seen: Embeddings, truths: NDArray[np.int_], unseen: Embeddings, took: list[float]
) -> NDArray[np.float64]:
    """The probability by each class's head, as the product fits it; shape (n, classes)."""
    columns = []
    for each in np.unique(truths):
        began = time.perf_counter()
        head = heads.fit(seen, truths == each)
        took.append((time.perf_counter() - began) * 1000)
        assert head is not None
        columns.append([head.chance(row) for row in unseen])
    return np.array(columns).T


def _judged(name: str, chances: NDArray[np.float64], truths: NDArray[np.int_]) -> Iterator[Row]:
    said = chances.argmax(axis=1)
    sure, right = chances.max(axis=1), said == truths
    bins = np.minimum((sure * _BINS).astype(int), _BINS - 1)
    error = np.abs(np.bincount(bins, weights=sure - right, minlength=_BINS)).sum() / len(right)
    yield Row(stage=f"{name}, accuracy", n=len(right), median=float(right.mean()), unit="share")
    yield Row(stage=f"{name}, calibration error", n=len(right), median=float(error), unit="share")
