"""Writing config.toml one setting at a time."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING

import pytest

from weavclip import settings
from weavclip.cli.config_file import save
from weavclip.domain.errors import SettingsError

if TYPE_CHECKING:
    from pathlib import Path

WRITTEN = """\
# mine
index = "exact"  # no server here

threads = 2
"""


def read(path: Path) -> settings.Settings:
    return settings.load(environ={}, config_file=path).settings


def test_comments_and_order_stay(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(WRITTEN)

    save("threads", "4", path)

    assert path.read_text() == WRITTEN.replace("threads = 2", "threads = 4")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("threads", 3),
        ("primary_selection", True),
        ("poll_interval_s", 0.25),
        ("model", 'odd "id" \\ é'),
    ],
)
def test_what_was_saved_is_read_as_it_was(name: str, value: object, tmp_path: Path) -> None:
    path = tmp_path / "config.toml"

    save(name, str(value), path)

    assert getattr(read(path), name) == value


def test_a_folder_is_saved_whole(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"

    save("data_dir", "~/clips", path)

    assert read(path).data_dir.is_absolute()


def test_the_file_is_for_the_user_only(tmp_path: Path) -> None:
    path = save("weaviate_api_key", "secret", tmp_path / "new" / "config.toml")

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("colour", "red", "there is no setting colour"),
        ("threads", "many", "must be a whole number"),
        ("threads", "-1", "must be at least 0"),
        ("provider", "abacus", "must be one of"),
    ],
)
def test_a_wrong_value_is_refused_and_nothing_written(
    name: str, value: str, why: str, tmp_path: Path
) -> None:
    path = tmp_path / "config.toml"

    with pytest.raises(SettingsError, match=why):
        save(name, value, path)

    assert not path.exists()


def test_a_wrong_value_elsewhere_keeps_nothing_from_being_mended(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text('threads = "many"\n')

    save("threads", "2", path)

    assert read(path).threads == 2


def test_a_file_that_is_no_toml_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text("threads = = 2")

    with pytest.raises(SettingsError, match="cannot be read"):
        save("model", "sample", path)

    assert path.read_text() == "threads = = 2"
