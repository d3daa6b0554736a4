"""Times in other languages than English, by dateparser."""

from __future__ import annotations

import re
import warnings
from dataclasses import dataclass
from datetime import time
from typing import TYPE_CHECKING, Any

from weavclip.search.time_vocabulary import is_known

if TYPE_CHECKING:
    from datetime import datetime

    from weavclip.search.time_words import Local

LANGUAGES = (
    "de", "fr", "es", "it", "pt", "nl", "pl", "cs", "ru", "uk", "sv", "da", "nb", "fi", "tr",
    "hu", "ro", "ja", "zh", "ko",
)  # fmt: skip
"""English is not among them: its words have one meaning, that of ``time_words``."""
MOST_CHARS = 60
_FIRST_YEAR = 1900
"""dateparser 1.5.0 takes "2025" for the clock time 20:25 in some languages, of the year 1."""
_MIDNIGHT = time(0)
_HOUR = re.compile(r"\b(\d{1,2})\s*Uhr\b", re.IGNORECASE)
"""dateparser 1.5.0 passes over the hour of "gestern um 14 Uhr" and knows "gestern um 14:00"."""
_UNITS = {"time": "hour", "part_of_day": "hour"}


@dataclass(frozen=True, slots=True)
class Found:
    """A moment, and the unit that was named: hour, day, week, month or year."""

    at: datetime
    unit: str


def _parser(now: datetime) -> Any:  # noqa: ANN401 - dateparser has no types
    from dateparser.date import DateDataParser

    settings = {
        "RELATIVE_BASE": now,
        "PREFER_DATES_FROM": "past",
        "RETURN_TIME_AS_PERIOD": True,
        "RETURN_AS_TIMEZONE_AWARE": False,
    }
    return DateDataParser(languages=[*LANGUAGES], settings=settings)


def read(text: str, local: Local) -> Found | None:
    """The moment that ``text`` means, days at midnight; None when none of the languages has it.

    The first call takes about two seconds, each other one some 20 ms: only what English does not
    know comes here.
    """
    words = re.findall(r"[^\W\d_]+", text.lower())
    if len(text) > MOST_CHARS or all(map(is_known, words)):
        return None
    now = local.now.replace(tzinfo=None, second=0, microsecond=0)
    with warnings.catch_warnings():
        # dateparser asks strptime for days without a year, which Python 3.13 warns of.
        warnings.simplefilter("ignore", DeprecationWarning)
        try:
            found = _parser(now).get_date_data(_HOUR.sub(r"\1:00", text))
        except (ValueError, OverflowError):
            return None
    if found.date_obj is None or found.date_obj.year < _FIRST_YEAR:
        return None
    unit = _UNITS.get(found.period, found.period)
    if unit == "day" and found.date_obj.time() not in (now.time(), _MIDNIGHT):
        unit = "hour"  # "gestern um 14 Uhr" is called a day
    clock = found.date_obj.time() if unit == "hour" else _MIDNIGHT
    return Found(local.at(found.date_obj.date(), clock), unit)
