"""The one place that catches errors and sets the exit code."""

from __future__ import annotations

import errno
import sys
from typing import TYPE_CHECKING

import pytest

from weavclip import wiring
from weavclip.cli.main import main
from weavclip.domain.errors import JournalError

if TYPE_CHECKING:
    from weavclip.settings import Settings

CONTENT = "what somebody copied"


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> object:
    monkeypatch.setattr(sys, "argv", ["weavclip", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    return ended.value.code


def break_with(error: BaseException, monkeypatch: pytest.MonkeyPatch) -> None:
    def status(_settings: Settings) -> None:
        raise error

    monkeypatch.setattr(wiring, "status", status)


def test_a_deliberate_error_is_two_lines_and_exit_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    break_with(JournalError("the disk is full", hint="make room"), monkeypatch)

    code = run(monkeypatch, "status")

    assert code == 1
    assert capsys.readouterr().err == "weavclip: the disk is full\n  try: make room\n"


def test_an_error_without_a_hint_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    break_with(JournalError("the disk is full"), monkeypatch)

    run(monkeypatch, "status")

    assert capsys.readouterr().err == "weavclip: the disk is full\n"


def test_an_unexpected_error_says_nothing_of_a_clip(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    break_with(KeyError(CONTENT), monkeypatch)

    code = run(monkeypatch, "status")

    said = capsys.readouterr().err
    assert code == 1
    assert said.splitlines()[0] == "weavclip: unexpected KeyError"
    assert "--debug" in said
    assert CONTENT not in said


def test_what_the_system_lets_nobody_write_is_named_with_the_next_step(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    break_with(OSError(errno.EROFS, "Read-only file system", "/somewhere/agent.lock"), monkeypatch)

    code = run(monkeypatch, "status")

    said = capsys.readouterr().err.splitlines()
    assert code == 1
    assert said[0] == "weavclip: /somewhere/agent.lock cannot be used: Read-only file system"
    assert "--data-dir" in said[1]


def test_debug_shows_where(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    break_with(KeyError("key"), monkeypatch)

    run(monkeypatch, "--debug", "status")

    assert "Traceback" in capsys.readouterr().err


def test_an_interrupt_is_130(monkeypatch: pytest.MonkeyPatch) -> None:
    break_with(KeyboardInterrupt(), monkeypatch)

    assert run(monkeypatch, "status") == 130


@pytest.mark.parametrize(
    ("arguments", "where"),
    [
        (("serch",), "weavclip --help"),
        (("search",), "weavclip search --help"),
        (("search", "--minus", "words"), "weavclip search --help"),
        (("search", "words", "--limit", "0"), "weavclip search --help"),
        (("search", "--plus"), "weavclip search --help"),
        (("forget", "--since"), "weavclip forget --help"),
        (("--data-dir",), "weavclip --help"),
        (("list", "--kind", "picture"), "weavclip list --help"),
        (("forget",), "weavclip forget --help"),
    ],
)
def test_wrong_usage_is_2_and_says_whose_help_to_read(
    arguments: tuple[str, ...],
    where: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    code = run(monkeypatch, *arguments)

    captured = capsys.readouterr()
    assert code == 2
    assert captured.err.startswith("weavclip: ")
    assert captured.err.endswith(f"  try: {where}\n")
    assert captured.out == ""


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("list", "-n", "x"), "Invalid value for '--limit' / '-n': 'x' is not a whole number"),
        (
            ("hide", "x", "--threshold", "x"),
            "Invalid value for '--threshold': 'x' is not a number",
        ),
        (("config", "set"), "Missing argument 'NAME'"),
        (("--data-dir", "", "list"), "data_dir must be a folder, got ''"),
        (("restore", "absent.tar", "--yes"), "there is no file absent.tar"),
    ],
)
def test_a_wrong_value_is_named_in_plain_words(
    arguments: tuple[str, ...],
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    run(monkeypatch, *arguments)

    assert capsys.readouterr().err.splitlines()[0] == f"weavclip: {said}"


def test_the_version_is_printed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "--version") == 0
    assert capsys.readouterr().out.startswith("weavclip 0.")


def test_a_group_without_a_command_is_answered_by_its_help_alone(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code = run(monkeypatch, "model")

    assert code == 2
    assert capsys.readouterr().err.startswith("Usage: weavclip model")


def test_what_is_missing_is_said_without_naming_a_value(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run(monkeypatch, "search")

    assert capsys.readouterr().err.startswith("weavclip: give words, or --regex, ")
