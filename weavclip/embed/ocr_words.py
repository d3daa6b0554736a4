"""One recognised line as words: what was no letter dropped, a place for each word."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from weavclip.domain.seen import Box, SeenLine

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

SURE_ENOUGH = 0.6
"""Lines of which the recogniser is less sure are not kept: icons, textures, cut letters."""
_STRAY = 2
"""So many ideographs in a row are icons taken for them, where no line has more."""
_MAIN_SHARE = 0.5
_LETTER_COLUMNS = 1.5
_IDEOGRAPHS = ("CJK UNIFIED", "HIRAGANA", "KATAKANA", "HANGUL", "CJK COMPAT", "KANGXI")


@dataclass(frozen=True, slots=True)
class Recognised:
    """What the recogniser made of one text.

    Attributes:
        text: With spaces.
        sureness: 0 to 1, the mean over its characters.
        columns: Where each character that is no space stands, from the text's start.
        width: Of the text, in the same columns.
        corners: Shape (4, 2): the text's, upper left first, in reading direction.
    """

    text: str
    sureness: float
    columns: tuple[int, ...]
    width: float
    corners: NDArray[np.float32]


def line_of(texts: Sequence[Recognised]) -> SeenLine:
    """The words of texts that stand in one line, each with its box."""
    pairs = [pair for text in texts for pair in _words(text)]
    return SeenLine(tuple(word for word, _ in pairs), tuple(box for _, box in pairs))


def without_strays(found: Sequence[Recognised]) -> list[Recognised]:
    """The texts without the few ideographs that icons were taken for.

    All are kept where most letters are ideographs, or where more than two stand in a row.
    """
    marks = ["".join("i" if _is_ideograph(c) else " " for c in each.text) for each in found]
    letters = sum(c.isalpha() for each in found for c in each.text)
    longest = max((len(run) for each in marks for run in each.split()), default=0)
    if longest > _STRAY or sum(each.count("i") for each in marks) > _MAIN_SHARE * letters:
        return list(found)
    kept = [
        _without_ideographs(each) if any(map(_is_ideograph, each.text)) else each for each in found
    ]
    return [each for each in kept if any(c.isalnum() for c in each.text)]


def _without_ideographs(found: Recognised) -> Recognised:
    solid = [c for c in found.text if not c.isspace()]
    columns = tuple(
        column for c, column in zip(solid, found.columns, strict=True) if not _is_ideograph(c)
    )
    text = " ".join("".join(" " if _is_ideograph(c) else c for c in found.text).split())
    return replace(found, text=text, columns=columns)


def _is_ideograph(character: str) -> bool:
    return character > "ⷿ" and unicodedata.name(character, "").startswith(_IDEOGRAPHS)


def _words(found: Recognised) -> list[tuple[str, Box]]:
    place, pairs = 0, []
    for word in found.text.split():
        columns = found.columns[place : place + len(word)]
        place += len(word)
        pairs.append((word, _box(found, columns)))
    return pairs


def _box(found: Recognised, columns: Sequence[int]) -> Box:
    """The part of the text's corners that some of its columns take up."""
    upper_left, upper_right, lower_right, lower_left = found.corners
    share = np.clip(
        np.array([columns[0] - _LETTER_COLUMNS / 2, columns[-1] + _LETTER_COLUMNS])
        / max(found.width, 1.0),
        0.0,
        1.0,
    )[:, None]
    around = np.concatenate(
        [
            upper_left + share * (upper_right - upper_left),
            lower_left + share * (lower_right - lower_left),
        ]
    )
    left, top = np.floor(around.min(axis=0))
    right, bottom = np.ceil(around.max(axis=0))
    return Box(max(0, int(left)), max(0, int(top)), int(right), int(bottom))
