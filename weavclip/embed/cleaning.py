"""What CLIP's own tokenizer does to a text before it looks for tokens."""

from __future__ import annotations

import html
import re
import unicodedata

_TERMINAL_ESCAPES = re.compile("\033\\[((?:\\d|;)*)([a-zA-Z])")
_BLANKS = re.compile(r"\s+")
_CONTROLS = dict.fromkeys(
    [
        *range(0x09), 0x0B, *range(0x0E, 0x20), 0x7F,
        *range(0x206A, 0x2070), 0xFEFF, *range(0xFFF9, 0xFFFD),
    ]
)  # fmt: skip
_QUOTES = {
    **dict.fromkeys(map(ord, "\u02bc\u2018\u2019\u201a\u201b"), "'"),
    **dict.fromkeys(map(ord, "\u201c\u201d\u201e\u201f"), '"'),
}
_LIGATURES = {
    0x132: "IJ", 0x133: "ij", 0x149: "\u02bcn", 0x1F1: "DZ", 0x1F2: "Dz", 0x1F3: "dz",
    0x1C4: "D\u017d", 0x1C5: "D\u017e", 0x1C6: "d\u017e", 0x1C7: "LJ", 0x1C8: "Lj",
    0x1C9: "lj", 0x1CA: "NJ", 0x1CB: "Nj", 0x1CC: "nj", 0xFB00: "ff", 0xFB01: "fi",
    0xFB02: "fl", 0xFB03: "ffi", 0xFB04: "ffl", 0xFB05: "\u017ft", 0xFB06: "st",
}  # fmt: skip
_WIDTHS = {
    code: unicodedata.normalize("NFKC", chr(code)) for code in (0x3000, *range(0xFF01, 0xFFF0))
}


def cleaned(text: str) -> str:
    r"""Bring a text to the form in which CLIP's vocabulary was learnt.

    HTML entities are read, quotes straightened, ligatures and full-width letters written out,
    control characters and terminal colours dropped, then NFC, single blanks, lower case.

    OpenAI's tokenizer has ftfy do the first part. Of ftfy's steps one is left out: guessing how
    a text was once decoded wrongly (``â€œ`` for a quote). What was copied is what was seen.

    >>> cleaned("  A\u00a0\ufb01ne &amp;amp; \u201cred\u201d  Ring\n")
    'a fine & "red" ring'
    """
    for _ in range(2):  # as OpenAI does: entities are often escaped twice
        text = html.unescape(text)
    text = _TERMINAL_ESCAPES.sub("", text)
    text = text.translate(_LIGATURES).translate(_WIDTHS).translate(_QUOTES)
    # A lone surrogate has no UTF-8; clipboards on Windows can hold one.
    text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    text = unicodedata.normalize("NFC", text.translate(_CONTROLS))
    return _BLANKS.sub(" ", text).strip().lower()
