"""The launch agent of macOS, over a fake of launchctl: not run on a real system yet."""

from __future__ import annotations

import plistlib
from typing import TYPE_CHECKING

import pytest

from tests.unit.service.fakes import FakeCommands, launch
from weavclip.domain.errors import ServiceError
from weavclip.service.commands import Ran
from weavclip.service.launchd import LaunchdService
from weavclip.service.places import LABEL, plist_file

if TYPE_CHECKING:
    from pathlib import Path

PRINTED = """gui/501/io.weavclip.agent = {
	active count = 1
	state = running

	program = /home/me/.local/bin/weavclip
	runs = 3
	pid = 815
	state = active
}
"""
PATH = "/opt/homebrew/bin:/usr/bin"
NOT_FOUND = Ran(113, err="Could not find service")


def service(home: Path, system: FakeCommands) -> LaunchdService:
    asked = launch(home / "data", WEAVCLIP_DATA_DIR=str(home / "data"))
    return LaunchdService(asked, home=home, path=PATH, commands=system, uid=501)


def test_it_is_kept_alive_in_the_desktop_session_with_a_log_file(tmp_path: Path) -> None:
    list(service(tmp_path, FakeCommands()).install())

    told = plistlib.loads(plist_file(tmp_path).read_bytes())
    assert told["ProgramArguments"][1:] == ["watch", "--wait", "--log-file"]
    assert (told["KeepAlive"], told["RunAtLoad"], told["ThrottleInterval"]) == (True, True, 5)
    variables = {"PATH": PATH, "WEAVCLIP_DATA_DIR": str(tmp_path / "data")}
    assert told["EnvironmentVariables"] == variables
    assert told["Umask"] == 0o077
    assert told["StandardErrorPath"] == str(tmp_path / "data/logs/agent.err")


def test_an_older_one_is_unloaded_before_the_new_one_is_loaded(tmp_path: Path) -> None:
    system = FakeCommands()

    list(service(tmp_path, system).install())

    done = [line.split()[1] for line in system.ran]
    assert done == ["bootout", "enable", "bootstrap", "kickstart"]


def test_a_first_install_has_nothing_to_unload(tmp_path: Path) -> None:
    system = FakeCommands({"bootout": NOT_FOUND})

    list(service(tmp_path, system).install())

    assert system.did("bootstrap", "gui/501")


def test_a_session_without_a_desktop_is_refused_with_what_to_do(tmp_path: Path) -> None:
    system = FakeCommands({"bootstrap": Ran(125, err="Domain does not support specified action")})

    with pytest.raises(ServiceError, match="Domain does not support") as caught:
        list(service(tmp_path, system).install())

    assert "ssh" in caught.value.hint


def test_how_it_is_comes_from_what_launchctl_prints(tmp_path: Path) -> None:
    ours = service(tmp_path, FakeCommands({"print": Ran(0, out=PRINTED)}))
    list(ours.install())

    state = ours.state()

    assert (state.installed, state.enabled, state.pid, state.restarts) == (True, True, 815, 2)


def test_what_is_not_loaded_does_not_run(tmp_path: Path) -> None:
    state = service(tmp_path, FakeCommands({"print": NOT_FOUND})).state()

    assert (state.installed, state.running, state.sentence) == (False, False, "not loaded")


def test_uninstalling_leaves_nothing(tmp_path: Path) -> None:
    system = FakeCommands()
    ours = service(tmp_path, system)
    list(ours.install())

    list(ours.uninstall())

    assert not plist_file(tmp_path).exists()
    assert system.did("bootout", f"gui/501/{LABEL}")
    assert list(ours.uninstall()) == ["no service is installed"]
