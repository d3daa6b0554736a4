"""The English words that a time is said with, and what each means by itself."""

from __future__ import annotations

import re
from datetime import time

from weavclip.domain.day_names import DAYS, MONTHS, SHORT_DAYS, SHORT_MONTHS

WEEKDAYS = {name: place % 7 for place, name in enumerate((*SHORT_DAYS, *DAYS))}
"""0 is Monday."""
WEEKDAYS |= {"tues": 1, "weds": 2, "thur": 3, "thurs": 3}
MONTH_OF = {name: place % 12 + 1 for place, name in enumerate((*SHORT_MONTHS, *MONTHS))}
MONTH_OF["sept"] = 9

SECONDS = {"second": 1, "minute": 60, "hour": 3600}
TO_NOW = frozenset({*SECONDS, "day"})
"""Units of which the last one ends now; the last week is the one before this."""
UNIT_OF = {
    name: unit
    for unit, names in {
        "second": "s sec secs second seconds",
        "minute": "m min mins minute minutes",
        "hour": "h hr hrs hour hours",
        "day": "d day days",
        "week": "w wk wks week weeks",
        "month": "mo mon month months",
        "year": "y yr yrs year years",
    }.items()
    for name in names.split()
}
NUMBER_WORDS = {
    "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7,
    "eight": 8, "nine": 9, "ten": 10, "twelve": 12, "couple": 2, "few": 3,
}  # fmt: skip
AFTER_A_NUMBER = frozenset({*MONTH_OF, "am", "pm", "ago", ""})
CLOCK_WORDS = {"noon": time(12), "midday": time(12), "midnight": time(0)}
FRONT = frozenset({"at", "on", "in", "within", "during", "over", "the", "from", "since"})
"""Words that stand before a time and change nothing of the moment."""
FILLERS = FRONT | {"of", "and"}
_AMOUNT_PART = re.compile(r"\d+(?:\.\d+)?|[a-z]+")
_OTHERS = FILLERS | {
    "ago", "am", "pm", "last", "past", "this", "today", "yesterday", "tomorrow", "now", "half",
    "noon", "midday", "midnight", "st", "nd", "rd", "th", "weekend", "night",
}  # fmt: skip


def is_month(word: str) -> bool:
    """Whether a word, in lower case, names a month."""
    return word in MONTH_OF


def is_amount(text: str) -> bool:
    """Whether a text says how long, and nothing else.

    >>> is_amount("1h 30m"), is_amount("half an hour"), is_amount("2 hours ago"), is_amount("week")
    (True, True, False, False)
    """
    words = [word for word in _AMOUNT_PART.findall(text) if word not in FILLERS]
    ends_in_unit = bool(words) and words[0] not in UNIT_OF and words[-1] in UNIT_OF
    return ends_in_unit and all(
        word in UNIT_OF or word in NUMBER_WORDS or word == "half" or word[0].isdecimal()
        for word in words
    )


def is_known(word: str) -> bool:
    """Whether a word, in lower case, is one of those that a time is said with in English."""
    return any(word in words for words in (WEEKDAYS, MONTH_OF, UNIT_OF, NUMBER_WORDS, _OTHERS))
