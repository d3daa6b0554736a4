"""Large pictures in tiles: where they lie, and one box for what several of them show a part of."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Bounds = tuple[float, float, float, float]

TILE_WIDTH_PX = 1024
TILE_HEIGHT_PX = 608
"""What the detector is given at once.

Its time a pixel and its memory grow with the picture: 0.65 s and 480 MB for 1080p as a whole,
0.31 us a pixel and 80 MB for half a megapixel (PP-OCRv6 small, 1 thread).
"""
OVERLAP_PX = 64
"""Lines up to this height are whole in one tile at least."""
_EDGE_PX = 6
_SHARED_PX = OVERLAP_PX + _EDGE_PX
_ON_ONE_LINE = 0.6
_MOSTLY = 0.5


class Tile(NamedTuple):
    """A part of a picture, in pixels; right and bottom are outside."""

    left: int
    top: int
    right: int
    bottom: int


@dataclass(frozen=True, slots=True)
class Found:
    """Text that was detected.

    Attributes:
        corners: Shape (4, 2), float32: upper left, upper right, lower right, lower left.
        tile: Which tile showed it.
        bounds: Left, top, right and bottom.
    """

    corners: NDArray[np.float32]
    tile: Tile
    bounds: Bounds


def found_in(tile: Tile, corners: NDArray[np.float32]) -> Found:
    """Text of which the detector told the corners in a tile's own pixels."""
    moved = corners + np.array([tile.left, tile.top], np.float32)
    return Found(moved, tile, bounds_of(moved))


def bounds_of(corners: NDArray[np.float32]) -> Bounds:
    """The upright rectangle around corners: left, top, right and bottom."""
    (left, top), (right, bottom) = corners.min(axis=0), corners.max(axis=0)
    return float(left), float(top), float(right), float(bottom)


def tiles(width_px: int, height_px: int) -> list[Tile]:
    """Tiles of equal size that overlap and cover the picture, row by row."""
    return [
        Tile(left, top, right, bottom)
        for top, bottom in _spans(height_px, TILE_HEIGHT_PX)
        for left, right in _spans(width_px, TILE_WIDTH_PX)
    ]


def _spans(length: int, most: int) -> list[tuple[int, int]]:
    """Where tiles begin and end along one side.

    >>> _spans(600, 608), _spans(1080, 608)
    ([(0, 600)], [(0, 572), (508, 1080)])
    """
    count = 1 if length <= most else math.ceil((length - OVERLAP_PX) / (most - OVERLAP_PX))
    size = math.ceil((length + (count - 1) * OVERLAP_PX) / count)
    starts = [round(place * (length - size) / max(1, count - 1)) for place in range(count)]
    return [(start, start + size) for start in starts]


def joined(found: Sequence[Found], *, size: tuple[int, int]) -> list[NDArray[np.float32]]:
    """One set of corners for each text, where several tiles show it or a part of it.

    Args:
        found: In the picture's pixels.
        size: Width and height of the picture.
    """
    shared = [each for each in found if _reaches(each, size, within_px=_SHARED_PX)]
    alone = [each.corners for each in found if not _reaches(each, size, within_px=_SHARED_PX)]
    groups: list[list[Found]] = []
    for each in shared:
        same: list[Found] = [each]
        others: list[list[Found]] = []
        for group in groups:
            if any(_is_one(each, other, size) for other in group):
                same += group
            else:
                others.append(group)
        groups = [*others, same]
    return alone + [_around(group) for group in groups]


def _is_one(one: Found, other: Found, size: tuple[int, int]) -> bool:
    if one.tile == other.tile:
        return False
    a, b = one.bounds, other.bounds
    wide = min(a[2], b[2]) - max(a[0], b[0])
    high = min(a[3], b[3]) - max(a[1], b[1])
    if wide <= 0 or high <= 0:
        return False
    smaller = min((a[2] - a[0]) * (a[3] - a[1]), (b[2] - b[0]) * (b[3] - b[1]))
    if wide * high >= _MOSTLY * smaller:
        return True
    is_cut = all(_reaches(each, size, within_px=_EDGE_PX) for each in (one, other))
    return is_cut and high >= _ON_ONE_LINE * min(a[3] - a[1], b[3] - b[1])


def _reaches(found: Found, size: tuple[int, int], *, within_px: int) -> bool:
    """Whether it comes near an edge of its tile beyond which the picture goes on."""
    left, top, right, bottom = found.bounds
    tile, (width, height) = found.tile, size
    return (
        (tile.left > 0 and left - tile.left <= within_px)
        or (tile.top > 0 and top - tile.top <= within_px)
        or (tile.right < width and tile.right - right <= within_px)
        or (tile.bottom < height and tile.bottom - bottom <= within_px)
    )


def _around(group: Sequence[Found]) -> NDArray[np.float32]:
    if len(group) == 1:
        return group[0].corners
    bounds = np.array([each.bounds for each in group])
    (left, top), (right, bottom) = bounds[:, :2].min(axis=0), bounds[:, 2:].max(axis=0)
    return np.array([[left, top], [right, top], [right, bottom], [left, bottom]], np.float32)
