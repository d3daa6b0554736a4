"""What is read in a picture: lines of words with their places, and codes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple


class Box(NamedTuple):
    """Where something is in a picture, in pixels of the original from its upper left corner."""

    left: int
    top: int
    right: int
    bottom: int


@dataclass(frozen=True, slots=True)
class Pixels:
    """A decoded picture, upright and flattened on white.

    Attributes:
        width_px: Of what is here.
        height_px: Of what is here.
        rgb: ``3 * width_px * height_px`` bytes, row by row.
        reduced: How many of the original's pixels one stands for in each direction, 1 or more.
    """

    width_px: int
    height_px: int
    rgb: bytes = field(repr=False)
    reduced: int = 1


FINE_PX, COARSE_PX = 96, 32
"""Sides of the squares that pictures are compared in."""


@dataclass(frozen=True, slots=True)
class Greys:
    """A picture, upright and flattened on white, squeezed to two squares of grey values.

    Attributes:
        fine: ``FINE_PX ** 2`` bytes, row by row.
        coarse: ``COARSE_PX ** 2`` bytes, likewise.
    """

    fine: bytes = field(repr=False)
    coarse: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class SeenLine:
    """A line of words, or a code.

    Attributes:
        words: As they stand, without space in them.
        boxes: One a word; those of a code's words are all the code's.
        code: Kind of code, such as ``QR code``; empty for words.
    """

    words: tuple[str, ...] = field(repr=False)
    boxes: tuple[Box, ...] = field(repr=False)
    code: str = ""

    def __post_init__(self) -> None:
        """Refuse words without a place.

        Raises:
            ValueError: If there are more or fewer boxes than words.
        """
        if len(self.words) != len(self.boxes):
            message = f"{len(self.words)} words have {len(self.boxes)} boxes"
            raise ValueError(message)

    @property
    def text(self) -> str:
        """The line as it is kept and searched.

        >>> SeenLine(("https://example.org",), (Box(0, 0, 9, 9),), "QR code").text
        'QR code: https://example.org'
        """
        return f"{self.code}: " * bool(self.code) + " ".join(self.words)


@dataclass(frozen=True, slots=True)
class Seen:
    """All that was read in one picture, in reading order, codes last."""

    lines: tuple[SeenLine, ...] = ()

    @property
    def text(self) -> str:
        """A line of text for each; empty when nothing was found."""
        return "\n".join(line.text for line in self.lines)

    @property
    def boxes(self) -> tuple[Box, ...]:
        """One for each of ``text.split()``: a code's name has the code's box, too."""
        return tuple(box for line in self.lines for box in _boxes(line))


def _boxes(line: SeenLine) -> tuple[Box, ...]:
    return line.boxes[:1] * len(line.code.split()) + line.boxes
