"""A few hundred pictures in tens of thousands of forms: other pieces, sizes and qualities."""

from __future__ import annotations

import io
import random
from typing import TYPE_CHECKING

from scripts.benchmarks.alike import drawn, in_folder

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PIL import Image

    Picture = Image.Image

SIDE_PX = 640
"""The longer side that pictures are cut from: a thumbnail has half of it."""
LEAST_PIECE, LEAST_SIZE = 0.5, 0.5
QUALITIES = (50, 70, 90)


def cut_from(data: str) -> list[Picture]:
    """What pieces are cut from: the pictures in a folder and below it, screens and drawings."""
    found = [*drawn(), *in_folder(data)]
    for picture in found:
        picture.thumbnail((SIDE_PX, SIDE_PX))
    return found


def form(pictures: Sequence[Picture], number: int, *, again: int = 0) -> bytes:
    """A JPEG of a piece of one of the pictures.

    Args:
        pictures: Of :func:`cut_from`.
        number: Says which piece of which picture.
        again: The same piece in another size and quality for each.
    """
    choose = random.Random(number)
    picture = pictures[number % len(pictures)]
    width, height = (round(side * choose.uniform(LEAST_PIECE, 1)) for side in picture.size)
    left = choose.randint(0, picture.width - width)
    top = choose.randint(0, picture.height - height)
    choose.seed(f"{number} {again}")
    scale, out = choose.uniform(LEAST_SIZE, 1), io.BytesIO()
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    piece = picture.crop((left, top, left + width, top + height)).resize(size)
    piece.save(out, "JPEG", quality=choose.choice(QUALITIES))
    return out.getvalue()
