"""Times as people type them: ISO, ``2 hours ago``, ``yesterday 14:00``, ``last tuesday``.

A grammar of its own, standard library only: the command line reads it before anything heavy, and
a general parser costs more than the whole command may (dateparser 1.5.0: 72 ms to import and
about 300 ms for its first text, against 2 ms for this module). That one is asked, for other
languages, where the grammar does not know a word.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from weavclip.domain.day_names import day_of, month_of
from weavclip.domain.errors import QueryError
from weavclip.search.time_words import Local, NotUnderstoodError, read

if TYPE_CHECKING:
    from datetime import tzinfo

EXAMPLES = "2026-11-09, '2026-11-09 14:00', '2 hours ago', 10m, yesterday, 'last week', monday"


@dataclass(frozen=True, slots=True)
class Moment:
    """A time that was understood.

    Attributes:
        at: Aware, in the local zone.
        said: How it was understood, such as ``Mon 9 Nov 00:00``.
    """

    at: datetime
    said: str


def understand(text: str, *, now: datetime, zone: tzinfo | None = None) -> Moment:
    """Understand a time in words, in English or in one of twenty other languages.

    Of a stretch of time, such as ``yesterday evening`` or another language's week, it is the
    beginning.

    Args:
        text: As typed.
        now: The present, aware.
        zone: Of the times in ``text`` that have none; the system's when absent.

    Raises:
        QueryError: Naming the word that was not understood, with examples.
    """
    try:
        return understand_english(text, now=now, zone=zone)
    except QueryError as error:
        from weavclip.search import periods

        try:
            begins = periods.understand(text, now=now, zone=zone).after
        except QueryError:
            raise error from None
        return Moment(begins, describe(begins, now=now))


def understand_english(text: str, *, now: datetime, zone: tzinfo | None = None) -> Moment:
    """Understand a time in English words; days begin at midnight, weeks on Monday.

    A weekday is the latest one, today included; ``last monday`` is before today. ``last week``
    is the Monday of the week before this one, ``last month`` the first of the month before. A
    date without a year and a time without a day are the latest that are not ahead.

    Args:
        text: As typed.
        now: The present, aware.
        zone: Of the times in ``text`` that have none; the system's when absent.

    Raises:
        QueryError: Naming the word that was not understood, with examples.
    """
    local = Local(now, zone)
    iso = _iso(text.strip(), local)
    try:
        at = iso or read(text, local)
    except (NotUnderstoodError, OverflowError) as error:
        word = str(error) if isinstance(error, NotUnderstoodError) else text.strip()
        inside = f" in {text.strip()!r}" if word != text.strip() else ""
        message = f"the time {word!r}{inside} is not understood"
        raise QueryError(message, hint=f"such as {EXAMPLES}") from error
    return Moment(at, describe(at, now=local.now))


def describe(at: datetime, *, now: datetime) -> str:
    """Say a time as a person reads it, with the year where it is not this one.

    Names are English whatever the system's locale.

    >>> from datetime import timezone
    >>> now = datetime(2026, 11, 21, tzinfo=timezone.utc)
    >>> describe(datetime(2026, 11, 9, tzinfo=timezone.utc), now=now)
    'Mon 9 Nov 00:00'
    >>> describe(datetime(2024, 2, 1, 14, 30, tzinfo=timezone.utc), now=now)
    'Thu 1 Feb 2024 14:30'
    """
    year = "" if at.year == now.year else f" {at.year}"
    seconds = at.strftime(":%S") if at.second else ""
    return f"{day_of(at)} {at.day} {month_of(at)}{year} {at:%H:%M}{seconds}"


def _iso(text: str, local: Local) -> datetime | None:
    """A whole ISO 8601 date or time; None for anything else."""
    if not re.match(r"\d{4}-?\d{2}-?\d{2}", text):
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    if found.tzinfo is None:
        return local.at(found.date(), found.time())
    return found.astimezone(local.now.tzinfo)
