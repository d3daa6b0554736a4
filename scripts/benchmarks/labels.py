"""Labels: of texts by sentences and after corrections, of pictures, and what one costs.

Texts are rows of a CSV file with a text and its label each (``--data FILE --text FIELD --label
FIELD``), pictures lie in folders that are named as their label (``--data FOLDER``); without either
the questions and pictures of the shared data folder are taken. Texts want a text model
(``--model FOLDER``, as ``scripts/convert_text_model`` writes one, or WEAVCLIP_TEST_TEXT_MODEL).
"""

from __future__ import annotations

import csv
import os
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from scripts.benchmarks.labels_arriving import arriving
from scripts.benchmarks.labels_known import Known
from scripts.benchmarks.labels_of_pictures import drawn, in_folders
from scripts.benchmarks.labels_of_subjects import subjects
from scripts.benchmarks.rows import MEANS_HEADING, Mean, Row, mean_of
from scripts.benchmarks.vectors import shared_folder
from weavclip.domain.labels import PLACE, Label, LabelSet
from weavclip.domain.query import Space
from weavclip.embed import cards
from weavclip.embed.sentence import SentenceOnnx
from weavclip.organise.zero_shot import TEXT_SCALE, ZeroShot, ensembles, softmax, text_classes
from weavclip.wiring.labels import shipped_labels

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

HEADING = MEANS_HEADING
FORMS = (PLACE, f"a question about {PLACE}")
"""Templates of the label set: the name alone, and what the texts are."""
CORRECTIONS = (2, 5, 10)
"""Texts of each label that a person labelled."""
GROUP = "data"
_MODEL_VARIABLE = "WEAVCLIP_TEST_TEXT_MODEL"


def rows(
    data: str = "", text: str = "text", label: str = "category", model: str = ""
) -> Iterator[Mean | Row]:
    """Accuracy and calibration error, each with its interval; then what a label costs.

    Args:
        data: A CSV file of texts, or a folder of pictures; without one both of the shared data.
        text: The field that has the texts.
        label: The field that has their labels.
        model: Folder of a text model; without one that of WEAVCLIP_TEST_TEXT_MODEL.
    """
    shared = shared_folder()
    given = Path(data) if data else None
    if given is None and shared is None:
        yield mean_of("no texts and pictures: give --data", np.zeros(1), unit="")
        return
    pictures = given or (shared or Path()) / "images"
    if pictures.is_dir():
        yield from in_folders(pictures)
    if given is None:
        yield from drawn()
        yield arriving()
    texts = given or (shared or Path()) / "texts" / "questions.csv"
    place = Path(model or os.environ.get(_MODEL_VARIABLE, "")) / cards.CARD
    if texts.is_dir():
        return
    if not place.is_file():
        yield mean_of(f"texts want a text model: {_MODEL_VARIABLE}", np.zeros(1), unit="")
        return
    read = SentenceOnnx(place.parent, cards.read(place), threads=1)
    if given is None and shared is not None:
        yield from subjects(shared, read)
    yield from _texts(texts, text, label, read)


def _texts(path: Path, text: str, label: str, model: SentenceOnnx) -> Iterator[Mean | Row]:
    with path.open(encoding="utf-8", newline="") as file:
        found = [(row[text], row[label]) for row in csv.DictReader(file)]
    np.random.default_rng(1).shuffle(found)
    labels = _labels(sorted({name for _, name in found}))
    known = Known(
        Space.SENTENCE,
        model.embed_texts([said for said, _ in found]),
        np.array([name for _, name in found]),
        labels,
        GROUP,
    )
    bare = model.embed_texts([name.replace("_", " ") for name in known.names])
    alone = softmax(TEXT_SCALE * (known.vectors @ bare.T).astype(float))
    yield from known.figures("nearest label's name alone", alone, None)
    classes = text_classes(labels)
    vectors = ensembles(classes, model.embed_texts)
    read = ZeroShot(classes=classes, vectors=vectors, mean=None, scale=TEXT_SCALE)
    yield from known.at_first("sentences, no correction", read, alone)
    for count in CORRECTIONS:
        yield from known.corrected(count, read, alone)


def _labels(names: Sequence[str]) -> LabelSet:
    """As a person writes them into labels.toml: names and templates, no sentence of their own."""
    return LabelSet(
        labels=tuple(Label(name=name, group=GROUP) for name in names),
        other_texts=shipped_labels().other_texts,
        templates={GROUP: FORMS},
    )
