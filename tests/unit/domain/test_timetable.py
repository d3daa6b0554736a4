from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weavclip.domain.timetable import Timetable

BERLIN = ZoneInfo("Europe/Berlin")
ENTRIES = ("mon-fri 22:00-07:00", "sat,sun", "12-13", "weekdays 9:30 - 10", "fri-mon 23:00-02:30")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN)


@pytest.mark.parametrize(
    ("entry", "inside", "outside"),
    [
        ("mon-fri 22:00-07:00", "2026-11-20 22:00", "2026-11-20 21:59"),  # a Friday
        ("mon-fri 22:00-07:00", "2026-11-21 06:59", "2026-11-21 07:00"),  # its morning after
        ("mon-fri 22:00-07:00", "2026-11-17 00:30", "2026-11-16 00:30"),  # Sunday night is not in
        ("sat,sun", "2026-11-22 23:59", "2026-11-23 00:00"),
        ("sat sun 10:00-12:00", "2026-11-21 11:00", "2026-11-21 12:00"),
        ("weekend", "2026-11-21 00:00", "2026-11-20 23:59"),
        ("Daily 12:00\u201313:00", "2026-11-18 12:30", "2026-11-18 13:00"),
        ("22-7", "2026-11-18 03:00", "2026-11-18 07:00"),
        ("fri - mon", "2026-11-16 12:00", "2026-11-17 12:00"),
        ("00:00-24:00", "2026-11-18 23:59", ""),
        ("Wednesday", "2026-11-18 08:00", "2026-11-19 08:00"),
    ],
)
def test_an_entry_covers_what_it_says(entry: str, inside: str, outside: str) -> None:
    hours = Timetable.parse([entry])

    assert hours.covers(at(inside), zone=BERLIN)
    assert not outside or not hours.covers(at(outside), zone=BERLIN)


@pytest.mark.parametrize(
    "entry",
    [
        "",
        " ",
        "mo",
        "funday",
        "mon-",
        "25:00-26:00",
        "22:00",
        "7-7",
        "22:60-23:00",
        "mon 9-10 11-12",
    ],
)
def test_what_is_no_entry_is_refused_with_its_words(entry: str) -> None:
    with pytest.raises(ValueError, match="is not understood"):
        Timetable.parse([entry])


def test_no_entries_cover_nothing() -> None:
    hours = Timetable.parse([])

    assert not hours.covers(at("2026-11-20 22:00"))
    assert hours.ends(at("2026-11-20 22:00")) is None


def test_hours_that_follow_one_another_end_together() -> None:
    hours = Timetable.parse(["mon-fri 22:00-07:00", "sat,sun"])

    assert hours.ends(at("2026-11-20 22:30"), zone=BERLIN) == at("2026-11-23 00:00")


def test_the_whole_week_never_ends() -> None:
    assert Timetable.parse(["daily"]).ends(at("2026-11-20 22:30"), zone=BERLIN) is None


def test_a_night_is_an_hour_shorter_in_spring_and_longer_in_autumn() -> None:
    hours = Timetable.parse(["22:00-07:00"])

    spring = hours.ends(at("2026-03-28 22:00"), zone=BERLIN)
    autumn = hours.ends(at("2026-10-24 22:00"), zone=BERLIN)

    assert spring is not None
    assert autumn is not None
    assert spring.timestamp() - at("2026-03-28 22:00").timestamp() == 8 * 3600
    assert autumn.timestamp() - at("2026-10-24 22:00").timestamp() == 10 * 3600


def test_an_end_that_the_clocks_skip_is_when_they_do() -> None:
    end = Timetable.parse(["22:00-02:30"]).ends(at("2026-03-28 23:00"), zone=BERLIN)

    assert end == at("2026-03-29 03:00")


@given(
    seconds=st.integers(0, 2 * 366 * 24 * 3600),
    entries=st.lists(st.sampled_from(ENTRIES), min_size=1, max_size=3),
)
def test_the_end_is_the_first_minute_that_is_not_covered(seconds: int, entries: list[str]) -> None:
    hours = Timetable.parse(entries)
    moment = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)

    end = hours.ends(moment, zone=BERLIN)

    assert (end is not None) == hours.covers(moment, zone=BERLIN)
    if end is not None:
        last = end.astimezone(UTC) - timedelta(seconds=1)
        assert not hours.covers(end, zone=BERLIN)
        assert last < moment or hours.covers(last, zone=BERLIN)
