"""Texts as programs really encode them on a clipboard, which is not always as they say."""

from __future__ import annotations

import codecs
import io
import re

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)

# COMPOUND_TEXT's right half by the last byte of its designation "ESC - x" (X.Org's "Compound
# Text Encoding", section 5). Multi-byte sets (ESC $) have no decoder here: see _compound.
_RIGHT_HALVES = {
    "A": "iso8859-1",
    "B": "iso8859-2",
    "C": "iso8859-3",
    "D": "iso8859-4",
    "F": "iso8859-7",
    "G": "iso8859-6",
    "H": "iso8859-8",
    "L": "iso8859-5",
    "M": "iso8859-9",
}
_ESCAPE = re.compile(rb"\x1b(%G|%@|[-()][A-Z]|\$[()]?[A-Z])")
_PIECE_BYTES = 64 * 1024
_REPLACED = "\N{REPLACEMENT CHARACTER}"


def decoded(native: str, content: bytes) -> str:
    """The text in ``content``; what cannot be decoded becomes U+FFFD, nothing raises.

    Args:
        native: The type's name. STRING is Latin-1 and COMPOUND_TEXT has its own rules (ICCCM
            2.7.1); everything else is looked at, since UTF-8, UTF-16 with and without a mark
            (older Firefox's HTML) and Latin-1 are all met under one name.
        content: What the owner answered.

    >>> decoded("text/html", "ä".encode("utf-16-le"))
    'ä'
    """
    if native == "STRING":
        return content.decode("latin-1")
    if native == "COMPOUND_TEXT":
        return _compound(content)
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return content.decode(encoding, errors="replace")
    if len(content) % 2 == 0 and content[1::2].count(0) * 2 > len(content) // 2:
        return content.decode("utf-16-le", errors="replace")
    try:
        return content.decode()
    except UnicodeDecodeError:
        return _mostly_utf8(content)


def is_utf8(content: bytes) -> bool:
    """Whether it is UTF-8 without a mark, and so its own text; looked at in pieces."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    view = memoryview(content)
    try:
        for at in range(0, len(content), _PIECE_BYTES):
            decoder.decode(view[at : at + _PIECE_BYTES])
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return not content.startswith(codecs.BOM_UTF8)


def _mostly_utf8(content: bytes) -> str:
    """UTF-8 with a torn character stays UTF-8; anything further from it is Latin-1."""
    decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
    broken = beyond = 0
    for at in range(0, len(content), _PIECE_BYTES):  # 10 MB at once would be 20 MB of text
        piece = decoder.decode(content[at : at + _PIECE_BYTES])
        broken += piece.count(_REPLACED)
        beyond += len(piece) - len(piece.encode("ascii", errors="ignore"))
    encoding = "utf-8" if beyond > 2 * broken else "latin-1"
    return content.decode(encoding, errors="replace")


def _compound(content: bytes) -> str:
    """COMPOUND_TEXT in its one-byte sets and UTF-8 segments; other sets become U+FFFD."""
    # Not by split(): 10 MB of escapes would be millions of pieces, 280 MB at once.
    found, encoding, begin = io.StringIO(), "iso8859-1", 0
    for escape in _ESCAPE.finditer(content):
        found.write(content[begin : escape.start()].decode(encoding, errors="replace"))
        encoding, begin = _after(escape[1].decode("ascii"), encoding), escape.end()
    found.write(content[begin:].decode(encoding, errors="replace"))
    return found.getvalue()


def _after(escape: str, encoding: str) -> str:
    if escape == "%G":
        return "utf-8"
    if escape.startswith("-"):
        return _RIGHT_HALVES.get(escape[1], "ascii")
    if escape.startswith("$"):
        return "ascii"
    return "iso8859-1" if encoding == "utf-8" else encoding
