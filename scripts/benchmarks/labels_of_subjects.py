"""What texts are said to be about, by the label set that ships and a text model that was added."""

from __future__ import annotations

import csv
import json
import random
from typing import TYPE_CHECKING

import numpy as np

from scripts.benchmarks.rows import mean_of
from weavclip.assets.labels import known_texts
from weavclip.domain.query import Space
from weavclip.organise.fitting import fit_labels
from weavclip.organise.labelling import Labeller
from weavclip.organise.zero_shot import TEXT_SCALE, ZeroShot, ensembles, text_classes
from weavclip.wiring.labels import shipped_labels

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from scripts.benchmarks.rows import Mean
    from weavclip.domain.ports import TextEmbedder

EACH = 150
"""Texts of each sort, drawn without order."""
SORTS = (
    ("texts/questions.csv", "text", "money"),
    ("texts/links.jsonl", "description", "programming"),
    ("texts/commands.jsonl", "query", "programming"),
    ("clip_vectors/captioned_photos/captions.csv", "caption", ""),
)
"""File, field, and what its texts are mostly about; empty for nothing of the set."""


def subjects(shared: Path, model: TextEmbedder) -> Iterator[Mean]:
    """For each sort of text the share that gets this label, another one, and none."""
    labels = shipped_labels()
    classes, known = text_classes(labels), known_texts()
    fits = fit_labels(
        classes,
        model.embed_texts,
        model.embed_texts([text for text, _ in known]),
        [label for _, label in known],
        mean=None,
    )
    vectors = ensembles(classes, model.embed_texts)
    read = ZeroShot(classes=classes, vectors=vectors, mean=None, scale=TEXT_SCALE, fits=fits)
    labeller = Labeller(labels, sentences={Space.SENTENCE: read}, taught={})
    least = {label.name: label.threshold for label in labels.labels}
    for path, name, expected in SORTS:
        found = []
        for vector in model.embed_texts(_some(shared / path, name)):
            chances = labeller.chances(Space.SENTENCE, vector)
            likeliest = max(chances, key=chances.__getitem__)
            found.append(likeliest if chances[likeliest] >= least[likeliest] else "")
        right, none = np.array(found) == expected, np.array(found) == ""
        parts = {"none": float(none.mean()), "another": float((~right & ~none).mean())}
        stage = f"{path.rpartition('/')[2]}, {name}: {expected or 'none'}"
        yield mean_of(stage, right.astype(float), unit="share", parts=parts)


def _some(path: Path, name: str) -> list[str]:
    """The same texts each time."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file) if path.suffix == ".csv" else map(json.loads, file)
        return random.Random(1).sample([row[name] for row in rows], EACH)
