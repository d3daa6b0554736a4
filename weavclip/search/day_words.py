"""Days, their parts and lengths of time in other languages, word by word: ``gestern abend``.

What is said with these words alone is said again in English, for our own grammar: dateparser
knows neither parts of the day nor weekdays with "last" in most languages, and takes a second to
begin.
"""

from __future__ import annotations

import re
from enum import IntEnum
from typing import TYPE_CHECKING

from weavclip.search.day_vocabulary import LANGUAGES
from weavclip.search.terms import folded

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_WHICH = frozenset({"last", "this"})
_PARTS = frozenset({"morning", "afternoon", "evening", "night", "tarde", "noche"})
_SINCE = "since"
_MANY = frozenset({"minutes", "hours", "days", "weeks", "months", "years"})
_ONE = frozenset({"minute", "hour", "day", "week", "month", "year"})
_YEAR = re.compile(r"(?:19|20)\d{2}")
_MOST_WORDS = 3
"""Words that have one meaning together, such as ``antes de ayer``."""
_WORD = re.compile(r"[^\W\d_]+|\d+")
_CLOCK_OR_DATE = re.compile(r"\d\W+\d")


def in_english(text: str) -> str | None:
    """The same time in English words; None where one of the words has no meaning here.

    A word such as ``morgen``, which is tomorrow where it stands alone, means the morning only
    beside a day.

    >>> in_english("Letzten Dienstag am Abend"), in_english("hier après-midi")
    ('last tuesday evening', 'yesterday afternoon')
    >>> in_english("gisteravond"), in_english("morgen"), in_english("im Mai")
    ('yesterday evening', None, None)
    >>> in_english("dans les 3 derniers jours"), in_english("im Jahr 2025")
    ('last 3 days', '2025')
    """
    if _CLOCK_OR_DATE.search(text):
        return None
    words = _WORD.findall(folded(text))
    said = (_put_together(_read(words, language)) for language in LANGUAGES)
    return next(filter(None, said), None)


def _read(words: Sequence[str], language: Mapping[str, str]) -> list[str] | None:
    """What the words mean, needless ones left out; None where one means nothing."""
    found, at = [], 0
    while at < len(words):
        together = range(min(_MOST_WORDS, len(words) - at), 0, -1)
        taken = next((n for n in together if "_".join(words[at : at + n]) in language), 0)
        if taken:
            found.append(language["_".join(words[at : at + taken])])
        elif words[at].isdecimal():
            found.append(words[at])
        else:
            parts = _two_words(words[at], language)
            if parts is None:
                return None
            found += parts
        at += taken or 1
    return [each for meaning in found for each in _apart(meaning)]


def _apart(meaning: str) -> list[str]:
    """``last night`` as two words; nothing of a needless one."""
    which, _, part = meaning.partition(" ")
    return [which, part] if which in _WHICH and part else [meaning] if meaning else []


def _two_words(word: str, language: Mapping[str, str]) -> list[str] | None:
    """The meanings of two words that are written as one: ``Dienstagabend``."""
    cuts = ((word[:at], word[at:]) for at in range(2, len(word) - 1))
    known = (cut for cut in cuts if all(language.get(part) for part in cut))
    first = next(known, None)
    return [language[part] for part in first] if first else None


class _Place(IntEnum):
    """Where a word stands in our grammar."""

    SINCE, WHICH, AMOUNT, DAY, PART = range(5)


def _place(meaning: str) -> _Place:
    if meaning == _SINCE:
        return _Place.SINCE
    if meaning.isdecimal():
        return _Place.AMOUNT
    return _Place.WHICH if meaning in _WHICH else _Place.PART if meaning in _PARTS else _Place.DAY


def _put_together(meanings: Iterable[str] | None) -> str | None:
    """All in the order of our grammar, each at most once; None where it is no time."""
    places: dict[_Place, str] = {}
    for meaning in meanings or ():
        place = _place(meaning)
        if place in places:
            return None
        places[place] = meaning
    if (places.get(_Place.DAY), places.get(_Place.PART)) == ("today", "night"):
        del places[_Place.DAY]  # "heute Nacht" is said of the night that is over, too
        places[_Place.WHICH] = "this"
    if places.get(_Place.DAY) in (None, "year", "years") and _names_year(places):
        places.pop(_Place.DAY, None)
    elif not _names_day(places):
        return None
    return " ".join(places[place] for place in sorted(places))


def _names_year(places: Mapping[_Place, str]) -> bool:
    is_alone = places.keys().isdisjoint({_Place.WHICH, _Place.PART})
    return is_alone and _YEAR.fullmatch(places.get(_Place.AMOUNT, "")) is not None


def _names_day(places: Mapping[_Place, str]) -> bool:
    """Whether a day or a length of time is said whole: an amount with its unit, and no other."""
    day = places.get(_Place.DAY)
    if _Place.AMOUNT in places:
        return day in _ONE | _MANY and _Place.PART not in places
    if day is None:
        return {_Place.WHICH, _Place.PART} <= places.keys()
    return day not in _MANY
