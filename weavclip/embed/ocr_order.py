"""Reading order: columns one after the other, lines from above, words of one line together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

_COLUMN_GAP = 1.5
"""A gap is one between columns from so many heights of a line on."""
_BLOCK_GAP = 0.8
_LEAST_LINES = 3
_LEAST_WIDTH = 8
"""A column has so many lines at least, most of them so many heights wide; else it is a table's."""
_ON_ONE_LINE = 0.5


def reading_order(bounds: Sequence[tuple[float, float, float, float]]) -> list[list[int]]:
    """Places of the texts in reading order, those of one line together.

    The picture is cut where nothing is, across into blocks and along into columns, as long as
    there are such gaps (a recursive X-Y cut): a page of two columns is read column by column, a
    table line by line.

    Args:
        bounds: Left, top, right and bottom of each text.

    References:
        G. Nagy, S. Seth: Hierarchical representation of optically scanned documents, 1984.
    """
    if not bounds:
        return []
    boxes = np.array(bounds, np.float64)
    height = float(np.median(np.minimum(boxes[:, 3] - boxes[:, 1], boxes[:, 2] - boxes[:, 0])))
    return _ordered(boxes, np.arange(len(boxes)), height)


def _ordered(
    boxes: NDArray[np.float64], places: NDArray[np.int64], height: float
) -> list[list[int]]:
    columns = _cut(boxes, places, axis=0, gap=_COLUMN_GAP * height)
    if len(columns) > 1 and all(_is_column(boxes, each, height) for each in columns):
        return [line for each in columns for line in _ordered(boxes, each, height)]
    blocks = _cut(boxes, places, axis=1, gap=_BLOCK_GAP * height)
    if len(blocks) > 1:
        return [line for each in blocks for line in _ordered(boxes, each, height)]
    return _lines(boxes, places)


def _cut(
    boxes: NDArray[np.float64], places: NDArray[np.int64], *, axis: int, gap: float
) -> list[NDArray[np.int64]]:
    """Parts between which nothing is for ``gap`` pixels along an axis."""
    by_start = places[np.argsort(boxes[places, axis], kind="stable")]
    ends = np.maximum.accumulate(boxes[by_start, axis + 2])
    wide = boxes[by_start[1:], axis] - ends[:-1] >= gap
    return np.split(by_start, np.flatnonzero(wide) + 1)


def _is_column(boxes: NDArray[np.float64], places: NDArray[np.int64], height: float) -> bool:
    widths = boxes[places, 2] - boxes[places, 0]
    is_wide = bool(np.median(widths) >= _LEAST_WIDTH * height)
    return is_wide and len(_lines(boxes, places)) >= _LEAST_LINES


def _lines(boxes: NDArray[np.float64], places: NDArray[np.int64]) -> list[list[int]]:
    """Texts beside each other, from left to right; lines from above."""
    lines: list[list[int]] = []
    for place in places[np.argsort(boxes[places, 1] + boxes[places, 3], kind="stable")]:
        if lines and _beside(boxes[lines[-1][-1]], boxes[place]):
            lines[-1].append(int(place))
        else:
            lines.append([int(place)])
    return [sorted(line, key=lambda place: float(boxes[place, 0])) for line in lines]


def _beside(one: NDArray[np.float64], other: NDArray[np.float64]) -> bool:
    high = min(one[3], other[3]) - max(one[1], other[1])
    is_over = min(one[2], other[2]) > max(one[0], other[0])
    return not is_over and bool(high >= _ON_ONE_LINE * min(one[3] - one[1], other[3] - other[1]))
