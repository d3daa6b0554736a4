"""Pictures in a terminal, by each of its ways."""

from __future__ import annotations

import base64
import io
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from weavclip.cli.drawing import Box, draw
from weavclip.cli.printable import cells
from weavclip.cli.terminal import Protocol

SGR = re.compile(r"\x1b\[[0-9;]*m")
WAYS = [Protocol.KITTY, Protocol.ITERM2, Protocol.SIXEL, Protocol.BLOCKS]


def encoded(width: int = 80, height: int = 40, colour: str = "#ff0000") -> bytes:
    sink = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(sink, "PNG")
    return sink.getvalue()


@given(st.integers(1, 200), st.integers(1, 60), st.integers(1, 5000), st.integers(1, 5000))
def test_a_picture_keeps_inside_its_box(columns: int, rows: int, width: int, height: int) -> None:
    fit = Box(columns, rows).fit(width, height)

    assert 1 <= fit.columns <= columns
    assert 1 <= fit.rows <= rows


def test_half_blocks_fill_the_box_row_by_row() -> None:
    drawn = draw(encoded(), way=Protocol.BLOCKS, box=Box(40, 6), indent=3)

    lines = SGR.sub("", drawn).splitlines()
    assert [cells(line) for line in lines] == [3 + 24] * 6
    assert "38;2;255;0;0;48;2;255;0;0" in drawn


def test_half_blocks_give_the_colours_back_at_each_line_s_end() -> None:
    drawn = draw(encoded(), way=Protocol.BLOCKS, box=Box(40, 6))

    assert all(line.endswith("\x1b[0m") for line in drawn.splitlines())


def test_kitty_is_sent_every_pixel_in_chunks() -> None:
    drawn = draw(encoded(), way=Protocol.KITTY, box=Box(40, 6))

    parts = re.findall(r"\x1b_G([^;]*);([^\x1b]*)\x1b\\", drawn)
    assert parts[0][0] == "a=T,f=24,s=80,v=40,c=24,r=6,q=2,m=1"
    assert all(len(payload) <= 4096 for _, payload in parts)
    assert [control[-3:] for control, _ in parts] == ["m=1"] * (len(parts) - 1) + ["m=0"]
    assert base64.b64decode("".join(payload for _, payload in parts)) == b"\xff\0\0" * 80 * 40


def test_iterm2_is_sent_the_file_itself() -> None:
    thumbnail = encoded()

    drawn = draw(thumbnail, way=Protocol.ITERM2, box=Box(40, 6))

    assert "width=24;height=6" in drawn
    assert base64.b64decode(drawn.rpartition(":")[2].rstrip("\x07\n")) == thumbnail


def test_sixel_draws_every_pixel_once() -> None:
    drawn = draw(encoded(), way=Protocol.SIXEL, box=Box(40, 6))

    body = drawn.partition('"1;1;240;120')[2]
    bands = re.sub(r"#\d+;2;\d+;\d+;\d+", "", body).rstrip("\n\\\x1b").split("-")
    assert len(bands) == 120 // 6
    assert all(band.count("~") == 240 for band in bands)
    assert "#0;2;100;0;0" in body


@pytest.mark.parametrize("way", WAYS)
def test_what_is_no_picture_draws_nothing(way: Protocol) -> None:
    assert draw(b"no picture", way=way, box=Box(40, 6)) == ""


@pytest.mark.parametrize("way", WAYS)
def test_each_way_ends_with_one_line_feed(way: Protocol) -> None:
    drawn = draw(encoded(), way=way, box=Box(40, 1))

    assert drawn.count("\n") == 1
    assert drawn.endswith("\n")
