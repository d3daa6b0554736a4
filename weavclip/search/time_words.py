"""The grammar of times in words: what follows what, and which moment it means."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from weavclip.search.time_vocabulary import (
    AFTER_A_NUMBER,
    CLOCK_WORDS,
    FILLERS,
    MONTH_OF,
    NUMBER_WORDS,
    SECONDS,
    TO_NOW,
    UNIT_OF,
    WEEKDAYS,
)

if TYPE_CHECKING:
    from datetime import tzinfo

_MONTHS_A_YEAR = 12
_SATURDAY = 5
_CLOCK = re.compile(r"(\d{1,2})(?::(\d{2}))?(?::(\d{2}))?(am|pm)?")
_AMOUNT = re.compile(r"(\d+(?:\.\d+)?)([a-z]+)")
_YEAR = re.compile(r"(19|20)\d{2}")
_YEAR_AND_MONTH = re.compile(r"((?:19|20)\d{2})-(\d{1,2})")
_DAY_OF_MONTH = re.compile(r"(\d{1,2})(?:st|nd|rd|th|\.)?")


class NotUnderstoodError(ValueError):
    """A word that does not fit the grammar."""


class Local:
    """The present in the zone that is meant, and other times of it."""

    def __init__(self, now: datetime, zone: tzinfo | None) -> None:
        self._zone = zone
        self.now = now.astimezone(zone)
        self.today = self.now.date()

    def at(self, day: date, clock: time = time(0)) -> datetime:
        """A time of ``day``, with the offset that holds on that day (summer time)."""
        plain = datetime.combine(day, clock)
        # Without a zone astimezone takes the system's, which knows past changes of offset.
        return plain.replace(tzinfo=self._zone) if self._zone else plain.astimezone()


def read(text: str, local: Local) -> datetime:
    """The moment that ``text`` means.

    Raises:
        NotUnderstoodError: With the word that does not fit.
        OverflowError: If it lies before the year 1 or after 9999.
    """
    return _Reader(_words(text), local).moment()


def _words(text: str) -> list[str]:
    parts = re.sub(r"[,\s]+", " ", text.strip().lower()).split()
    parts = [part for part in parts if part not in FILLERS]
    if not parts:
        raise NotUnderstoodError(text.strip())
    return parts


class _Reader:
    """Reads words from the left; what is left over at the end was not understood."""

    def __init__(self, words: list[str], local: Local) -> None:
        self._words = words
        self._local = local

    def moment(self) -> datetime:
        found = self._ago()
        if found is None:
            day = self._day()
            clock = self._clock()
            found = self._on(day, clock)
        if self._words:
            raise NotUnderstoodError(self._words[0])
        return found

    def _take(self) -> str:
        return self._words.pop(0)

    def _next(self) -> str:
        return self._words[0] if self._words else ""

    def _on(self, day: date | None, clock: time | None) -> datetime:
        if day is not None:
            return self._local.at(day, clock or time(0))
        if clock is None:
            raise NotUnderstoodError(self._next())
        today = self._local.at(self._local.today, clock)
        if today <= self._local.now:
            return today
        return self._local.at(self._local.today - timedelta(days=1), clock)

    def _ago(self) -> datetime | None:
        """``10m``, ``1h30m``, ``2 hours ago``, ``last 3 days``; None for others."""
        if self._words == ["now"]:
            self._take()
            return self._local.now
        kept = self._words.copy()
        if self._next() in ("last", "past"):
            is_calendar_s = self._take() == "last" and UNIT_OF.get(self._next()) not in TO_NOW
            if self._next() in UNIT_OF and not is_calendar_s:
                self._words.insert(0, "one")
        amounts = self._amounts()
        if not amounts or (self._words and self._words != ["ago"]):
            self._words = kept
            return None
        self._words = []
        at = self._local.now
        for amount, unit in amounts:
            at = self._before(at, amount, unit)
        return at

    def _amounts(self) -> list[tuple[float, str]]:
        found: list[tuple[float, str]] = []
        while self._words:
            close = _AMOUNT.findall(self._next())
            if close and "".join(number + unit for number, unit in close) == self._next():
                pairs = [(float(number), unit) for number, unit in close]
            else:
                pairs = self._spaced_amount()
            if not pairs or any(unit not in UNIT_OF for _, unit in pairs):
                break
            found += [(amount, UNIT_OF[unit]) for amount, unit in pairs]
            self._take()
        return found

    def _spaced_amount(self) -> list[tuple[float, str]]:
        """``2 hours``, ``half an hour``, ``a couple of days``: leaves the unit to be taken."""
        kept = self._words.copy()
        factor = 0.5 if self._next() == "half" else 1.0
        if factor != 1.0:
            self._take()
        amount = None
        while self._next() in NUMBER_WORDS or _is_number(self._next()):
            word = self._take()
            amount = float(NUMBER_WORDS.get(word) or word)
        if amount is None or self._next() not in UNIT_OF:
            if amount is not None and self._next() not in AFTER_A_NUMBER:
                raise NotUnderstoodError(self._next())
            self._words = kept
            return []
        return [(amount * factor, self._next())]

    def _before(self, at: datetime, amount: float, unit: str) -> datetime:
        if unit in SECONDS:
            return at - timedelta(seconds=amount * SECONDS[unit])
        if unit in ("day", "week"):
            days = amount * (7 if unit == "week" else 1)
            if days != int(days):
                return at - timedelta(days=days)
            # Whole days keep the time of day, also across a change to summer time.
            return self._local.at(at.date() - timedelta(days=int(days)), at.time())
        months = round(amount * (_MONTHS_A_YEAR if unit == "year" else 1))
        return self._local.at(_months_before(at.date(), months), at.time())

    def _day(self) -> date | None:
        word, today = self._next(), self._local.today
        relative = {"today": 0, "yesterday": 1, "tomorrow": -1}
        if word in relative:
            self._take()
            return today - timedelta(days=relative[word])
        if word in ("last", "this", "past"):
            return self._named_period()
        if word == "weekend":
            self._take()
            return self._weekend()
        if word in WEEKDAYS:
            self._take()
            return today - timedelta(days=(today.weekday() - WEEKDAYS[word]) % 7)
        return self._calendar_day()

    def _named_period(self) -> date:
        which, today = self._take(), self._local.today
        back = 0 if which == "this" else 1
        name = self._take() if self._words else which
        if name in WEEKDAYS:
            days = (today.weekday() - WEEKDAYS[name]) % 7
            return today - timedelta(days=days or 7 * back)
        if name == "weekend":
            is_over = today.weekday() < _SATURDAY
            return self._weekend() - timedelta(days=0 if is_over else 7 * back)
        unit = UNIT_OF.get(name)
        if unit == "week":
            return today - timedelta(days=today.weekday() + 7 * back)
        if unit == "month":
            return _months_before(today.replace(day=1), back)
        if unit == "year":
            return date(today.year - back, 1, 1)
        raise NotUnderstoodError(name)

    def _weekend(self) -> date:
        """The Saturday of the latest weekend that has begun."""
        return self._local.today - timedelta(days=(self._local.today.weekday() - _SATURDAY) % 7)

    def _calendar_day(self) -> date | None:
        """``2026``, ``2026-11``, ``2026-11-09``, ``9 nov``, ``november 9th 2026``, ``may``."""
        if self._next() == "year" and self._words[1:] and _YEAR.fullmatch(self._words[1]):
            self._take()
        word = self._next()
        if whole := _plain_date(word):
            self._take()
            return whole
        if _YEAR.fullmatch(word):
            return date(int(self._take()), 1, 1)
        if found := _YEAR_AND_MONTH.fullmatch(word):
            return self._date(int(found[1]), int(found[2]), 1, word=self._take())
        day = self._day_of_month() if self._words[1:] and self._words[1] in MONTH_OF else None
        if self._next() not in MONTH_OF:
            return None
        month = self._take()
        return self._dated(month, day or self._day_of_month() or 1)

    def _day_of_month(self) -> int | None:
        found = _DAY_OF_MONTH.fullmatch(self._next())
        if found:
            self._take()
        return int(found[1]) if found else None

    def _dated(self, month: str, day: int) -> date:
        number, today = MONTH_OF[month], self._local.today
        said = f"{day} {month}"
        if _YEAR.fullmatch(self._next()):
            return self._date(int(self._take()), number, day, word=said)
        this_year = self._date(today.year, number, day, word=said)
        return this_year if this_year <= today else this_year.replace(year=today.year - 1)

    def _date(self, year: int, month: int, day: int, *, word: str) -> date:
        try:
            return date(year, month, day)
        except ValueError as error:
            raise NotUnderstoodError(word) from error

    def _clock(self) -> time | None:
        """``14:00``, ``2pm``, ``2:30 pm``, ``noon``; a bare number is no time."""
        word = self._next()
        if word in CLOCK_WORDS:
            return CLOCK_WORDS[self._take()]
        half = self._words[1] if self._words[1:] and self._words[1] in ("am", "pm") else ""
        found = _CLOCK.fullmatch(word + half)
        if found is None or not (found[2] or found[4]):
            return None
        del self._words[: 2 if half else 1]
        hour = int(found[1])
        if found[4]:
            hour = hour % 12 + (12 if found[4] == "pm" else 0)
        try:
            return time(hour, int(found[2] or 0), int(found[3] or 0))
        except ValueError as error:
            raise NotUnderstoodError(word) from error


def _is_number(word: str) -> bool:
    return bool(re.fullmatch(r"\d+(\.\d+)?", word))


def _plain_date(word: str) -> date | None:
    try:
        return date.fromisoformat(word)
    except ValueError:
        return None


def _months_before(day: date, months: int) -> date:
    """The same day of an earlier month, or that month's last day."""
    years, place = divmod(day.year * _MONTHS_A_YEAR + day.month - 1 - months, _MONTHS_A_YEAR)
    if years < 1:
        raise OverflowError
    first = date(years, place + 1, 1)
    length = ((first + timedelta(days=31)).replace(day=1) - first).days
    return first.replace(day=min(day.day, length))
