"""When something is to end, as people type it: ``10m``, ``1h30m``, ``until 18:00``."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from weavclip.domain.day_names import SHORT_DAYS
from weavclip.domain.errors import QueryError

EXAMPLES = "10m, '2 hours', 1h30m, 'until 18:00', 'until tomorrow 9:00', 'until monday'"
LONGEST = timedelta(days=366)

_UNITS = {
    "s": timedelta(seconds=1),
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(weeks=1),
}
_NAMES = r"s(?:ec(?:ond)?s?)?|m(?:in(?:ute)?s?)?|h(?:(?:ou)?rs?)?|d(?:ays?)?|w(?:eeks?)?"
_PIECE = re.compile(rf"(\d+(?:\.\d+)?)\s*({_NAMES})(?![a-z])[\s,]*(?:and\s+)?")
_CLOCK = re.compile(r"(?:at\s+)?(\d{1,2})(?:[:.h]([0-5]\d))?\s*(am|pm)?")
_NOON = 12


def end_of(words: str, *, now: datetime, zone: tzinfo | None = None) -> datetime:
    """When it ends; a bare number is minutes, a time of day the next one.

    Args:
        words: As typed.
        now: The present, aware.
        zone: Of the times of day; the system's when absent.

    Raises:
        QueryError: If it is not understood, is not ahead, or is more than a year away.

    >>> from datetime import UTC
    >>> now = datetime(2026, 11, 21, 20, 0, tzinfo=UTC)
    >>> for words in ("1h30m", "until 18:00"):
    ...     print(f"{end_of(words, now=now, zone=UTC):%a %H:%M}")
    Sat 21:30
    Sun 18:00
    """
    text = words.strip().lower().removeprefix("for ").strip()
    named = re.sub(r"^(until|till|to)\s+", "", text)
    local = now.astimezone(zone)
    try:
        end = (named == text and _after(text, local)) or _moment(named, local, zone)
    except (ValueError, OverflowError):
        end = None
    if not end:
        message = f"{words.strip()!r} is no length of time and no moment"
        raise QueryError(message, hint=f"such as {EXAMPLES}")
    if not timedelta() < end - now <= LONGEST:
        message = f"{words.strip()!r} is not within the next {LONGEST.days} days"
        raise QueryError(message, hint=f"such as {EXAMPLES}")
    return end


def _after(text: str, now: datetime) -> datetime | None:
    """So much later in time that passes, whatever the clocks are put to meanwhile."""
    begin = now.astimezone(UTC)
    if text.isdecimal():
        return begin + int(text) * _UNITS["m"]
    pieces = _PIECE.findall(text)
    if not pieces or _PIECE.sub("", text):
        return None
    return begin + sum((float(count) * _UNITS[name[0]] for count, name in pieces), timedelta())


def _moment(text: str, now: datetime, zone: tzinfo | None) -> datetime | None:
    """A time of day, a day, both, or an ISO time."""
    day, _, rest = text.partition(" ")
    on = _day(day, now.date())
    if on is not None:
        clock = _clock(rest) if rest else time()
        return None if clock is None else _local(on, clock, zone)
    clock = _clock(text)
    if clock is None:
        found = datetime.fromisoformat(text.upper())
        return found if found.tzinfo else _local(found.date(), found.time(), zone)
    today = _local(now.date(), clock, zone)
    return today if today > now else _local(now.date() + timedelta(days=1), clock, zone)


def _day(word: str, today: date) -> date | None:
    if word in {"today", "tomorrow"}:
        return today + timedelta(days=word == "tomorrow")
    for number, name in enumerate(SHORT_DAYS):
        if word.startswith(name):
            return today + timedelta(days=(number - today.weekday() - 1) % 7 + 1)
    return None


def _clock(text: str) -> time | None:
    if text in {"noon", "midnight"}:
        return time(_NOON if text == "noon" else 0)
    found = _CLOCK.fullmatch(text)
    if found is None:
        return None
    hour = int(found[1])
    if found[3] and not 1 <= hour <= _NOON:
        return None
    if found[3]:
        hour = hour % _NOON + (_NOON if found[3] == "pm" else 0)
    return time(hour, int(found[2] or 0))


def _local(day: date, clock: time, zone: tzinfo | None) -> datetime:
    # By the zone's rules for that day, which may have another offset than today.
    found = datetime.combine(day, clock)
    return found.replace(tzinfo=zone) if zone else found.astimezone()
