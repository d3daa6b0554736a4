"""Real vectors of captioned photos and of class names, from beside the project."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from weavclip.search.centre import normalised

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from weavclip.domain.vectors import Embeddings

CAPTIONS_EACH = 5


@dataclass(frozen=True, slots=True)
class Photos:
    """Captioned photos.

    Attributes:
        pictures: Shape (n, dim).
        captions: Shape (5 n, dim), five a picture, in order.
        phrases: Generic texts that means are made with, shape (k, dim).
        names: Other texts that are stored beside, shape (m, dim).
    """

    pictures: Embeddings
    captions: Embeddings
    phrases: Embeddings
    names: Embeddings

    captions_each = CAPTIONS_EACH

    @property
    def caption_rows(self) -> NDArray[np.int_]:
        """Rows in ``captions`` of each picture, shape (n, 5)."""
        return np.arange(len(self.captions)).reshape(-1, CAPTIONS_EACH)

    def halves(self) -> tuple[tuple[NDArray[np.int_], NDArray[np.int_]], ...]:
        """Even and odd places, then odd and even: what to make from, what to judge on."""
        places = np.arange(len(self.pictures))
        even, odd = places[::2], places[1::2]
        return ((even, odd), (odd, even))


def shared_folder() -> Path | None:
    """The shared data beside the project, where it is to be had."""
    folder = Path(__file__).resolve().parents[2].parent / "shared" / "data"
    return folder if folder.is_dir() else None


def load(folder: Path) -> Photos:
    """Read the vectors, normalised."""
    captioned = folder / "clip_vectors" / "captioned_photos"
    names = folder / "clip_vectors" / "class_names"
    return Photos(
        pictures=normalised(np.load(captioned / "image_embeddings.npy")),
        captions=normalised(np.load(captioned / "text_embeddings.npy")),
        phrases=normalised(np.load(names / "coco_clip_a+cname.npy")),
        names=normalised(np.load(names / "lvis_v1_clip_a+cname.npy")),
    )


def caption_texts(folder: Path) -> list[str]:
    """The captions' words, in the order of their vectors."""
    import csv

    path = folder / "clip_vectors" / "captioned_photos" / "captions.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return [row["caption"] for row in csv.DictReader(file)]
