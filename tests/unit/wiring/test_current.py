from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest

from weavclip.settings import load
from weavclip.wiring.current import TAKEN_AT_START, CurrentHours, CurrentSettings

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "config.toml"
    monkeypatch.setenv("WEAVCLIP_CONFIG", str(path))
    return path


def test_a_changed_file_is_read_anew_and_an_unchanged_one_is_not(config: Path) -> None:
    current = CurrentSettings(load().settings)
    first = current.value()
    config.write_text('ignored_apps = ["keepass*"]')
    second = current.value()

    assert first.ignored_apps == ()
    assert second.ignored_apps == ("keepass*",)
    assert current.value() is second


def test_a_file_that_is_removed_leaves_the_defaults(config: Path) -> None:
    config.write_text("max_text_bytes = 5")
    current = CurrentSettings(load().settings)
    config.unlink()

    assert current.value().max_text_bytes == 10_000_000


def test_a_wrong_file_changes_nothing_and_is_said_once(
    config: Path, caplog: pytest.LogCaptureFixture
) -> None:
    config.write_text("max_text_bytes = 5")
    current = CurrentSettings(load().settings)
    config.write_text("max_text_bytes = 'many'")

    with caplog.at_level(logging.WARNING):
        values = {current.value().max_text_bytes for _ in range(3)}

    assert values == {5}
    assert caplog.text.count("settings stay as they were") == 1


def test_the_data_folder_stays_where_the_agent_was_started(config: Path, tmp_path: Path) -> None:
    current = CurrentSettings(load({"data_dir": str(tmp_path / "mine")}).settings)
    config.write_text(f'data_dir = "{tmp_path / "other"}"\ndevice = "desk"')

    assert current.value().device == "desk"
    assert current.value().data_dir == tmp_path / "mine"


def test_the_timetable_follows_the_settings(config: Path) -> None:
    current = CurrentSettings(load().settings)
    hours = CurrentHours(current)
    before = hours()
    config.write_text('incognito = ["daily"]')
    after = hours()

    assert not before.stretches
    assert len(after.stretches) == 1
    assert hours() is after


def test_settings_that_are_taken_at_the_start_exist() -> None:
    assert set(load().origins) >= TAKEN_AT_START
