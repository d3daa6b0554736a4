"""Words in a question and in texts, compared as both indexes compare them."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

TERM = re.compile(r"[^\W_]+")
"""A word: letters and digits in a row."""
_LONG_MARKS = re.compile(r"[^\w\s\x00-\x7f]{32,}")
"""Combining marks without end: normalising them takes time by the square of their count."""
MOST_TERMS = 64
"""Different terms of one question that are looked for; more come from pasted texts."""

_STOP_WORDS_TEXT = """
    a about all am an and any are as at be been being but by can could did do does for from
    had has have he her here hers him his how i if in into is it its me my of on one or our out
    over please she should so some such than that the their them then there these they this those
    to too up us very was we were what when where which who whom why will with would you your
"""
STOP_WORDS = frozenset(_STOP_WORDS_TEXT.split())


def folded(text: str) -> str:
    """Lower case without diacritics, as SQLite's unicode61 tokenizer compares letters.

    >>> folded("Größe CAFÉ")
    'grosse cafe'
    """
    if text.isascii():
        return text.lower()
    parts = unicodedata.normalize("NFKD", _LONG_MARKS.sub(" ", text.casefold()))
    return "".join(char for char in parts if not unicodedata.combining(char))


def terms(text: str) -> tuple[str, ...]:
    """The different words of ``text``, folded, in order; runs of letters and digits.

    >>> terms("Ask the port of PostgreSQL, ask!")
    ('ask', 'the', 'port', 'of', 'postgresql')
    """
    return tuple(dict.fromkeys(TERM.findall(folded(text))))


def content_terms(text: str) -> tuple[str, ...]:
    """The words that say something, at most ``MOST_TERMS``; all of them if none does.

    >>> content_terms("where is the invoice?")
    ('invoice',)
    >>> content_terms("to be or")
    ('to', 'be', 'or')
    """
    found = terms(text)
    return tuple(term for term in found if term not in STOP_WORDS)[:MOST_TERMS] or found


def occurs(term: str, text: str) -> bool:
    """Whether ``text`` (folded) contains ``term`` as a word of its own.

    By ``str.find`` and a look at the neighbours: a text of 100 KB takes 10 to 50 microseconds
    this way, and some 10 ms to split into words.
    """
    at = text.find(term)
    while at >= 0:
        end = at + len(term)
        if not (text[at - 1 : at].isalnum() or text[end : end + 1].isalnum()):
            return True
        at = text.find(term, at + 1)
    return False


@lru_cache(maxsize=64)
def _snippet_pattern(sought: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(re.escape(term) for term in sought), re.IGNORECASE)


def around(text: str, sought: tuple[str, ...], *, reach: int = 30) -> str:
    r"""A piece of ``text`` around the first of the words ``sought``; empty when there is none.

    >>> around("Revenue by quarter\n2026", ("quarter",))
    'Revenue by quarter 2026'
    """
    hit = _snippet_pattern(sought).search(text) if sought else None
    if hit is None:
        return ""
    piece = text[max(0, hit.start() - reach) : hit.end() + reach]
    return " ".join(piece.split())
