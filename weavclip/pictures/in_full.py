"""Whether two pictures are the same in every detail but for size and encoding."""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from weavclip.domain.seen import Pixels

    Grey = NDArray[np.uint8]

MOST_APART = 90
"""Of 255, between a grey value and the nearest of the other picture's nine around its place.

Of 47 screens, screenshots, charts and photos: as JPEG of quality 60 73 at the most, at half of
their size 65; at 1.5 of it 92 in nine of ten. With one word put over another it is 110 at least,
and 143 in every other one that was halved, too (``scripts/bench alike`` says what comes of it).
"""
_ROWS = 256


def are_equal_in_full(one: Pixels, other: Pixels) -> bool:
    """Compare two pictures of about the same shape pixel by pixel, at the smaller one's size.

    Edges may be a pixel away: another size moves them by parts of one.
    """
    width, height = (
        min(one.width_px, other.width_px),
        min(one.height_px, other.height_px),
    )
    first, second = _grey(one, width, height), _grey(other, width, height)
    return all(
        _apart(near, wide) <= MOST_APART
        for own, others in ((first, second), (second, first))
        for near, wide in _strips(own, others)
    )


def _grey(pixels: Pixels, width: int, height: int) -> Grey:
    from PIL import Image

    whole = Image.frombytes("RGB", (pixels.width_px, pixels.height_px), pixels.rgb).convert("L")
    if whole.size != (width, height):
        whole = whole.resize((width, height), Image.Resampling.BILINEAR)
    return np.asarray(whole, np.uint8)


def _strips(own: Grey, others: Grey) -> Iterator[tuple[Grey, Grey]]:
    """Some rows of a picture, and the other's around them: a large one needs little memory."""
    wide = np.pad(others, 1, mode="edge")
    for top in range(0, len(own), _ROWS):
        yield own[top : top + _ROWS], wide[top : top + _ROWS + 2]


def _apart(near: Grey, wide: Grey) -> int:
    """How far a value is from all that is around its place in the other picture, at the most."""
    rows, columns = near.shape
    around = [
        wide[top : top + rows, left : left + columns] for top in range(3) for left in range(3)
    ]
    darkest, lightest = reduce(np.minimum, around), reduce(np.maximum, around)
    over = near.astype(np.int16) - lightest
    under = darkest.astype(np.int16) - near
    return int(np.maximum(over, under).max())
