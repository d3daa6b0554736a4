"""Typing slips: words that no clip has, and the word that each of them is nearest to."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from weavclip.search.terms import MOST_TERMS, STOP_WORDS, TERM, folded

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from weavclip.domain.words import WordStore

LEAST_CHARS = 4
"""A shorter word has a neighbour for everything."""
TWO_SLIPS_CHARS = 8
"""From this length on a word may have two slips, under it one."""

_ALPHABET = 128
"""Code points side by side that hold a script's letters; Latin's without accents, Cyrillic's."""


def mended(words: str, known: WordStore, *, hidden: bool = False) -> str:
    """The words, each that no clip has as the nearest one that a clip has.

    A slip is a letter too many, too few or wrong, or two that changed places. Among equally near
    words the one that most clips have is taken. Short words and such with digits stay as they
    are, as does what is near to none.

    Args:
        words: As typed; in pasted text only as many are looked at as are looked for.
        known: Has the words that clips have.
        hidden: Words that only hidden clips have count, too.
    """
    terms = partial(known.terms, hidden=hidden)
    return TERM.sub(lambda found: _word(found[0], terms), words, count=MOST_TERMS)


def _word(typed: str, terms: Callable[[Sequence[str]], Mapping[str, int]]) -> str:
    term = folded(typed)
    if len(term) < LEAST_CHARS or not term.isalpha() or term in STOP_WORDS:
        return typed
    if term in terms((term,)):  # first, as it is the rule: a thousandth of its neighbours
        return typed
    # The first letter is mostly right, or comes second. Its neighbours are read where that fails.
    near = _nearest(term, terms((term[0], term[1]))) or _nearest(
        term, terms(_with_another_first_letter(term))
    )
    return near or typed


def _with_another_first_letter(term: str) -> list[str]:
    """How words begin whose first letter was left out of ``term``, or is another one there."""
    first = ord(term[0]) // _ALPHABET * _ALPHABET
    script = map(chr, range(first, first + _ALPHABET))
    letters = [each for each in script if each.isalpha() and each == each.lower()]
    return [letter + then for letter in letters for then in term[:2]]


def _nearest(term: str, counted: Mapping[str, int]) -> str | None:
    from rapidfuzz import process
    from rapidfuzz.distance import OSA

    found = process.extract(
        term,
        counted.keys(),
        scorer=OSA.distance,
        score_cutoff=1 if len(term) < TWO_SLIPS_CHARS else 2,
        limit=None,
    )
    nearest = min(found, key=lambda each: (each[1], -counted[each[0]], each[0]), default=None)
    return nearest[0] if nearest else None
