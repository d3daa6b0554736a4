"""What a clip may show on a terminal: characters, never orders."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
BETWEEN = " · "
_CONTROL_PICTURES = 0x2400
_DELETE = 0x7F
_JOINERS = frozenset("\u200c\u200d")
"""Format characters that letters and emoji need; alone they move nothing."""
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


class _Replacements(dict[int, str | int]):
    """What stands for each code point, worked out when it is first met."""

    def __missing__(self, point: int) -> str | int:
        found = self[point] = _shown(point)
        return found


def _shown(point: int) -> str | int:
    character = chr(point)
    if character in _JOINERS or unicodedata.category(character) not in _UNSEEN:
        return point
    if point < ord(" "):
        return chr(_CONTROL_PICTURES + point)
    return "\N{SYMBOL FOR DELETE}" if point == _DELETE else REPLACEMENT


_LINE = _Replacements()
_TEXT = _Replacements({ord("\n"): "\n", ord("\t"): "\t"})


def printable(text: str, *, lines: bool = False) -> str:
    r"""Replace whatever a terminal would obey or not show.

    Control characters, and so every escape sequence, become their pictures; overrides of the
    writing direction, lone surrogates, line separators and other invisible characters become
    U+FFFD. What remains can be encoded in UTF-8.

    Args:
        text: Anything.
        lines: Keep line feeds and tabs, and take CR LF for a line feed.

    >>> printable("red \x1b[31m\u202eevil\n")
    'red ␛[31m�evil␊'
    """
    if lines:
        return text.replace("\r\n", "\n").translate(_TEXT)
    return text if text.isascii() and text.isprintable() else text.translate(_LINE)


def cells(text: str) -> int:
    """How many columns ``text`` takes on a terminal.

    >>> cells("abc"), cells("日本"), cells("e\u0301")
    (3, 4, 1)
    """
    return len(text) if text.isascii() else sum(map(_cells_of, text))


def _cells_of(character: str) -> int:
    if character in _JOINERS or unicodedata.combining(character) or character == "\ufe0f":
        return 0
    return 2 if unicodedata.east_asian_width(character) in {"W", "F"} else 1


def fitted(text: str, columns: int) -> str:
    """``text`` cut to ``columns``, with an ellipsis where something was cut off.

    >>> fitted("two peaks", 6)
    'two p…'
    """
    if cells(text) <= columns:
        return text
    width, kept = 0, []
    for character in text:
        width += _cells_of(character)
        if width >= columns:
            break
        kept.append(character)
    return "".join(kept) + "…" if columns > 0 else ""


def flowed(parts: Iterable[str], columns: int, *, between: str = BETWEEN) -> list[str]:
    """Parts beside each other on as few lines as hold them; one that is too wide has its own.

    >>> flowed(["3 of 9 clips", "image", "since Mon 9 Nov 00:00"], 30)
    ['3 of 9 clips · image', 'since Mon 9 Nov 00:00']
    """
    lines: list[str] = []
    for part in parts:
        longer = f"{lines[-1]}{between}{part}" if lines else part
        if lines and cells(longer) <= columns:
            lines[-1] = longer
        else:
            lines.append(part)
    return lines


def padded(text: str, columns: int) -> str:
    """``text`` cut or filled with blanks to exactly ``columns``."""
    shown = fitted(text, columns)
    return shown + " " * (columns - cells(shown))
