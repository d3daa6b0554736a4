"""Draws a text that a regular expression matches, for the plain ones that tokens have."""

from __future__ import annotations

import re._constants as c  # type: ignore[import-not-found]  # no stubs for it
import re._parser as parser  # type: ignore[import-not-found]  # as above
import string
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import random

_CATEGORIES = {
    c.CATEGORY_WORD: string.ascii_letters + string.digits + "_",
    c.CATEGORY_DIGIT: string.digits,
}


def drawn_from(pattern: str, rng: random.Random) -> str:
    """A text that ``pattern`` matches whole."""
    return "".join(_draw(each, rng) for each in parser.parse(pattern))


def _draw(piece: Any, rng: random.Random) -> str:  # noqa: ANN401 - the parser's own tuples
    kind, what = piece
    if kind is c.LITERAL:
        return chr(what)
    if kind is c.IN:
        return rng.choice("".join(_characters(each) for each in what))
    if kind is c.MAX_REPEAT:
        least, most, inner = what
        return "".join(_drawn(inner, rng) for _ in range(rng.randint(least, min(most, least + 3))))
    if kind is c.SUBPATTERN:
        return _drawn(what[3], rng)
    assert kind is c.BRANCH, kind
    return _drawn(rng.choice(what[1]), rng)


def _drawn(pieces: Any, rng: random.Random) -> str:  # noqa: ANN401 - as above
    return "".join(_draw(each, rng) for each in pieces)


def _characters(member: Any) -> str:  # noqa: ANN401 - as above
    kind, what = member
    if kind is c.RANGE:
        return "".join(map(chr, range(what[0], what[1] + 1)))
    return _CATEGORIES[what] if kind is c.CATEGORY else chr(what)
