"""Moments and sizes as a person reads them."""

from __future__ import annotations

from datetime import datetime, timedelta

from weavclip.domain.day_names import day_of, month_of

_WEEK_DAYS = 6
_UNIT = 1000


def short(moment: datetime, *, now: datetime) -> str:
    """A past moment in local time: weekday within a week, then the date, with the year when old.

    Args:
        moment: Aware.
        now: Aware; its zone is the one that is shown.

    >>> from datetime import UTC
    >>> now = datetime(2026, 11, 17, 20, 0, tzinfo=UTC)
    >>> short(datetime(2026, 11, 17, 9, 10, tzinfo=UTC), now=now)
    'Tue 09:10'
    >>> short(datetime(2026, 11, 3, 9, 10, tzinfo=UTC), now=now)
    '3 Nov 09:10'
    >>> short(datetime(2024, 11, 3, 9, 10, tzinfo=UTC), now=now)
    '3 Nov 2024'
    """
    local = moment.astimezone(now.tzinfo)
    date = f"{local.day} {month_of(local)}"
    if abs((now.date() - local.date()).days) <= _WEEK_DAYS:
        return f"{day_of(local)} {local:%H:%M}"
    return f"{date} {local:%H:%M}" if local.year == now.year else f"{date} {local.year}"


def recent(moment: datetime, *, now: datetime) -> str:
    """A moment, today's by its time alone.

    >>> from datetime import UTC
    >>> now = datetime(2026, 11, 17, 20, 0, tzinfo=UTC)
    >>> recent(datetime(2026, 11, 17, 9, 10, tzinfo=UTC), now=now)
    '09:10'
    >>> recent(datetime(2026, 11, 16, 9, 10, tzinfo=UTC), now=now)
    'Mon 09:10'
    """
    local = moment.astimezone(now.tzinfo)
    return f"{local:%H:%M}" if local.date() == now.date() else short(moment, now=now)


def size(count: float) -> str:
    """Bytes in the unit that keeps the number short.

    >>> size(999), size(1_250_000)
    ('999 B', '1.2 MB')
    """
    for unit in ("B", "kB", "MB", "GB"):
        if count < _UNIT:
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= _UNIT
    return f"{count:.1f} TB"


def span(seconds: float) -> str:
    """A duration in words.

    >>> span(75), span(90_000)
    ('1 min 15 s', '1 d 1 h')
    """
    rest = timedelta(seconds=round(seconds))
    parts = (
        (rest.days, "d"),
        (rest.seconds // 3600, "h"),
        (rest.seconds // 60 % 60, "min"),
        (rest.seconds % 60, "s"),
    )
    said = [f"{count} {unit}" for count, unit in parts if count]
    return " ".join(said[:2]) or "0 s"


def left(seconds: float) -> str:
    """The time that is left, in its larger unit, rounded up: never less than there is.

    >>> left(8 * 60 + 1), left(59), left(7200)
    ('9 min', '59 s', '2 h')
    """
    for unit_s, unit in ((3600, "h"), (60, "min")):
        if seconds > unit_s:
            return f"{-(-seconds // unit_s):.0f} {unit}"
    return f"{max(0.0, seconds):.0f} s"


def counted(count: int, one: str, many: str = "") -> str:
    """A count and its noun.

    >>> counted(1, "clip"), counted(1204, "clip"), counted(2, "copy", "copies")
    ('1 clip', '1,204 clips', '2 copies')
    """
    return f"{count:,} {one if count == 1 else many or one + 's'}"
