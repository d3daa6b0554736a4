"""What makes the words of two copies the same clip."""

from __future__ import annotations

import re
import unicodedata

from weavclip.domain.clip import Kind

_SIGMA, _FINAL_SIGMA = "\N{GREEK SMALL LETTER SIGMA}", "\N{GREEK SMALL LETTER FINAL SIGMA}"
_LONG_MARKS = re.compile(r"([^\w\s\x00-\x7f]{32,})")
"""Combining marks without end; a long line of ruler characters fits too, and needs no NFC."""


def normalise(text: str) -> str:
    r"""The form in which two texts are compared: Unicode NFC, LF line ends, no outer blanks.

    >>> normalise("  one\r\ntwo  ")
    'one\ntwo'
    """
    unix = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
    return "".join(_composed(piece) for piece in _LONG_MARKS.split(unix)).strip()


def _composed(piece: str) -> str:
    """In NFC, save for marks without end: sorting those takes the square of their count."""
    return piece if _LONG_MARKS.fullmatch(piece) else unicodedata.normalize("NFC", piece)


def caseless(text: str) -> str:
    """The form in which a text is looked for in another: each letter by itself, small.

    ``str.lower`` looks at the letters beside a sigma, and those of a part are others.

    >>> caseless("ΟΔΟΣ") in caseless("ΟΔΟΣΑ")
    True
    """
    return text.lower().replace(_FINAL_SIGMA, _SIGMA)


def identity_of(kind: Kind, text: str, *, plain: str) -> str:
    r"""What was copied, out of the words that a clip is found by.

    Of a link its address alone, without the name that stands under it; of a page its words
    alone, without the title that stands above them.

    Args:
        kind: The clip's.
        text: Its words.
        plain: What came as plain text beside markup; empty for nothing.

    >>> identity_of(Kind.LINK, "https://a.org/b\nA page", plain="https://a.org/b")
    'https://a.org/b'
    >>> identity_of(Kind.HTML, "A title\nwords", plain="words ")
    'words'
    >>> identity_of(Kind.HTML, "more\nwords", plain="more\r\nwords")
    'more\nwords'
    """
    if kind is Kind.LINK:
        return text.partition("\n")[0]
    _, _, below = text.partition("\n")
    return below if kind is Kind.HTML and below and below == normalise(plain) else text
