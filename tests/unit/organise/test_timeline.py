from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from tests.unit.organise.clips import clip_of
from weavclip.cli.terminal import Protocol, Screen
from weavclip.cli.timeline_drawing import bars, svg
from weavclip.domain.clip import Clip, Kind
from weavclip.organise.timeline import MOST_STEPS, Step, timeline

if TYPE_CHECKING:
    from collections.abc import Sequence

BERLIN = ZoneInfo("Europe/Berlin")
MONDAY = datetime(2026, 11, 16, 0, 30, tzinfo=BERLIN)


def copied(*moments: datetime, kind: Kind = Kind.TEXT) -> list[Clip]:
    return [replace(clip_of(kind), captured_at=at, last_copied_at=at) for at in moments]


def totals(clips: Sequence[Clip], step: Step | None = None) -> list[tuple[str, int]]:
    spans = timeline(clips, zone=BERLIN, step=step)
    return [(f"{span.start:%Y-%m-%d %H}", span.total) for span in spans]


def test_days_begin_in_the_persons_zone_and_empty_ones_are_there() -> None:
    clips = copied(MONDAY, MONDAY - timedelta(hours=1), MONDAY + timedelta(days=2))

    assert totals(clips, Step.DAY) == [
        ("2026-11-15 00", 1),
        ("2026-11-16 00", 1),
        ("2026-11-17 00", 0),
        ("2026-11-18 00", 1),
    ]


def test_a_day_with_25_hours_is_one_day() -> None:
    early = datetime(2026, 10, 25, 1, tzinfo=BERLIN)
    late = datetime(2026, 10, 25, 22, tzinfo=BERLIN)

    assert totals(copied(early, late), Step.DAY) == [("2026-10-25 00", 2)]


def test_weeks_begin_on_monday_and_months_on_the_first() -> None:
    clips = copied(MONDAY, MONDAY - timedelta(days=1))

    assert totals(clips, Step.WEEK) == [("2026-11-09 00", 1), ("2026-11-16 00", 1)]
    assert totals(clips, Step.MONTH) == [("2026-11-01 00", 2)]


@pytest.mark.parametrize(
    ("length", "step"),
    [
        (timedelta(hours=30), Step.HOUR),
        (timedelta(days=30), Step.DAY),
        (timedelta(days=300), Step.WEEK),
        (timedelta(days=900), Step.MONTH),
    ],
)
def test_a_step_is_chosen_that_gives_a_few_dozens(length: timedelta, step: Step) -> None:
    clips = copied(MONDAY, MONDAY + length)

    assert totals(clips) == totals(clips, step)
    assert len(totals(clips)) <= MOST_STEPS


def test_of_very_many_steps_the_last_are_shown() -> None:
    found = totals(copied(MONDAY, MONDAY + timedelta(days=30)), Step.HOUR)

    assert len(found) == MOST_STEPS
    assert found[-1] == ("2026-12-16 00", 1)


def test_nothing_copied_is_an_empty_timeline() -> None:
    assert timeline([]) == []


def test_bars_fit_the_terminal_and_say_each_kind() -> None:
    clips = [*copied(MONDAY, MONDAY), *copied(MONDAY + timedelta(days=1), kind=Kind.IMAGE)]
    screen = Screen(is_terminal=True, columns=60, rows=20, colours=False, pictures=Protocol.NONE)

    lines = list(bars(timeline(clips, zone=BERLIN, step=Step.DAY), screen))

    assert [line.split("  ")[0] for line in lines] == ["2026-11-16", "2026-11-17"]
    assert lines[0].endswith("2  2 text")
    assert lines[1].endswith("1  1 image")
    assert max(map(len, lines)) <= 60


@pytest.mark.parametrize("count", [0, 1, 70])
def test_a_drawing_is_well_formed_and_inside_its_frame(count: int) -> None:
    clips = copied(*(MONDAY + timedelta(days=day) for day in range(count)))

    drawn = ET.fromstring(svg(timeline(clips, zone=BERLIN, step=Step.DAY)))  # noqa: S314 - our own

    columns = [each for each in drawn.iter() if each.tag.endswith("}g")]
    assert len(columns) == min(count, MOST_STEPS)
    for column in drawn.iter("{http://www.w3.org/2000/svg}rect"):
        assert float(column.get("x") or 0) + float(column.get("width") or 0) <= 900
        assert float(column.get("y") or 0) >= 0
