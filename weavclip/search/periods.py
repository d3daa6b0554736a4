"""Stretches of time in words: ``yesterday evening``, ``last week``, ``between 3 and 5 pm``.

English by :mod:`weavclip.search.when`; of other languages days and parts of the day by
:mod:`weavclip.search.day_words`, the rest by :mod:`weavclip.search.languages`.
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

from weavclip.domain.errors import QueryError
from weavclip.search import when
from weavclip.search.time_vocabulary import FRONT, TO_NOW, UNIT_OF, is_amount, is_month
from weavclip.search.time_words import Local

if TYPE_CHECKING:
    from datetime import tzinfo

EXAMPLES = (
    "yesterday, 'yesterday evening', 'last week', 'in march', 'between 3 and 5 pm yesterday'"
)
_PARTS_OF_DAY = {
    "morning": (time(5), time(12)),
    "afternoon": (time(12), time(18)),
    "evening": (time(17), time(0)),
    "night": (time(21), time(5)),
    # As Spanish and Portuguese part the day, for which day_words has no English names.
    "tarde": (time(12), time(20)),
    "noche": (time(19), time(5)),
}
_PART_OF_DAY = re.compile(rf"(?:(.*?)\s+)??(?:in the\s+|at\s+)?({'|'.join(_PARTS_OF_DAY)})")
_BETWEEN = re.compile(r"(.*?)\s*\b(?:between|from)\s+(.+?)\s+(?:and|to|until|till)\s+(.+)")
_CLOCK = re.compile(r"\b(\d{1,2})(:\d{2})?\s*(am|pm)?(?=\s|$)")
_DAY_OF_MONTH = re.compile(r"\d{1,2}(?:st|nd|rd|th|\.)?")
_BEFORE_A_TIME = re.compile(rf"(?:(?:{'|'.join(sorted(FRONT))})\s+)*")
_SINCE = "since "
_DAY_OF = {"": "today", "this": "today", "last": "yesterday"}
_AROUND = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Period:
    """A stretch of time that was understood: from ``after``, included, to ``before``; aware."""

    after: datetime
    before: datetime

    def said(self, *, now: datetime) -> str:
        """As a person reads it."""
        after, before = (when.describe(each, now=now) for each in (self.after, self.before))
        return f"{after} to {before}"


def understand(text: str, *, now: datetime, zone: tzinfo | None = None) -> Period:
    """Understand a stretch of time; a moment means the day, week, month or year that it names.

    A clock time means the hour that begins then, ``2 hours ago`` the hour around it, and ``last 3
    days`` or ``3d`` the time since. Evening is 17:00 to midnight, night 21:00 to 5:00, a weekend
    Saturday and Sunday.

    Args:
        text: As typed.
        now: The present, aware.
        zone: Of the times in ``text``; the system's when absent.

    Raises:
        QueryError: If it is not understood.
    """
    reader = _Reader(now, zone)
    try:
        return reader.english(text)
    except QueryError as error:
        found = reader.foreign(text)
        if found is None:
            raise QueryError(str(error), hint=f"such as {EXAMPLES}") from error
        return found


class _Reader:
    def __init__(self, now: datetime, zone: tzinfo | None) -> None:
        self.local = Local(now, zone)
        self._now, self._zone = now, zone

    def english(self, text: str) -> Period:
        """Any of the forms below.

        Raises:
            QueryError: If it is none of them.
        """
        whole = " ".join(text.lower().split())
        plain = _BEFORE_A_TIME.sub("", whole, count=1)
        found = self.between(whole) or self.part_of_day(plain) or self.plain(plain)
        if whole.startswith(_SINCE):
            return self._ordered(found.after, self.local.now)
        return found

    def foreign(self, text: str) -> Period | None:
        """In another language; None when none of them has it."""
        from weavclip.search import day_words, languages

        same = day_words.in_english(text)
        if same is not None:
            with suppress(QueryError):
                return self.english(same)
        found = languages.read(text, self.local)
        return whole(found.at, found.unit, self.local) if found else None

    def between(self, text: str) -> Period | None:
        """``between 3 and 5 pm yesterday``, ``from monday to wednesday``; None for others."""
        found = _BETWEEN.fullmatch(text)
        if found is None:
            return None
        first, last = found[2], f"{found[3]} {found[1]}".strip()
        clock = _CLOCK.search(last)
        rest = _CLOCK.sub("", last, count=1).strip()
        if clock is None or not _CLOCK.fullmatch(first):
            start = self.plain(f"{first} {found[1]}".strip())
            return self._ordered(start.after, self.plain(last).before)
        if clock[0].strip().isdecimal() and rest and is_month(rest.split()[0]):
            return self._ordered(self.plain(f"{first} {rest}").after, self.plain(last).before)
        half = "" if first.endswith("m") else clock[3] or ""
        clocks = (_with_minutes(first + half), _with_minutes(clock[0].strip()))
        after, before = (self._moment(f"{rest} {each}".strip()) for each in clocks)
        return self._ordered(after, before)

    def part_of_day(self, text: str) -> Period | None:
        """``yesterday evening``, ``last night``, ``monday in the morning``; None for others.

        Without a day it is the latest that has begun, and so is ``this night``.
        """
        found = _PART_OF_DAY.fullmatch(text.replace("tonight", "today night"))
        if found is None:
            return None
        which, part = found[1] or "", found[2]
        date = self._moment(_DAY_OF.get(which, which)).date()
        first, last = _PARTS_OF_DAY[part]
        is_ahead = self.local.at(date, first) > self.local.now
        if is_ahead and (not which or (which, part) == ("this", "night")):
            date -= timedelta(days=1)
        after = self.local.at(date, first)
        ends = date + timedelta(days=1) if last <= first else date
        return Period(after, self.local.at(ends, last))

    def plain(self, text: str) -> Period:
        """A moment, and how much of the time around it is meant."""
        words = [word.strip(",") for word in text.split() if word != "the"]
        at = self._moment(text)
        units = {UNIT_OF[word] for word in words if word in UNIT_OF}
        if _is_since(words):
            return Period(at, self.local.now)
        if units & {"second", "minute", "hour"}:
            return hour_around(at)
        return whole(at, _unit(words, units, at), self.local)

    def _moment(self, text: str) -> datetime:
        return when.understand_english(text, now=self._now, zone=self._zone).at

    def _ordered(self, after: datetime, before: datetime) -> Period:
        if after >= before:
            message = "the end of that time is not after its beginning"
            raise QueryError(message, hint=f"such as {EXAMPLES}")
        return Period(after, before)


def hour_around(at: datetime) -> Period:
    """Half an hour before a moment, and half an hour after."""
    return Period(at - _AROUND, at + _AROUND)


def whole(at: datetime, unit: str, local: Local) -> Period:
    """The hour from a moment on, or the day, week, month or year that it lies in."""
    if unit == "hour":
        return Period(at, at + timedelta(hours=1))
    first = last = at.date()
    if unit == "weekend":
        last += timedelta(days=2)
    elif unit == "week":
        first -= timedelta(days=first.weekday())
        last = first + timedelta(days=7)
    elif unit == "month":
        first = first.replace(day=1)
        last = (first + timedelta(days=31)).replace(day=1)
    elif unit == "year":
        first = first.replace(month=1, day=1)
        last = first.replace(year=first.year + 1)
    else:
        last += timedelta(days=1)
    return Period(local.at(first), local.at(last))


def _with_minutes(clock: str) -> str:
    """A bare hour as a clock time.

    >>> _with_minutes("5 pm"), _with_minutes("16")
    ('5 pm', '16:00')
    """
    return f"{clock}:00" if clock.isdecimal() else clock


def _is_since(words: list[str]) -> bool:
    """Whether it is a time until now: ``3d``, ``last 3 days``, ``past week``, ``last hour``."""
    which = words[0] if words and words[0] in ("last", "past") else ""
    rest = words[1:] if which else words
    if which and len(rest) == 1 and rest[0] in UNIT_OF:
        return which == "past" or UNIT_OF[rest[0]] in TO_NOW
    return is_amount(" ".join(rest))


def _unit(words: list[str], units: set[str], at: datetime) -> str:
    if "weekend" in words:
        return "weekend"
    for unit in ("day", "week", "month", "year"):
        if unit in units:
            return unit
    if at.time() != time(0) or any(
        word in ("midnight", "12am", "00:00", "0:00") for word in words
    ):
        return "hour"
    numbers = [word for word in words if _DAY_OF_MONTH.fullmatch(word)]
    if any(map(is_month, words)) and not numbers:
        return "month"
    (word, *more) = words
    if not more and re.fullmatch(r"\d{4}-\d{1,2}", word):
        return "month"
    return "year" if not more and re.fullmatch(r"\d{4}", word) else "day"
