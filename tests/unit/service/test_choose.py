"""Which service a system gets, and whether one is there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.unit.service.fakes import FakeCommands, launch
from weavclip.domain.errors import ServiceError
from weavclip.service.choose import choose
from weavclip.service.commands import Ran, SystemCommands, insist
from weavclip.service.places import (
    entry_file,
    is_installed,
    plist_file,
    task_file,
    unit_file,
)

if TYPE_CHECKING:
    from pathlib import Path

    from weavclip.domain.service import Service

MANAGER = FakeCommands({"--property=Version": Ran(0, out="252.38\n")})
NO_MANAGER = FakeCommands({"systemctl": Ran(127)})


def chosen(home: Path, system: FakeCommands, platform: str = "linux") -> Service:
    return choose(
        launch(home),
        environ={"USERNAME": "ann"},
        home=home,
        agent_pid=lambda: 0,
        commands=system,
        platform=platform,
    )


@pytest.mark.parametrize(
    ("platform", "name"),
    [("darwin", "launchd"), ("win32", "Task Scheduler"), ("linux", "systemd")],
)
def test_each_platform_has_its_own(tmp_path: Path, platform: str, name: str) -> None:
    assert chosen(tmp_path, MANAGER, platform).name == name


def test_without_systemds_manager_the_desktop_starts_it(tmp_path: Path) -> None:
    assert chosen(tmp_path, NO_MANAGER).name == "autostart"


@pytest.mark.parametrize(("place", "name"), [(unit_file, "systemd"), (entry_file, "autostart")])
def test_what_is_installed_is_found_again_whatever_answers_now(
    tmp_path: Path, place: object, name: str
) -> None:
    path = place({}, tmp_path)  # type: ignore[operator]  # one of two functions
    path.parent.mkdir(parents=True)
    path.touch()

    assert chosen(tmp_path, NO_MANAGER).name == name
    assert chosen(tmp_path, MANAGER).name == name


def test_a_system_without_any_is_told_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ServiceError) as caught:
        chosen(tmp_path, MANAGER, "freebsd14")

    assert "weavclip watch --wait" in caught.value.hint


@pytest.mark.parametrize("platform", ["linux", "darwin", "win32"])
def test_whether_one_is_installed_is_seen_by_its_file(tmp_path: Path, platform: str) -> None:
    def installed() -> bool:
        return is_installed(environ={}, home=tmp_path, data_dir=tmp_path, platform=platform)

    assert installed() is False
    places = {"darwin": plist_file(tmp_path), "win32": task_file(tmp_path)}
    path = places.get(platform, unit_file({}, tmp_path))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()

    assert installed() is True


def test_a_command_that_is_not_there_is_said_to_be_missing() -> None:
    assert SystemCommands().run(["no-such-command-of-anybody"]).code == 127
    with pytest.raises(ServiceError, match="not found"):
        insist(SystemCommands(), ["no-such-command-of-anybody"])
