"""Labels: of texts by sentences and after corrections, of pictures, and what one costs.

Texts are rows of a CSV file with a text and its label each (``--data FILE --text FIELD --label
FIELD``), pictures lie in folders that are named as their label (``--data FOLDER``); without either
the questions and pictures of the shared data folder are taken. Texts want a text model
(``--model FOLDER``, as ``scripts/convert_text_model`` writes one, or WEAVCLIP_TEST_TEXT_MODEL).

Each text is judged once: by what the labels' names say alone, by what weavclip makes of their
sentences, and after corrections of texts from another fold than its own. The labels come as they
do in the engine: from a label set, corrections and stored vectors.
"""

from __future__ import annotations

import csv
import os
import time
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

import numpy as np

from scripts.benchmarks.labels_arriving import arriving
from scripts.benchmarks.labels_of_pictures import drawn, in_folders
from scripts.benchmarks.rows import MEANS_HEADING, Mean, Row, figure_of, mean_of, row_of
from scripts.benchmarks.vectors import shared_folder
from weavclip.domain.labels import PLACE, Correction, Label, LabelSet
from weavclip.domain.query import Space
from weavclip.embed import cards
from weavclip.embed.sentence import SentenceOnnx
from weavclip.organise.fitting import calibration_error
from weavclip.organise.labelling import Labeller, teach
from weavclip.organise.zero_shot import TEXT_SCALE, ZeroShot, ensembles, softmax, text_classes
from weavclip.wiring.labels import shipped_labels

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from weavclip.domain.vectors import Embeddings

    Numbers = NDArray[np.floating]

HEADING = MEANS_HEADING
FORMS = (PLACE, f"a question about {PLACE}")
"""Templates of the label set: the name alone, and what the texts are."""
FOLDS = 4
CORRECTIONS = (2, 5, 10)
"""Texts of each label that a person labelled: of the fold after the one that is judged."""
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
    if texts.is_file():
        yield from _texts(texts, text, label, model or os.environ.get(_MODEL_VARIABLE, ""))


def _texts(path: Path, text: str, label: str, folder: str) -> Iterator[Mean | Row]:
    if not folder:
        yield mean_of(f"texts want a text model: {_MODEL_VARIABLE}", np.zeros(1), unit="")
        return
    place = Path(folder)
    model = SentenceOnnx(place, cards.read(place / cards.CARD), threads=1)
    with path.open(encoding="utf-8", newline="") as file:
        found = [(row[text], row[label]) for row in csv.DictReader(file)]
    np.random.default_rng(1).shuffle(found)
    vectors = model.embed_texts([said for said, _ in found])
    yield from Texts(vectors, [name for _, name in found], model).judged()


class Texts:
    """Texts with known labels, and how they are labelled in several ways."""

    def __init__(self, vectors: Embeddings, truths: Sequence[str], model: SentenceOnnx) -> None:
        """Encode the labels' sentences.

        Args:
            vectors: Of the texts, shape (n, dim).
            truths: Their labels.
            model: The text model.
        """
        names = sorted(set(truths))
        self._vectors, self._truths = vectors, np.array(truths)
        self._names = np.array(names)
        self._labels = LabelSet(
            labels=tuple(Label(name=name, group=GROUP) for name in names),
            other_texts=shipped_labels().other_texts,
            templates={GROUP: FORMS},
        )
        classes = text_classes(self._labels)
        self._read = ZeroShot(
            classes=classes,
            vectors=ensembles(classes, model.embed_texts),
            mean=None,
            scale=TEXT_SCALE,
        )
        self._bare = model.embed_texts([name.replace("_", " ") for name in names])
        self._rank = _rank_in_class(self._truths)

    def judged(self) -> Iterator[Mean | Row]:
        """Every way, and each less the nearest name alone, paired."""
        alone = softmax(TEXT_SCALE * (self._vectors @ self._bare.T).astype(float))
        nearest = self._right(alone)
        yield from self._figures("nearest label's name alone", alone)
        sentences = self._chances(self._labeller([]), np.arange(len(self._truths)))
        yield from self._figures("sentences, no correction", sentences, nearest)
        for count in CORRECTIONS:
            took: list[float] = []
            chances = np.empty_like(sentences)
            for fold in range(FOLDS):
                inside = np.flatnonzero(self._rank % FOLDS == fold)
                learned = (self._rank % FOLDS == (fold + 1) % FOLDS) & (
                    self._rank // FOLDS < count
                )
                began = time.perf_counter()
                labeller = self._labeller(np.flatnonzero(learned).tolist())
                took.append((time.perf_counter() - began) * 1000)
                chances[inside] = self._chances(labeller, inside)
            name = f"after {count} corrections a label"
            yield from self._figures(name, chances, nearest)
            yield row_of(f"{name}: fitting all {len(self._names)}", took, unit="ms")

    def _labeller(self, said: Sequence[int]) -> Labeller:
        """What the product makes of corrections of these texts."""
        corrections = [
            Correction(UUID(int=row), str(self._truths[row]), applies=True) for row in said
        ]
        sentences = {Space.SENTENCE: self._read}
        taught = teach(
            corrections,
            self._labels,
            space_of=lambda clip_id: (Space.SENTENCE, self._vectors[clip_id.int]),
            sentences=sentences,
        )
        return Labeller(self._labels, sentences=sentences, taught=taught)

    def _chances(self, labeller: Labeller, places: NDArray[np.int_]) -> Numbers:
        """Shape (n, labels)."""
        found = [labeller.chances(Space.SENTENCE, self._vectors[row]) for row in places]
        return np.array([[each[name] for name in self._names] for each in found])

    def _right(self, chances: Numbers) -> Numbers:
        return np.asarray(self._names[chances.argmax(axis=1)] == self._truths, float)

    def _figures(
        self, name: str, chances: Numbers, nearest: Numbers | None = None
    ) -> Iterator[Mean]:
        right, sure = self._right(chances), chances.max(axis=1)
        given = sure >= Label(name="").threshold
        shares = {"given": float(given.mean()), "right of these": float(right[given].mean())}
        yield mean_of(f"{name}, accuracy", right, unit="share", parts=shares)
        if nearest is not None:
            yield mean_of(f"{name} - nearest name", right - nearest, unit="paired")
        yield figure_of(
            f"{name}, calibration error",
            np.stack([sure, right], axis=1),
            lambda drawn: calibration_error(drawn[:, 0].astype(float), drawn[:, 1] > 0),
            unit="share",
        )


def _rank_in_class(truths: NDArray[np.str_]) -> NDArray[np.int_]:
    """For each row how many of its label come before it."""
    seen: dict[str, int] = defaultdict(int)
    rank = np.empty(len(truths), int)
    for row, name in enumerate(truths):
        rank[row], seen[name] = seen[name], seen[name] + 1
    return rank
