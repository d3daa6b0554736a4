"""What systemctl is asked; tests/e2e/test_service.py has the real one."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from tests.unit.service.fakes import FakeCommands, launch
from weavclip.domain.errors import ServiceError
from weavclip.service import scope, session, systemd
from weavclip.service.commands import Ran

if TYPE_CHECKING:
    from pathlib import Path

NO_MANAGER = Ran(1, err="Failed to connect to bus: No medium found")
ACTIVE = Ran(0, out="ActiveState=active\nSubState=running\nUnitFileState=enabled\nMainPID=42\n")


@pytest.fixture
def system() -> FakeCommands:
    return FakeCommands(
        {"--property=Version": Ran(0, out="254.1-2\n"), "weavclip.service show": ACTIVE}
    )


def service(home: Path, system: FakeCommands, **environ: str) -> systemd.SystemdService:
    return systemd.SystemdService(launch(home), environ=environ, home=home, commands=system)


def test_it_is_enabled_and_started_with_what_this_session_knows_of_its_display(
    tmp_path: Path, system: FakeCommands
) -> None:
    said = list(service(tmp_path, system, WAYLAND_DISPLAY="wayland-1", EDITOR="vi").install())

    file = tmp_path / ".config/systemd/user/weavclip.service"
    assert "RestartSteps=" in file.read_text()
    assert file.stat().st_mode & 0o077 == 0
    assert system.did("import-environment", "WAYLAND_DISPLAY")
    assert not system.did("EDITOR")
    assert system.did("reenable", "weavclip.service")
    assert said[-1] == "the agent runs as process 42"


def test_without_a_manager_it_is_not_installed(tmp_path: Path, system: FakeCommands) -> None:
    system.answers = {"systemctl": NO_MANAGER}

    with pytest.raises(ServiceError) as caught:
        list(service(tmp_path, system).install())

    assert caught.value.hint
    assert not (tmp_path / ".config").exists()


def test_an_agent_that_fails_at_once_is_told(tmp_path: Path, system: FakeCommands) -> None:
    system.answers["weavclip.service show"] = Ran(0, out="ActiveState=failed\nSubState=failed\n")

    with pytest.raises(ServiceError, match=r"did not start: failed") as caught:
        list(service(tmp_path, system).install())

    assert caught.value.hint == "weavclip service logs"


def test_what_systemctl_complains_of_is_told(tmp_path: Path, system: FakeCommands) -> None:
    system.answers["daemon-reload"] = Ran(1, err="Access denied\n")

    with pytest.raises(ServiceError, match="Access denied"):
        list(service(tmp_path, system).install())


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path, system: FakeCommands) -> None:
    (tmp_path / ".config").touch()

    with pytest.raises(ServiceError, match="cannot be written"):
        list(service(tmp_path, system).install())


def test_without_a_manager_the_files_can_still_be_removed(
    tmp_path: Path, system: FakeCommands
) -> None:
    ours = service(tmp_path, system)
    list(ours.install())
    wants = tmp_path / ".config/systemd/user/default.target.wants/weavclip.service"
    wants.parent.mkdir()
    wants.symlink_to("../weavclip.service")
    system.answers = {"systemctl": NO_MANAGER}

    list(ours.uninstall())

    assert not wants.is_symlink()
    assert ours.state().installed is False
    assert list(ours.uninstall()) == ["no service is installed"]


def test_its_log_is_the_journals(tmp_path: Path, system: FakeCommands) -> None:
    system.answers["journalctl"] = Ran(0, out="one\ntwo\n")
    ours = service(tmp_path, system)

    assert list(ours.logs(lines=2, stop=None)) == ["one", "two"]
    assert list(ours.logs(lines=2, stop=threading.Event())) == ["followed"]
    system.answers["journalctl"] = Ran(1, err="No journal files were found.")
    with pytest.raises(ServiceError, match="No journal files"):
        ours.logs(lines=2, stop=None)


def test_the_display_is_what_the_manager_was_told() -> None:
    environment = "HOME=/home/me\nDISPLAY=:1\nXAUTHORITY=$'/run/a b'\n"
    system = FakeCommands({"show-environment": Ran(0, out=environment)})

    assert session.display_environ(system) == {"DISPLAY": ":1", "XAUTHORITY": "/run/a b"}
    assert session.display_environ(FakeCommands({"systemctl": NO_MANAGER})) == {}


def test_only_inside_the_unit_a_scope_is_asked_for(tmp_path: Path) -> None:
    cgroup = tmp_path / "cgroup"

    assert scope.outliving(tmp_path / "absent") == []
    cgroup.write_text("0::/user.slice/user-1000.slice/session-2.scope\n")
    assert scope.outliving(cgroup) == []
    cgroup.write_text("1:name=systemd:/user.slice/weavclip.service\n0::/\n")
    assert "--scope" in (scope.outliving(cgroup) or ["--scope"])
