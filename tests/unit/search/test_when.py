from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weavclip.domain.errors import QueryError
from weavclip.search.when import understand

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 21, 9, 12, 30, tzinfo=BERLIN)  # a Saturday


def local(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=BERLIN)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-09", local(2026, 11, 9)),
        ("20261109", local(2026, 11, 9)),
        ("2026-11-09 14:00", local(2026, 11, 9, 14)),
        ("2026-11-09T14:05", local(2026, 11, 9, 14, 5)),
        ("2026-11-09T14:00Z", datetime(2026, 11, 9, 14, tzinfo=UTC)),
        ("2026-11-09T14:00+05:00", datetime(2026, 11, 9, 9, tzinfo=UTC)),
        ("2026-11-09 2pm", local(2026, 11, 9, 14)),
        ("2026-11", local(2026, 11, 1)),
        ("2025", local(2025, 1, 1)),
        ("2026-11 14:00", local(2026, 11, 1, 14)),
        ("now", NOW),
        ("10m", NOW - timedelta(minutes=10)),
        ("90s", NOW - timedelta(seconds=90)),
        ("1h30m", NOW - timedelta(minutes=90)),
        ("1h 30m", NOW - timedelta(minutes=90)),
        ("2 hours ago", NOW - timedelta(hours=2)),
        ("2 Hours  Ago", NOW - timedelta(hours=2)),
        ("an hour ago", NOW - timedelta(hours=1)),
        ("half an hour ago", NOW - timedelta(minutes=30)),
        ("1.5 hours ago", NOW - timedelta(minutes=90)),
        ("a couple of days ago", NOW - timedelta(days=2)),
        ("3 days", NOW - timedelta(days=3)),
        ("3d", NOW - timedelta(days=3)),
        ("last 3 days", NOW - timedelta(days=3)),
        ("in the last 3 days", NOW - timedelta(days=3)),
        ("within the last 2 hours", NOW - timedelta(hours=2)),
        ("during last week", local(2026, 11, 9)),
        ("the past week", NOW - timedelta(weeks=1)),
        ("last night", local(2026, 11, 20, 21)),
        ("since last night", local(2026, 11, 20, 21)),
        ("this night", local(2026, 11, 20, 21)),
        ("letzte Nacht", local(2026, 11, 20, 21)),
        ("last weekend", local(2026, 11, 14)),
        ("am Wochenende", local(2026, 11, 21)),
        ("in den letzten 3 Tagen", NOW - timedelta(days=3)),
        ("in 2025", local(2025, 1, 1)),
        ("in the year 2025", local(2025, 1, 1)),
        ("the last hour", NOW - timedelta(hours=1)),
        ("last few days", NOW - timedelta(days=3)),
        ("the past two weeks", NOW - timedelta(weeks=2)),
        ("1mo", NOW.replace(month=10)),
        ("2 years ago", NOW.replace(year=2024)),
        ("today", local(2026, 11, 21)),
        ("today 14:00", local(2026, 11, 21, 14)),
        ("yesterday", local(2026, 11, 20)),
        ("yesterday at 2:30 pm", local(2026, 11, 20, 14, 30)),
        ("yesterday noon", local(2026, 11, 20, 12)),
        ("tomorrow", local(2026, 11, 22)),
        ("this week", local(2026, 11, 16)),
        ("last week", local(2026, 11, 9)),
        ("this month", local(2026, 11, 1)),
        ("last month", local(2026, 10, 1)),
        ("last year", local(2025, 1, 1)),
        ("monday", local(2026, 11, 16)),
        ("Mon", local(2026, 11, 16)),
        ("saturday", local(2026, 11, 21)),
        ("last saturday", local(2026, 11, 14)),
        ("last tuesday 14:00", local(2026, 11, 17, 14)),
        ("8am", local(2026, 11, 21, 8)),
        ("14:00", local(2026, 11, 20, 14)),
        ("12 am", local(2026, 11, 21)),
        ("9 nov", local(2026, 11, 9)),
        ("9th of November", local(2026, 11, 9)),
        ("Nov 9, 2025 8:15", local(2025, 11, 9, 8, 15)),
        ("24 december", local(2025, 12, 24)),
        ("may", local(2026, 5, 1)),
    ],
)
def test_a_time_is_understood(text: str, expected: datetime) -> None:
    assert understand(text, now=NOW, zone=BERLIN).at == expected


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("yestermorrow", "yestermorrow"),
        ("yesterday 25:00", "25:00"),
        ("yesterday teatime", "teatime"),
        ("last fortnight", "fortnight"),
        ("31 feb", "31 feb"),
        ("2026-13-01", "2026-13-01"),
        ("2 parsecs ago", "parsecs"),
        ("last", "last"),
        ("5", "5"),
        ("", ""),
        ("at", "at"),
        ("5000 years ago", "5000 years ago"),
        ("99999999999999 days ago", "99999999999999 days ago"),
    ],
)
def test_a_time_that_is_not_understood_is_named_with_examples(text: str, word: str) -> None:
    with pytest.raises(QueryError) as caught:
        understand(text, now=NOW, zone=BERLIN)

    assert repr(word) in str(caught.value)
    assert "'2 hours ago'" in caught.value.hint


def test_what_was_understood_is_said() -> None:
    assert understand("last week", now=NOW, zone=BERLIN).said == "Mon 9 Nov 00:00"
    assert understand("24 december", now=NOW, zone=BERLIN).said == "Wed 24 Dec 2025 00:00"


def test_a_day_before_the_clocks_changed_has_the_offset_of_that_day() -> None:
    found = understand("2026-10-20", now=NOW, zone=BERLIN).at
    assert found.utcoffset() == timedelta(hours=2)
    found = understand("5 weeks ago", now=NOW, zone=BERLIN).at
    assert (found.hour, found.utcoffset()) == (9, timedelta(hours=2))


def test_without_a_zone_the_system_s_is_meant() -> None:
    now = datetime.now(UTC)

    assert understand("2026-10-20 14:00", now=now).at == datetime(2026, 10, 20, 14).astimezone()


@given(st.text(max_size=30))
def test_any_text_is_a_time_or_a_query_error(text: str) -> None:
    try:
        found = understand(text, now=NOW, zone=BERLIN)
    except QueryError:
        return

    assert found.at.tzinfo is not None


@given(st.datetimes(datetime(1990, 1, 1), datetime(2026, 11, 20)))  # noqa: DTZ001 - made aware below
def test_what_isoformat_says_is_read_back(moment: datetime) -> None:
    aware = moment.replace(tzinfo=BERLIN)

    assert understand(moment.isoformat(), now=NOW, zone=BERLIN).at == aware


def test_times_are_read_without_numpy() -> None:
    code = "import sys, weavclip.search.when; print('numpy' in sys.modules)"

    told = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)

    assert told.stdout == "False\n"
