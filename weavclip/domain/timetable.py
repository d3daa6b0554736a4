"""Hours of the week as a person writes them: ``mon-fri 22:00-07:00``, ``sat,sun``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING

from weavclip.domain.day_names import DAYS, LETTERS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import tzinfo

EXAMPLES = "'mon-fri 22:00-07:00', 'sat sun' or '12:00-13:30'"

_NAMED = {
    "daily": frozenset(range(7)),
    "weekdays": frozenset(range(5)),
    "weekend": frozenset({5, 6}),
    "weekends": frozenset({5, 6}),
}
_DAY_MINUTES = 24 * 60
_WEEK = timedelta(days=7)
_MINUTE = timedelta(minutes=1)
_ENTRY = re.compile(r"(?P<days>[^\d]*?)\s*(?P<hours>\d.*)?", re.DOTALL)
_HOURS = re.compile(r"(\d{1,2})(?::([0-5]\d))?-(\d{1,2})(?::([0-5]\d))?")


@dataclass(frozen=True, slots=True)
class Stretch:
    """The same hours on some days of the week.

    Attributes:
        days: Days on which it begins; 0 is Monday.
        begins: Minutes after midnight, 0 to 1,439.
        ends: Minutes after that midnight, over 1,440 where it lasts into the next day.
    """

    days: frozenset[int]
    begins: int
    ends: int

    def end_of(self, local: datetime) -> datetime | None:
        """When the stretch that ``local`` (naive) lies in ends, naive; None when it lies in none.

        >>> Stretch(frozenset({4}), 22 * 60, 31 * 60).end_of(datetime(2026, 11, 21, 6, 59))
        datetime.datetime(2026, 11, 21, 7, 0)
        """
        minute = local.hour * 60 + local.minute
        for days_ago in (0, 1):
            day = local.date() - timedelta(days=days_ago)
            is_inside = self.begins <= minute + days_ago * _DAY_MINUTES < self.ends
            if is_inside and day.weekday() in self.days:
                return datetime.combine(day, time()) + timedelta(minutes=self.ends)
        return None


@dataclass(frozen=True, slots=True)
class Timetable:
    """Stretches of the week, in local time: 22:00 is 22:00 on every day of the year."""

    stretches: tuple[Stretch, ...] = ()

    @classmethod
    def parse(cls, entries: Iterable[str]) -> Timetable:
        """Understand entries of days, hours or both.

        Days are names of three letters or more, ranges of them, ``daily``, ``weekdays`` or
        ``weekend``, with commas or spaces between; all days when absent. Hours that end before
        they begin last into the next day; without hours it is the whole day.

        Raises:
            ValueError: Naming the entry and the part that is not understood.
        """
        return cls(tuple(_stretch(each) for each in entries))

    def covers(self, at: datetime, *, zone: tzinfo | None = None) -> bool:
        """Whether ``at`` (aware) lies in a stretch.

        Args:
            at: The moment.
            zone: Whose hours they are; the system's zone when None.
        """
        local = at.astimezone(zone).replace(tzinfo=None)
        return any(each.end_of(local) for each in self.stretches)

    def ends(self, at: datetime, *, zone: tzinfo | None = None) -> datetime | None:
        """When the hours that ``at`` lies in are over, aware; None outside, or when never."""
        # In UTC: Python compares times of one zone by their clock faces, summer or winter.
        begin = end = at.astimezone(UTC)
        while self.covers(end, zone=zone):
            if end - begin > _WEEK:
                return None
            end = self._end_of_stretch(end, zone)
        return end.astimezone(zone) if end > begin else None

    def _end_of_stretch(self, at: datetime, zone: tzinfo | None) -> datetime:
        local = at.astimezone(zone).replace(tzinfo=None)
        found = (each.end_of(local) for each in self.stretches)
        end = _moment(max(each for each in found if each), zone, after=at)
        # An end that the clocks skipped in spring comes out too late.
        while end - _MINUTE > at and not self.covers(end - _MINUTE, zone=zone):
            end -= _MINUTE
        return end


def _moment(local: datetime, zone: tzinfo | None, *, after: datetime) -> datetime:
    """A local time in UTC; the second one of an hour that is repeated in autumn, if need be."""
    moments = [
        (local.replace(fold=fold, tzinfo=zone) if zone else local.replace(fold=fold)).astimezone(
            UTC
        )
        for fold in (0, 1)
    ]
    return next((each for each in moments if each > after), moments[-1])


def _stretch(entry: str) -> Stretch:
    found = _ENTRY.fullmatch(entry.strip().lower().replace("\u2013", "-"))
    if found is None or not entry.strip():
        raise ValueError(_not_understood(entry, entry))
    days = frozenset(_days(entry, found["days"]))
    begins, ends = _hours(entry, found["hours"]) if found["hours"] else (0, _DAY_MINUTES)
    return Stretch(days or frozenset(range(7)), begins, ends)


def _days(entry: str, words: str) -> Iterator[int]:
    for word in re.sub(r"\s*-\s*", "-", words).replace(",", " ").split():
        if word in _NAMED:
            yield from _NAMED[word]
            continue
        first, dash, last = word.partition("-")
        begin, end = _day(entry, first), _day(entry, last if dash else first)
        yield from ((begin + step) % 7 for step in range((end - begin) % 7 + 1))


def _day(entry: str, word: str) -> int:
    for number, name in enumerate(DAYS):
        if len(word) >= LETTERS and name.startswith(word):
            return number
    raise ValueError(_not_understood(entry, word))


def _hours(entry: str, words: str) -> tuple[int, int]:
    found = _HOURS.fullmatch(re.sub(r"\s*-\s*", "-", words.strip()))
    if found is None:
        raise ValueError(_not_understood(entry, words))
    begins, ends = (int(found[each]) * 60 + int(found[each + 1] or 0) for each in (1, 3))
    if begins >= _DAY_MINUTES or ends > _DAY_MINUTES or begins == ends:
        raise ValueError(_not_understood(entry, words))
    return begins, ends if ends > begins else ends + _DAY_MINUTES


def _not_understood(entry: str, part: str) -> str:
    where = f" in {entry!r}" if part != entry else ""
    return f"{part.strip()!r}{where} is not understood"
