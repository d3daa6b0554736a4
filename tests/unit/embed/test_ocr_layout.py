from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from weavclip.embed.ocr_order import reading_order
from weavclip.embed.ocr_tiles import (
    OVERLAP_PX,
    TILE_HEIGHT_PX,
    TILE_WIDTH_PX,
    Found,
    Tile,
    bounds_of,
    found_in,
    joined,
    tiles,
)
from weavclip.embed.ocr_words import Recognised, line_of, without_strays


def rectangle(left: float, top: float, right: float, bottom: float) -> np.ndarray:
    return np.array([[left, top], [right, top], [right, bottom], [left, bottom]], np.float32)


def recognised(text: str, *, left: float = 0) -> Recognised:
    """A line of letters that are ten pixels wide."""
    places = tuple(place for place, letter in enumerate(text) if not letter.isspace())
    corners = rectangle(left, 0, left + 10 * len(text), 20)
    return Recognised(text, 0.9, places, len(text), corners)


def shown_in(parts: list[Tile], text: tuple[float, float, float, float]) -> list[Found]:
    """What a detector tells of one text, in every tile that shows some of it."""
    found = []
    for tile in parts:
        left, top = max(text[0], tile.left), max(text[1], tile.top)
        right, bottom = min(text[2], tile.right), min(text[3], tile.bottom)
        if right - left > 3 and bottom - top > 3:
            own = rectangle(left - tile.left, top - tile.top, right - tile.left, bottom - tile.top)
            found.append(found_in(tile, own))
    return found


@given(st.integers(1, 6_000), st.integers(1, 6_000))
def test_tiles_cover_the_picture_and_overlap(width: int, height: int) -> None:
    parts = tiles(width, height)

    assert max(part.right for part in parts) == width
    assert max(part.bottom for part in parts) == height
    assert min(part.left for part in parts) == min(part.top for part in parts) == 0
    assert all(part.right - part.left <= TILE_WIDTH_PX for part in parts)
    assert all(part.bottom - part.top <= TILE_HEIGHT_PX for part in parts)
    rows = sorted({(part.top, part.bottom) for part in parts})
    assert all(after[0] <= before[1] - OVERLAP_PX + 1 for before, after in pairwise(rows))


@pytest.mark.parametrize(
    "text",
    [
        (100, 200, 1800, 220),  # over both tiles of a row
        (940, 540, 1000, 560),  # where all four meet
        (100, 500, 900, 630),  # higher than the overlap
        (30, 20, 90, 40),
    ],
)
def test_a_text_that_several_tiles_show_is_one(text: tuple[float, float, float, float]) -> None:
    size = (1920, 1080)

    found = joined(shown_in(tiles(*size), text), size=size)

    assert [bounds_of(each) for each in found] == [text]


def test_two_lines_close_to_each_other_stay_two() -> None:
    size = (1920, 1080)
    upper, lower = (800.0, 500.0, 1200.0, 522.0), (800.0, 520.0, 1200.0, 542.0)
    parts = tiles(*size)

    found = joined([*shown_in(parts, upper), *shown_in(parts, lower)], size=size)

    assert sorted(bounds_of(each) for each in found) == [upper, lower]


def test_two_columns_are_read_one_after_the_other() -> None:
    left = [(0.0, 30.0 * row, 400.0, 30.0 * row + 20) for row in range(4)]
    right = [(460.0, 30.0 * row + 3, 860.0, 30.0 * row + 23) for row in range(4)]

    order = reading_order([*right, *left])

    assert order == [[4], [5], [6], [7], [0], [1], [2], [3]]


def test_a_table_is_read_line_by_line() -> None:
    cells = [
        (200.0 * column, 30.0 * row, 200.0 * column + 60, 30.0 * row + 20)
        for row in range(4)
        for column in range(3)
    ]

    assert reading_order(cells) == [[0, 1, 2], [3, 4, 5], [6, 7, 8], [9, 10, 11]]


def test_nothing_has_no_order() -> None:
    assert reading_order([]) == []


def test_each_word_has_its_part_of_the_line() -> None:
    line = line_of([recognised("find me"), recognised("here", left=200)])

    assert line.words == ("find", "me", "here")
    find, me, here = line.boxes
    assert find.left == 0
    assert find.right <= me.left + 10
    assert (me.right, here.left, here.right) == (70, 200, 240)


def test_icons_taken_for_ideographs_are_dropped() -> None:
    page = [recognised("回 Save"), recognised("口"), recognised("Open the file 三")]

    kept = without_strays(page)

    assert [each.text for each in kept] == ["Save", "Open the file"]
    assert line_of([kept[0]]).boxes[0].left >= 10


def test_a_page_in_chinese_keeps_its_words() -> None:
    page = [recognised("今天天气很好"), recognised("version 2")]

    assert [each.text for each in without_strays(page)] == ["今天天气很好", "version 2"]
