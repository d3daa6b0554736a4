"""Real vectors of captioned photos and of class names, from beside the project."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from weavclip.search.centre import normalised
from weavclip.search.pairs import CalibrationVectors

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from weavclip.domain.vectors import Embeddings

PHRASES = "phrases.npy"
"""Beside a folder's captions: generic texts that describe none of its pictures."""


@dataclass(frozen=True, slots=True)
class Photos:
    """Captioned photos.

    Attributes:
        pictures: Shape (n, dim).
        captions: Shape (m, dim).
        captions_of: Shape (m,): the row of the picture of each.
        words: The captions' words.
        phrases: Generic texts that means are made with, shape (k, dim); k may be 0.
    """

    pictures: Embeddings
    captions: Embeddings
    captions_of: NDArray[np.int_]
    words: tuple[str, ...]
    phrases: Embeddings

    def captions_at(self, place: int) -> NDArray[np.int_]:
        """For each picture the row of its first caption (0), second (1) and so on; -1 for none."""
        rows = [np.flatnonzero(self.captions_of == each) for each in range(len(self.pictures))]
        return np.array([own[place] if place < len(own) else -1 for own in rows])

    def part(self, made: NDArray[np.int_]) -> CalibrationVectors:
        """The set that a calibration from these pictures alone is made of."""
        whole = CalibrationVectors(self.pictures, self.captions, self.captions_of, self.phrases)
        return whole.part(made, slice(None))


def shared_folder() -> Path | None:
    """The shared data beside the project, where it is to be had."""
    folder = Path(__file__).resolve().parents[2].parent / "shared" / "data"
    return folder if folder.is_dir() else None


def load(folder: Path, phrases: Path | None = None) -> Photos:
    """Read a folder of vectors, normalised: pictures, captions, which belong together.

    Args:
        folder: Has image_embeddings.npy, text_embeddings.npy, captions.csv (text_row, image_row,
            caption).
        phrases: Vectors of generic texts; None for the folder's own phrases.npy, or for none.
    """
    with (folder / "captions.csv").open(encoding="utf-8", newline="") as file:
        lines = sorted(csv.DictReader(file), key=lambda line: int(line["text_row"]))
    pictures = vectors(folder / "image_embeddings.npy")
    own = folder / PHRASES
    path = phrases or (own if own.is_file() else None)
    return Photos(
        pictures=pictures,
        captions=vectors(folder / "text_embeddings.npy")[[int(li["text_row"]) for li in lines]],
        captions_of=np.array([int(line["image_row"]) for line in lines]),
        words=tuple(line["caption"] for line in lines),
        phrases=vectors(path) if path else pictures[:0],
    )


def vectors(path: Path) -> Embeddings:
    """The rows of one file, normalised."""
    return normalised(np.load(path).astype(np.float32))


def shared_photos(folder: Path) -> Photos:
    """The captioned photos of the shared data, with 80 class names as generic phrases."""
    return load(folder / "clip_vectors" / "captioned_photos", class_names(folder, "coco"))


def class_names(folder: Path, of: str = "lvis_v1") -> Path:
    """Vectors of texts of the form "a {name}": 1,203 names of LVIS, or 80 of COCO."""
    return folder / "clip_vectors" / "class_names" / f"{of}_clip_a+cname.npy"
