"""What a service is started with, and whom it gives way to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from weavclip import wiring
from weavclip.domain.errors import ServiceError
from weavclip.domain.service import ServiceState
from weavclip.settings import load
from weavclip.wiring import background

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for variable in ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "PATH"):
        monkeypatch.setenv(variable, str(tmp_path))
    for variable in ("WEAVCLIP_DATA_DIR", "WEAVCLIP_CONFIG"):
        monkeypatch.delenv(variable)
    return tmp_path


def variables(**options: str) -> Mapping[str, str]:
    found: Mapping[str, str] = wiring.service(load(options).settings)._launch.environ  # type: ignore[attr-defined]
    return found


def test_where_nothing_was_asked_for_nothing_is_written_down() -> None:
    assert variables() == {}


def test_a_data_folder_given_as_an_option_goes_along(tmp_path: Path) -> None:
    folder = str(tmp_path / "elsewhere")

    assert variables(data_dir=folder) == {"WEAVCLIP_DATA_DIR": folder}


def test_variables_that_say_where_things_are_go_along_and_no_key_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = {
        "WEAVCLIP_DATA_DIR": str(tmp_path / "elsewhere"),
        "WEAVCLIP_CONFIG": str(tmp_path / "settings.toml"),
    }
    for name, value in {**asked, "WEAVCLIP_WEAVIATE_API_KEY": "secret"}.items():
        monkeypatch.setenv(name, value)

    assert variables() == asked


def test_what_the_settings_file_says_is_left_to_it(home: Path) -> None:
    (home / "weavclip").mkdir()
    (home / "weavclip" / "config.toml").write_text(f'data_dir = "{home / "elsewhere"}"\n')

    assert variables() == {}


class Fake:
    """A service that says what it is told to."""

    name = "fake"

    def __init__(self, file: Path, *, pid: int) -> None:
        self._state = ServiceState(manager="fake", file=file, installed=True, pid=pid)

    def state(self) -> ServiceState:
        return self._state

    def install(self) -> Iterator[str]:
        yield "installed"


@pytest.mark.parametrize(("agent", "ours"), [(0, 0), (7, 7), (0, 7)])
def test_a_service_is_installed_over_itself(
    home: Path, monkeypatch: pytest.MonkeyPatch, agent: int, ours: int
) -> None:
    monkeypatch.setattr(background, "service", lambda _settings: Fake(home, pid=ours))
    monkeypatch.setattr(background, "_agent_pid", lambda _data_dir: agent)

    assert list(wiring.install_service(load().settings)) == ["installed"]


def test_an_agent_that_was_started_by_hand_is_not_fought(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(background, "service", lambda _settings: Fake(home, pid=0))
    monkeypatch.setattr(background, "_agent_pid", lambda _data_dir: 7)

    with pytest.raises(ServiceError, match="process 7") as caught:
        list(wiring.install_service(load().settings))

    assert "kill 7" in caught.value.hint
