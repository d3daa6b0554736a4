"""What was copied around a clip, by the installed command."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tests.e2e.programs import weavclip
from tests.e2e.terminals import on_terminal
from tests.unit.journal.drafts import AT, opened, text_draft

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def copied(tmp_path: Path) -> dict[int, str]:
    """The ids of texts by the minute in which each was copied."""
    minutes = (0, 40, 50, 60, 75, 200)
    with opened(tmp_path / "data") as journal:
        return {
            minute: str(
                journal.add(text_draft(f"text {minute}", at=AT + timedelta(minutes=minute))).id
            )
            for minute in minutes
        }


def listed(*options: str) -> list[str]:
    return [each["id"] for each in json.loads(weavclip("list", *options, "--json"))]


def test_the_hour_around_a_clip_is_listed(copied: dict[int, str]) -> None:
    hour = [copied[minute] for minute in (75, 60, 50, 40)]

    assert listed("--around", copied[60]) == hour
    assert listed("--around", "@2") == hour


def test_of_a_long_hour_the_nearest_stay(copied: dict[int, str]) -> None:
    assert listed("--around", copied[50], "--limit", "3") == [
        copied[minute] for minute in (60, 50, 40)
    ]


def test_the_clip_in_the_middle_is_marked(copied: dict[int, str]) -> None:
    lines = on_terminal("list", "--around", copied[60], NO_COLOR="1").lines

    assert [line[:4] for line in lines[:-1]] == ["  1 ", "> 2 ", "  3 ", "  4 "]
    assert lines[-1].startswith("4 of 4 clips (6 in all) · since ")


@pytest.mark.usefixtures("copied")
def test_a_search_says_how_to_go_on_from_its_first_hit() -> None:
    found = on_terminal("search", "--no-engine", "text", NO_COLOR="1").lines
    page = on_terminal("search", "--no-engine", "text", "--limit", "2", NO_COLOR="1").lines
    nothing = on_terminal("search", "--no-engine", "zebra", NO_COLOR="1").text

    assert found[-1] == "try   weavclip search --like @1 · weavclip list --around @1"
    assert page[-1] == f"{found[-1]} · --page 2"
    assert "--around" not in nothing
