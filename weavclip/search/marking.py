"""Showing where in a typed text something is wrong."""

from __future__ import annotations

import unicodedata

from weavclip.domain.errors import QueryError

MOST_CELLS = 70
"""Of the text that is shown; the rest of a long one is left out on both sides."""
_BEFORE_CELLS = 30
_WIDE = frozenset("WF")


def wrong(message: str, text: str, at: slice, *, hint: str) -> QueryError:
    """The error that says what is wrong in ``text``, with the place marked under it.

    Args:
        message: What is wrong.
        text: As typed.
        at: The wrong part.
        hint: The next step.
    """
    return QueryError(f"{message}\n{marked(text, at)}", hint=hint)


def marked(text: str, at: slice) -> str:
    """Two lines: the text around a part of it, and a mark under that part.

    >>> print(marked("kind:imag chart", slice(5, 9)))
      kind:imag chart
           ^^^^
    """
    first = max(0, at.start - _BEFORE_CELLS)
    shown = _plain(text[first : first + MOST_CELLS])
    before = _plain(text[first : at.start])
    part = _plain(text[at.start : min(at.stop, first + MOST_CELLS)])
    start, end = "… " if first else "", " …" if first + MOST_CELLS < len(text) else ""
    margin = " " * (2 + len(start) + _cells(before))
    return f"  {start}{shown}{end}\n{margin}{'^' * max(1, _cells(part))}"


def _plain(text: str) -> str:
    """In one line, of characters that stand alone: a typed text must not drive a terminal."""
    return "".join(_one(character) for character in text)


def _one(character: str) -> str:
    if character.isspace():
        return " "
    return character if character.isprintable() else "\ufffd"


def _cells(text: str) -> int:
    """Columns on a terminal."""
    return sum(
        0 if unicodedata.combining(each) else 1 + (unicodedata.east_asian_width(each) in _WIDE)
        for each in text
    )
