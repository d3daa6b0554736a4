from __future__ import annotations

import io
import struct
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from weavclip.clipboard.dib import bmp_of, dib_of, is_v5

if TYPE_CHECKING:
    from collections.abc import Sequence

RED, BLUE, GREEN = (255, 0, 0), (0, 0, 255), (0, 255, 0)
MASKS = struct.pack("<III", 0xFF0000, 0xFF00, 0xFF)
BITFIELDS = 3


def header(
    size: int = 40, *, height: int = 2, bits: int = 24, compression: int = 0, colours: int = 0
) -> bytes:
    plain = struct.pack("<IiiHHIIiiII", size, 2, height, 1, bits, compression, 0, 0, 0, colours, 0)
    return plain + bytes(size - len(plain))


def newer(size: int, *, height: int = 2, alpha: int = 0) -> bytes:
    """A header that holds its masks: version 4 (108 bytes) or 5 (124)."""
    masks = MASKS + struct.pack("<I", alpha)
    made = header(size, height=height, bits=32, compression=BITFIELDS)
    return made[:40] + masks + made[56:]


def rows(*lines: Sequence[tuple[int, int, int]], alpha: bool = False) -> bytes:
    """Pixels as a bitmap has them: blue, green, red, and rows padded to 4 bytes."""
    found = b""
    for line in lines:
        row = b"".join(bytes((*pixel[::-1], *((255,) if alpha else ()))) for pixel in line)
        found += row + bytes(-len(row) % 4)
    return found


def pixels_of(bmp: bytes) -> list[tuple[int, int, int]]:
    with Image.open(io.BytesIO(bmp)) as image:
        rgb = image.convert("RGB").tobytes()
    return list(struct.iter_unpack("BBB", rgb))


TOP, BOTTOM = (RED, GREEN), (BLUE, RED)
UPWARD = rows(BOTTOM, TOP)
UPWARD_32 = rows(BOTTOM, TOP, alpha=True)
PALETTE = rows((RED, GREEN), (BLUE, (0, 0, 0)), alpha=True)


@pytest.mark.parametrize(
    "dib",
    [
        pytest.param(header() + UPWARD, id="24 bits"),
        pytest.param(header(height=-2) + rows(TOP, BOTTOM), id="top row first"),
        pytest.param(header(bits=32) + UPWARD_32, id="32 bits"),
        pytest.param(
            header(bits=32, compression=BITFIELDS) + MASKS + UPWARD_32, id="masks follow"
        ),
        pytest.param(newer(108) + UPWARD_32, id="version 4"),
        pytest.param(newer(124) + UPWARD_32, id="version 5"),
        pytest.param(newer(124, height=-2) + rows(TOP, BOTTOM, alpha=True), id="5, top first"),
        pytest.param(newer(124) + MASKS + UPWARD_32, id="version 5 as Windows makes it"),
        pytest.param(
            header(bits=8, colours=4) + PALETTE + bytes((2, 0, 0, 0, 0, 1, 0, 0)), id="4 colours"
        ),
        pytest.param(
            header(bits=4) + PALETTE + bytes(12 * 4) + bytes((0x20, 0, 0, 0, 0x01, 0, 0, 0)),
            id="16 colours, all of them",
        ),
        pytest.param(struct.pack("<IHHHH", 12, 2, 2, 1, 24) + UPWARD, id="OS/2"),
    ],
)
@pytest.mark.parametrize("slack", [0, 16])
def test_a_bitmap_becomes_a_file_that_shows_its_pixels(dib: bytes, slack: int) -> None:
    bmp = bmp_of(dib + b"\xdd" * slack)

    assert pixels_of(bmp) == [*TOP, *BOTTOM]
    assert int.from_bytes(bmp[2:6], "little") == len(bmp) == 14 + len(dib)
    assert dib_of(bmp)[:40] == dib[:40]


def test_a_colour_profile_behind_the_pixels_stays() -> None:
    made = bytearray(newer(124))
    struct.pack_into("<II", made, 112, 124 + len(UPWARD_32), 7)
    dib = bytes(made) + UPWARD_32 + b"profile"

    assert bmp_of(dib + b"\xdd" * 9).endswith(b"profile")


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA"])
def test_a_file_of_pillow_survives_the_clipboard(mode: str) -> None:
    image = Image.new("RGB", (5, 3), RED).convert(mode)
    image.putpixel((4, 2), 0 if mode in ("1", "L", "P") else BLUE)
    file = io.BytesIO()
    image.save(file, "BMP")

    bmp = bmp_of(dib_of(file.getvalue()))

    assert pixels_of(bmp) == pixels_of(file.getvalue())


def test_a_gap_before_the_pixels_is_left_out() -> None:
    bmp = bytearray(bmp_of(header() + UPWARD))
    bmp[54:54] = b"gap!"
    bmp[10:14] = (58).to_bytes(4, "little")

    assert dib_of(bytes(bmp)) == header() + UPWARD


def test_the_newest_header_is_told_apart() -> None:
    assert is_v5(newer(124))
    assert not is_v5(header())


@pytest.mark.parametrize(
    ("dib", "problem"),
    [
        (b"", "a header of 0 bytes"),
        (b"\x7f\0\0\0" + bytes(200), "a header of 127 bytes"),
        (header()[:20], "a header of 40 bytes"),
        (header() + UPWARD[:-1], "is cut short: 55 bytes of 56"),
        (header(bits=7) + UPWARD, "2 x 2 px of 7 bits"),
        (header(height=0), "2 x 0 px"),
        (header(height=-(1 << 31)), "is cut short"),
        (header(bits=8, colours=1 << 31), "is cut short"),
    ],
)
def test_what_is_no_bitmap_is_refused(dib: bytes, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        bmp_of(dib)


@pytest.mark.parametrize("bmp", [b"", b"BM", b"PNG" + bytes(60), b"BM" + bytes(60)])
def test_what_is_no_file_is_refused(bmp: bytes) -> None:
    with pytest.raises(ValueError, match=r"no BMP file|no bitmap has"):
        dib_of(bmp)


@given(st.binary(max_size=200), st.sampled_from([12, 40, 52, 56, 108, 124]))
def test_damaged_headers_raise_nothing_else(rest: bytes, size: int) -> None:
    try:
        bmp = bmp_of(size.to_bytes(4, "little") + rest)
    except ValueError:
        return

    assert bmp.startswith(b"BM")
