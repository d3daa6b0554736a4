"""The options that say which clips, and their words said back."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import typer

from tests.unit.cli.clips import make_clip
from weavclip.cli import choosing
from weavclip.cli.choosing import filtered
from weavclip.domain.clip import Kind
from weavclip.domain.errors import QueryError
from weavclip.domain.query import Filter


def test_no_option_lets_every_clip_through() -> None:
    assert filtered() == Filter()
    assert choosing.said_back(filtered()) == ""


def test_text_admits_text_that_was_copied_with_its_markup() -> None:
    where = filtered(kinds=[Kind.TEXT])

    assert where.kinds == {Kind.TEXT, Kind.HTML}
    assert choosing.said_back(where) == "text"


def test_html_admits_only_that() -> None:
    where = filtered(kinds=[Kind.HTML])

    assert not where.admits(make_clip(kind=Kind.TEXT))
    assert choosing.said_back(where) == "html"


@pytest.mark.parametrize("option", ["after", "since"])
def test_since_is_the_same_as_after(option: str) -> None:
    where = filtered(**{option: "2026-11-09"})  # type: ignore[arg-type]  # one of two names

    assert where.after is not None
    assert where.after.date().isoformat() == "2026-11-09"


def test_last_night_begins_and_ends_at_its_own_hours_in_every_option(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(choosing, "now", lambda: datetime(2026, 11, 21, 9, 12).astimezone())
    begins, ends = datetime(2026, 11, 20, 21).astimezone(), datetime(2026, 11, 21, 5).astimezone()

    assert filtered(since="last night") == Filter(after=begins)
    assert filtered(after="last night") == Filter(after=begins)
    assert filtered(before="last night") == Filter(before=begins)
    assert filtered(within="last night") == Filter(after=begins, before=ends)


def test_both_of_them_are_wrong_usage() -> None:
    with pytest.raises(typer.BadParameter, match="one of them"):
        filtered(after="yesterday", since="yesterday")


def test_a_time_in_which_nothing_lies_is_wrong_usage() -> None:
    with pytest.raises(typer.BadParameter, match=r"no time lies since .* before"):
        filtered(after="2026-11-09", before="2026-11-08")


def test_a_time_that_is_not_understood_is_said() -> None:
    with pytest.raises(QueryError):
        filtered(since="the other day or so")


def test_what_was_understood_is_said_back() -> None:
    where = filtered(since="2024-02-01", apps=["Slack", "Firefox"], kinds=[Kind.IMAGE])

    assert choosing.said_back(where) == "image · since Thu 1 Feb 2024 00:00 · from Firefox, Slack"


def test_now_has_a_zone() -> None:
    assert abs(choosing.now() - datetime.now(UTC)).total_seconds() < 60
