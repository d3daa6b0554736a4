from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from weavclip.cli.until import end_of
from weavclip.domain.errors import QueryError

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 21, 20, 15, tzinfo=BERLIN)  # a Saturday


@pytest.mark.parametrize(
    ("words", "end"),
    [
        ("10m", "2026-11-21 20:25"),
        ("10", "2026-11-21 20:25"),
        ("10 min", "2026-11-21 20:25"),
        ("for 10 minutes", "2026-11-21 20:25"),
        ("90s", "2026-11-21 20:16:30"),
        ("1h30m", "2026-11-21 21:45"),
        ("1 hour and 30 minutes", "2026-11-21 21:45"),
        ("1.5h", "2026-11-21 21:45"),
        ("2 Hours", "2026-11-21 22:15"),
        ("1d", "2026-11-22 20:15"),
        ("until 22:00", "2026-11-21 22:00"),
        ("22:00", "2026-11-21 22:00"),
        ("until 18:00", "2026-11-22 18:00"),
        ("till 6pm", "2026-11-22 18:00"),
        ("until 12am", "2026-11-22 00:00"),
        ("until midnight", "2026-11-22 00:00"),
        ("until noon", "2026-11-22 12:00"),
        ("until 18", "2026-11-22 18:00"),
        ("tomorrow", "2026-11-22 00:00"),
        ("until tomorrow 9:00", "2026-11-22 09:00"),
        ("until monday", "2026-11-23 00:00"),
        ("until mon at 9am", "2026-11-23 09:00"),
        ("until saturday", "2026-11-28 00:00"),
        ("2026-12-24 18:00", "2026-12-24 18:00"),
    ],
)
def test_what_people_type_is_understood(words: str, end: str) -> None:
    expected = datetime.fromisoformat(end).replace(tzinfo=BERLIN)

    assert end_of(words, now=NOW, zone=BERLIN) == expected


def test_hours_that_pass_count_not_the_clock_s_face() -> None:
    before = datetime(2026, 10, 24, 23, 0, tzinfo=BERLIN)  # the clocks go back in that night

    end = end_of("8h", now=before, zone=BERLIN)

    assert end.timestamp() - before.timestamp() == 8 * 3600


@pytest.mark.parametrize(
    "words",
    ["", "soon", "10x", "10m!", "-5m", "0m", "25:00", "13pm", "until", "1e9d", "until 2020-01-01",
     "400d", "99999999999999999999d", "today 9:00"],
)  # fmt: skip
def test_what_is_no_time_ahead_is_refused_with_examples(words: str) -> None:
    with pytest.raises(QueryError) as refused:
        end_of(words, now=NOW, zone=BERLIN)

    assert "10m" in refused.value.hint
