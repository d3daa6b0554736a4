"""A picture in a terminal: kitty's, iTerm2's and sixel's ways, else half blocks.

Pillow is imported when a picture is really drawn. Only thumbnails that weavclip made itself are
decoded here, never what somebody copied.
"""

from __future__ import annotations

import base64
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

from weavclip.cli.terminal import Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator

    from PIL.Image import Image

_CELL_WIDTH_PX = 10
_CELL_HEIGHT_PX = 20
_KITTY_CHUNK = 4096
_SIXEL_COLOURS = 64
_SIXEL_ROWS = 6
_SIXEL_BASE = 63
_ASPECT = 2.0
"""A cell is about twice as high as it is wide."""


@dataclass(frozen=True, slots=True)
class Box:
    """How much room a picture may take, in cells."""

    columns: int
    rows: int

    def fit(self, width_px: int, height_px: int) -> Box:
        """The largest box inside this one with the picture's proportions, at least one cell."""
        scale = min(self.columns / width_px, self.rows * _ASPECT / height_px)
        return Box(max(1, round(width_px * scale)), max(1, round(height_px * scale / _ASPECT)))


def draw(thumbnail: bytes, *, way: Protocol, box: Box, indent: int = 0) -> str:
    """What to write to the terminal for a picture, with the line feed at its end.

    Args:
        thumbnail: An encoded picture that weavclip made.
        way: How the terminal takes it.
        box: Most cells.
        indent: Blanks to its left.

    Returns:
        Escape sequences and blocks; empty when it cannot be decoded.
    """
    from PIL import Image, UnidentifiedImageError

    try:
        picture = Image.open(io.BytesIO(thumbnail)).convert("RGB")
    except (UnidentifiedImageError, OSError, ValueError):
        return ""
    fit = box.fit(*picture.size)
    if way is Protocol.BLOCKS:
        return _blocks(picture, fit, indent)
    margin = " " * indent
    if way is Protocol.KITTY:
        return margin + "".join(_kitty(picture, fit)) + "\n"
    if way is Protocol.ITERM2:
        return margin + _iterm2(thumbnail, fit) + "\n"
    return margin + _sixel(picture, fit) + "\n" if way is Protocol.SIXEL else ""


def _blocks(picture: Image, fit: Box, indent: int) -> str:
    small = picture.resize((fit.columns, fit.rows * 2))
    pixels = small.tobytes()
    lines = []
    for row in range(fit.rows):
        cells = (_block(pixels, fit.columns, column, row) for column in range(fit.columns))
        lines.append(" " * indent + "".join(cells) + "\x1b[0m\n")
    return "".join(lines)


def _block(pixels: bytes, width: int, column: int, row: int) -> str:
    upper = 3 * (2 * row * width + column)
    lower = upper + 3 * width
    fore, back = pixels[upper : upper + 3], pixels[lower : lower + 3]
    return "\x1b[38;2;{};{};{};48;2;{};{};{}m▀".format(*fore, *back)


def _kitty(picture: Image, fit: Box) -> Iterator[str]:
    payload = base64.standard_b64encode(picture.tobytes()).decode()
    width, height = picture.size
    control = f"a=T,f=24,s={width},v={height},c={fit.columns},r={fit.rows},q=2,"
    for start in range(0, len(payload), _KITTY_CHUNK):
        more = int(start + _KITTY_CHUNK < len(payload))
        yield f"\x1b_G{control}m={more};{payload[start : start + _KITTY_CHUNK]}\x1b\\"
        control = ""


def _iterm2(thumbnail: bytes, fit: Box) -> str:
    payload = base64.standard_b64encode(thumbnail).decode()
    shape = f"size={len(thumbnail)};width={fit.columns};height={fit.rows}"
    return f"\x1b]1337;File=inline=1;preserveAspectRatio=1;{shape}:{payload}\x07"


def _sixel(picture: Image, fit: Box) -> str:
    size = (fit.columns * _CELL_WIDTH_PX, fit.rows * _CELL_HEIGHT_PX)
    small = picture.resize(size).quantize(_SIXEL_COLOURS)
    palette = small.getpalette() or []
    colours = "".join(
        "#{};2;{};{};{}".format(n, *(part * 100 // 255 for part in palette[3 * n : 3 * n + 3]))
        for n in range(len(palette) // 3)
    )
    pixels, (width, height) = small.tobytes(), size
    bands = (
        _sixel_band(pixels[start * width : (start + _SIXEL_ROWS) * width], width)
        for start in range(0, height, _SIXEL_ROWS)
    )
    return f'\x1bPq"1;1;{width};{height}{colours}' + "-".join(bands) + "\x1b\\"


def _sixel_band(pixels: bytes, width: int) -> str:
    columns: dict[int, list[int]] = {}
    for place, colour in enumerate(pixels):
        columns.setdefault(colour, [0] * width)[place % width] |= 1 << place // width
    return "$".join(
        f"#{colour}" + "".join(chr(_SIXEL_BASE + bits) for bits in column)
        for colour, column in columns.items()
    )
