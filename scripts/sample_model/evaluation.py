"""Judging the exported towers on drawings that training never saw; needs no torch."""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from scripts.sample_model.claims import truth
from scripts.sample_model.drawings import draw
from scripts.sample_model.phrasebook import NEW, USUAL, WORDS_FOR, Wording
from scripts.sample_model.preparation import normalised, square
from scripts.sample_model.spec import (
    KINDS,
    PAGE_KINDS,
    Drawing,
    all_drawings,
    random_drawing,
)
from scripts.sample_model.tokens import encode
from scripts.sample_model.wording import say

Vectors = NDArray[np.float32]
POOL = 560
HELD_OUT_SHARE = 0.35  # of the shapes and pairs in the pool
SIDE_PX = 160
BATCH = 64
#: Name, wording, and the least recall@1 and recall@5.
PROMISES = (("wording of training", USUAL, 0.9, 0.99), ("new wordings", NEW, 0.8, 0.98))
#: Seeds of the pool's pictures; training's are below 2**31.
FIRST_SEED = 2**40


class Towers:
    """Both graphs of a folder in ONNX Runtime on the CPU."""

    def __init__(self, folder: Path) -> None:
        """Load ``visual.onnx`` and ``textual.onnx``."""
        self.visual = _session(folder / "visual.onnx")
        self.textual = _session(folder / "textual.onnx")

    def of_pictures(self, pixels: NDArray[np.uint8]) -> Vectors:
        """Pictures uint8 (n, side, side, 3) to float32 (n, dim) of norm 1."""
        return _run(self.visual, normalised(pixels))

    def of_texts(self, texts: Sequence[str]) -> Vectors:
        """Texts to float32 (n, dim) of norm 1."""
        return _run(self.textual, encode(texts))


def _session(path: Path) -> onnxruntime.InferenceSession:
    """A session on the CPU."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 2
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def _run(session: onnxruntime.InferenceSession, rows: NDArray[Any]) -> Vectors:
    """The first output for all rows, in batches, each row scaled to norm 1."""
    name = session.get_inputs()[0].name
    parts = [
        session.run(None, {name: rows[start : start + BATCH]})[0]
        for start in range(0, len(rows), BATCH)
    ]
    vectors = np.concatenate(parts).astype(np.float32)
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)


def pool(size: int = POOL, *, seed: int = 11) -> list[Drawing]:
    """Distinct drawings: all pages, then shapes and pairs, a third of these held out.

    Naming everything that a drawing shows is true of no other one in the pool.
    """
    rng = random.Random(seed)
    found = dict.fromkeys(drawing for kind in PAGE_KINDS for drawing in all_drawings(kind))
    pages = len(found)
    wanted_new = round((size - pages) * HELD_OUT_SHARE)
    while len(found) < size:
        drawing = random_drawing(rng, rng.choice(KINDS[:2]))
        if drawing.is_held_out() == (len(found) - pages < wanted_new):
            found.setdefault(drawing)
    return list(found)


def pictures_of(drawings: Sequence[Drawing], *, seed: int = 0) -> NDArray[np.uint8]:
    """A picture of each drawing as the visual tower sees it: uint8 (n, 64, 64, 3)."""
    start = FIRST_SEED + seed * len(drawings)
    return np.stack(
        [
            square(draw(drawing, seed=start + i, side_px=SIDE_PX))
            for i, drawing in enumerate(drawings)
        ]
    )


@dataclass(frozen=True, slots=True)
class Measure:
    """A share of the pool with what it must reach."""

    name: str
    value: float
    least: float

    @property
    def holds(self) -> bool:
        """Whether it is reached."""
        return self.value >= self.least

    def __str__(self) -> str:
        """One line of the report."""
        mark = "ok" if self.holds else "MISSED"
        return f"{self.name:58} {self.value:.3f}  (at least {self.least:.2f})  {mark}"


def ranks(queries: Vectors, vectors: Vectors) -> NDArray[np.int64]:
    """For each query how many vectors are as near as its own, the one of its row, or nearer."""
    cosines = queries @ vectors.T
    return np.asarray((cosines >= np.diagonal(cosines)[:, None]).sum(axis=1) - 1)


def recall(found: NDArray[np.int64], k: int) -> float:
    """The share of queries whose own vector is among the first ``k``."""
    return float((found < k).mean())


def phrases_of(drawings: Sequence[Drawing], wording: Wording, *, seed: int) -> list[str]:
    """A phrase for each drawing that names all of it."""
    rng = random.Random(seed)
    return [
        say(rng, drawing, whole=True, count=1, wording=wording).phrases[0] for drawing in drawings
    ]


def evaluate(towers: Towers, *, size: int = POOL, seed: int = 11) -> Iterator[Measure]:
    """Measure everything that the sample model promises.

    Args:
        towers: The exported graphs.
        size: Pictures in the pool, at least 500 for figures that are worth quoting.
        seed: Decides pool, pictures and phrases.

    Yields:
        The measures, recall@k as the share of the pool.
    """
    drawings = pool(size, seed=seed)
    pictures = towers.of_pictures(pictures_of(drawings))
    is_page = np.array([drawing.kind in PAGE_KINDS for drawing in drawings])
    for name, wording, first, fifth in PROMISES:
        found = ranks(towers.of_texts(phrases_of(drawings, wording, seed=seed)), pictures)
        for k, least in ((1, first), (5, fifth)):
            yield Measure(f"words -> picture, {name}, recall@{k}", recall(found, k), least)
        if wording is USUAL:
            yield Measure("page kinds, recall@1", recall(found[is_page], 1), 0.95)
    yield Measure("words for a part, first hit right", _parts(towers, drawings, pictures), 0.7)
    again = towers.of_pictures(pictures_of(drawings, seed=1))
    found = ranks(again, pictures)
    yield Measure("picture -> same drawing, recall@1", recall(found, 1), 0.9)
    yield Measure(
        "page kinds named alone, first hits", _kinds_alone(towers, drawings, pictures), 0.95
    )


def _parts(towers: Towers, drawings: Sequence[Drawing], pictures: Vectors) -> float:
    """The share of phrases that name a part of a drawing whose first hit they are true of."""
    rng = random.Random(0)
    sayings = [say(rng, each, whole=False, count=1) for each in drawings]
    right = truth([saying.claims + saying.nearly for saying in sayings], drawings)
    cosines = towers.of_texts([saying.phrases[0] for saying in sayings]) @ pictures.T
    return float(right[np.arange(len(right)), cosines.argmax(axis=1)].mean())


def _kinds_alone(towers: Towers, drawings: Sequence[Drawing], pictures: Vectors) -> float:
    """The share of kinds' names, such as "a bar chart", whose first hit is of that kind."""
    asked = [
        (kind, word)
        for kind, words in WORDS_FOR["kind"].items()
        for word in (*words, *NEW.kinds[kind])
    ]
    firsts = (towers.of_texts([word for _, word in asked]) @ pictures.T).argmax(axis=1)
    hits = [
        drawings[int(first)].kind == kind for first, (kind, _) in zip(firsts, asked, strict=True)
    ]
    return float(np.mean(hits))


def report(towers: Towers, tell: Callable[[str], None]) -> bool:
    """Tell every measure; returns whether all are reached."""
    measures = []
    for measure in evaluate(towers):
        tell(str(measure))
        measures.append(measure)
    return all(measure.holds for measure in measures)
