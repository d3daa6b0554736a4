"""Questions with phrases, exclusions, fields and times, by the installed command."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING
from uuid import UUID

import pytest

from tests.e2e.programs import WEAVCLIP, weavclip
from tests.e2e.terminals import on_terminal
from tests.unit.journal.drafts import opened
from tests.waiting import WITHIN_S
from weavclip.domain.alike import Compared

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def kept(tmp_path: Path) -> dict[str, str]:
    """The ids of three clips by their files' names."""
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "peaks.txt").write_text("two peaks in Q3, ask before the review")
    (folder / "draft.txt").write_text("the review of two drafts with peaks")
    (folder / "command.txt").write_text('rm -rf build "old files"')
    rows = (line.split("\t") for line in weavclip("add", str(folder)).splitlines())
    return {path.rpartition("/")[2]: clip_id for clip_id, _verdict, path in rows}


def found(*arguments: str) -> list[str]:
    printed = weavclip("search", "--no-engine", *arguments)
    return [line.split("\t")[0] for line in printed.splitlines()]


def test_a_question_has_phrases_exclusions_and_fields(kept: dict[str, str]) -> None:
    assert found('"two peaks" review') == [kept["peaks.txt"]]
    assert found('review -"two peaks" kind:text since:yesterday') == [kept["draft.txt"]]
    assert found("--", "-review kind:text") == [kept["command.txt"]]
    assert found("review", "--when", "2020-01-01") == []


def test_what_is_pasted_is_found_as_it_stands(kept: dict[str, str]) -> None:
    assert found('rm -rf build "old files"')[0] == kept["command.txt"]
    assert found("--plain", '"old')[0] == kept["command.txt"]
    assert found("-rf build", "--kind", "text")[0] == kept["command.txt"]


def test_what_is_pasted_and_is_no_question_is_found_and_remarked(kept: dict[str, str]) -> None:
    done = subprocess.run(
        [*WEAVCLIP, "search", 'build "old'], capture_output=True, timeout=WITHIN_S, check=False
    )

    assert done.returncode == 0
    assert done.stdout.decode().split("\t")[0] == kept["command.txt"]
    assert done.stderr.decode().splitlines()[:3] == [
        "weavclip: looked for as it stands, since as a question this quote is not closed",
        '  build "old',
        "        ^",
    ]


def test_a_wrong_question_is_marked_and_nothing_is_searched() -> None:
    done = subprocess.run(
        [*WEAVCLIP, "search", "peaks kind:imag"],
        capture_output=True,
        timeout=WITHIN_S,
        check=False,
    )

    assert done.returncode == 1
    assert done.stdout == b""
    assert done.stderr.decode().splitlines() == [
        "weavclip: no kind is called 'imag'",
        "  peaks kind:imag",
        "             ^^^^",
        "  try: kind:image; \\kind: is the word",
    ]


def test_a_pattern_is_looked_for_and_said_back(kept: dict[str, str]) -> None:
    shown = on_terminal("search", "--no-engine", "--regex", "Q[1-4]", "kind:text")
    wrong = subprocess.run(
        [*WEAVCLIP, "search", "--regex", "Q[1-"],
        capture_output=True,
        timeout=WITHIN_S,
        check=False,
    )

    assert found("--regex", "Q[1-4]") == [kept["peaks.txt"]]
    assert "text · matching Q[1-4]" in shown.text
    assert wrong.stderr.decode().splitlines()[:3] == [
        "weavclip: this is no regular expression: missing ]",
        "  Q[1-",
        "   ^^^",
    ]


def test_a_slip_is_named_and_looked_past(kept: dict[str, str]) -> None:
    nothing = on_terminal("search", "--no-engine", "reveiw")
    fuzzy = on_terminal("search", "--no-engine", "--fuzzy", "reveiw")

    assert 'did you mean "review"? --fuzzy looks past slips' in nothing.text
    assert 'read as "review"' in fuzzy.text
    assert set(found("--fuzzy", "reveiw")) == {kept["peaks.txt"], kept["draft.txt"]}


def test_nearly_equal_texts_are_one_hit(kept: dict[str, str], tmp_path: Path) -> None:
    first, other = (UUID(kept[name]) for name in ("peaks.txt", "draft.txt"))
    with opened(tmp_path / "data") as journal:
        journal.compared([Compared(id=each, like=first) for each in (first, other)])

    shown = on_terminal("search", "--no-engine", "peaks review", NO_COLOR="1").text
    (hit,) = json.loads(weavclip("search", "--no-engine", "peaks review", "--json"))

    assert "+1 alike" in shown
    assert "1 alike: --no-collapse shows them" in shown
    assert {hit["id"], *hit["alike"]} == {str(first), str(other)}
    assert set(found("--no-collapse", "peaks review")) == {str(first), str(other)}


@pytest.mark.usefixtures("kept")
def test_what_was_understood_is_said_under_the_list() -> None:
    shown = on_terminal("search", "--no-engine", '"two peaks" -draft kind:text pinned:no')

    assert 'text · not pinned · with "two peaks" · without draft' in shown.text


@pytest.mark.usefixtures("kept")
def test_pages_go_on_and_end() -> None:
    first = found("review", "--limit", "1")
    second = found("review", "--limit", "1", "--page", "2")
    shown = on_terminal("search", "--no-engine", "review", "--limit", "1", "--page", "9")

    assert len({*first, *second}) == 2
    assert "no more hits: page 9 is behind the last one. --page 1 has the first" in shown.text
