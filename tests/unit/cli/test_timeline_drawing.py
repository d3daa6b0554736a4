"""The drawing of a timeline."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest

from weavclip.cli.timeline_drawing import svg
from weavclip.domain.clip import Kind
from weavclip.organise.timeline import Span

WIDTH_PX = 900
CHARACTER_PX = 7
WHEN = re.compile(r'<text x="([\d.]+)" y="[\d.]+" fill="#5e5c64">([^<]+)</text>')
COUNT = re.compile(r'text-anchor="end" fill="#5e5c64">([^<]+)</text>')


def drawn(steps: int, *, hours: int, copies: int = 4) -> str:
    begin = datetime(2026, 11, 18, 7, tzinfo=UTC)
    return svg(
        [
            Span(start=begin + at * timedelta(hours=hours), counts={Kind.TEXT: copies})
            for at in range(steps)
        ]
    )


@pytest.mark.parametrize("hours", [1, 24])
@pytest.mark.parametrize("steps", [1, 2, 7, 15, 16, 60])
def test_times_stand_beside_each_other_and_within_the_drawing(steps: int, hours: int) -> None:
    labels = [(float(left), said) for left, said in WHEN.findall(drawn(steps, hours=hours))]

    ends = [left + CHARACTER_PX * len(said) for left, said in labels]
    assert labels
    assert all(end < left for end, (left, _) in zip(ends[:-1], labels[1:], strict=True))
    assert ends[-1] <= WIDTH_PX


def test_the_scale_has_whole_clips_only() -> None:
    assert COUNT.findall(drawn(2, hours=1, copies=1)) == ["0", "1"]
    assert COUNT.findall(drawn(2, hours=1, copies=4)) == ["0", "2", "4"]


def test_nothing_copied_is_an_empty_drawing() -> None:
    assert WHEN.findall(svg([])) == []
