"""A new limit says what it removes before it is set."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

import weavclip.cli.main  # noqa: F401 - its commands
from tests.unit.journal.drafts import opened, text_draft
from weavclip.cli.app import app
from weavclip.domain.errors import RefusedError

if TYPE_CHECKING:
    from pathlib import Path

    from typer.testing import Result


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "config.toml"
    monkeypatch.setenv("WEAVCLIP_CONFIG", str(path))
    now = datetime.now(UTC)
    with opened(tmp_path / "data") as journal:
        for number in range(20):
            journal.add(text_draft(f"clip {number}", at=now - timedelta(days=number)))
    return path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments)


def test_a_limit_that_removes_little_is_set_and_said(config: Path) -> None:
    done = run("config", "set", "keep_clips", "19")

    assert done.exit_code == 0
    assert "this removes 1 of 20 clips (over 19 clips, 7 B)" in done.stderr
    assert "keep_clips = 19" in config.read_text()


def test_a_limit_that_removes_much_is_asked_about_and_refused_in_a_pipe(config: Path) -> None:
    done = run("config", "set", "keep_days", "9.5")

    assert isinstance(done.exception, RefusedError)
    assert "10 of 20 clips" in str(done.exception)
    assert not config.exists()


def test_yes_is_the_answer_for_scripts(config: Path) -> None:
    done = run("config", "set", "keep_days", "9.5", "--yes")

    assert done.exit_code == 0
    assert "keep_days = 9.5" in config.read_text()
    found = json.loads(run("status", "--json").stdout)
    assert (found["surplus_clips"], found["surplus_why"]) == (10, "over 9.5 days")
    assert "10 clips over 9.5 days go next" in run("status").stdout


@pytest.mark.usefixtures("config")
def test_a_limit_that_removes_nothing_is_set_without_a_question() -> None:
    done = run("config", "set", "keep_bytes", "1000000")

    assert done.exit_code == 0
    assert "no clip is over the limits" in done.stderr


@pytest.mark.parametrize("key", ["-63Wqj", "-yes", "--help-me", "-h0"])
def test_a_key_may_begin_with_a_dash(config: Path, key: str) -> None:
    done = run("config", "set", "weaviate_api_key", key)

    assert done.exit_code == 0, done.output
    assert f'weaviate_api_key = "{key}"' in config.read_text()


@pytest.mark.usefixtures("config")
def test_a_number_under_its_limit_is_told_as_such() -> None:
    done = run("config", "set", "keep_days", "-1")

    assert "at least 0, got -1" in str(done.exception)


@pytest.mark.usefixtures("config")
def test_nothing_is_over_the_limits_by_default() -> None:
    assert json.loads(run("status", "--json").stdout)["surplus_clips"] == 0
    assert "retention" not in run("status").stdout
