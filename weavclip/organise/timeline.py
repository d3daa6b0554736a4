"""When what was copied: counts by kind, in steps of hours, days, weeks or months."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime, tzinfo

    from weavclip.domain.clip import Clip, Kind

MOST_STEPS = 60
_HOURS_LONG, _DAYS_LONG, _WEEKS_LONG = timedelta(days=2), timedelta(days=60), timedelta(days=400)


class Step(StrEnum):
    """How much time a count is of."""

    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Span:
    """One step of time.

    Attributes:
        start: When it begins, by the clock on the wall: without a zone.
        counts: How many clips were last copied in it, by kind.
    """

    start: datetime
    counts: Mapping[Kind, int]

    @property
    def total(self) -> int:
        """How many clips in all."""
        return sum(self.counts.values())


def suited(first: datetime, last: datetime) -> Step:
    """The step that parts a time into some dozens."""
    length = last - first
    if length <= _HOURS_LONG:
        return Step.HOUR
    if length <= _DAYS_LONG:
        return Step.DAY
    return Step.WEEK if length <= _WEEKS_LONG else Step.MONTH


def timeline(
    clips: Iterable[Clip], *, zone: tzinfo | None = None, step: Step | None = None
) -> list[Span]:
    """Count clips by when they were last copied.

    Args:
        clips: In any order.
        zone: In which days begin; the system's, with its summer time, when None.
        step: How much time a count is of; one that suits, when None.

    Returns:
        Every step from the first copy to the last one, empty ones too; of more than 60 the last
        60. None for no clips.
    """
    # By the clock on the wall, whose days have 23 to 25 hours.
    at = [(c.last_copied_at.astimezone(zone).replace(tzinfo=None), c.kind) for c in clips]
    if not at:
        return []
    first, last = min(at)[0], max(at)[0]
    step = step or suited(first, last)
    starts = _starts(_begin(first, step), last, step)
    counts: dict[datetime, dict[Kind, int]] = {start: {} for start in starts}
    for moment, kind in at:
        own = counts.get(_begin(moment, step))
        if own is not None:
            own[kind] = own.get(kind, 0) + 1
    return [Span(start, own) for start, own in counts.items()]


def _starts(first: datetime, last: datetime, step: Step) -> list[datetime]:
    starts = [_begin(last, step)]
    while starts[-1] > first and len(starts) < MOST_STEPS:
        # A microsecond before a step is in the one before, however long that is.
        starts.append(_begin(starts[-1] - timedelta(microseconds=1), step))
    return starts[::-1]


def _begin(moment: datetime, step: Step) -> datetime:
    """When the step begins that a moment is in."""
    hour = moment.replace(minute=0, second=0, microsecond=0, fold=0)
    if step is Step.HOUR:
        return hour
    day = hour.replace(hour=0)
    if step is Step.DAY:
        return day
    if step is Step.WEEK:
        return day - timedelta(days=day.weekday())
    return day.replace(day=1)
