"""The agent under a real systemd manager: started, killed, hung, taken away; nothing is lost."""

from __future__ import annotations

import os
import re
import shutil
import signal
import sys
import sysconfig
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.managed import free_ports, require_program
from tests.owners import owner
from tests.systemd import PROJECT, user_manager
from tests.waiting import until
from weavclip.index.server import binary

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.owners import Owner
    from tests.systemd import UserManager

pytestmark = pytest.mark.x11

UNIT = "weavclip.service"
SOON = "[Service]\nRestartSec=100ms\n"
SOON_MISSED = "[Service]\nWatchdogSec=2\n"
HARDENING = {
    "NoNewPrivileges": "yes",
    "LockPersonality": "yes",
    "RestrictNamespaces": "yes",
    "LimitCORE": "0",
    "UMask": "0077",
}


@pytest.fixture(scope="module")
def manager() -> Iterator[UserManager]:
    with user_manager() as found:
        yield found


@pytest.fixture
def program(display: str) -> Iterator[Owner]:
    with owner(display) as program:
        yield program


@pytest.fixture
def installed(manager: UserManager, display: str) -> Iterator[UserManager]:
    """A service that watches the test's display, and is quick to come back."""
    manager.write(units(manager) / f"{UNIT}.d" / "soon.conf", SOON)
    manager.weavclip("service", "install", DISPLAY=display)
    process(manager)
    try:
        yield manager
    finally:
        manager.weavclip("service", "uninstall")


def units(manager: UserManager) -> Path:
    return manager.home / "config" / "systemd" / "user"


def process(manager: UserManager, *, other_than: int = 0) -> int:
    """The service's process, once it watches."""

    def found() -> int:
        pid = int(manager.shown("MainPID"))
        return pid if manager.shown("ActiveState") == "active" and pid != other_than else 0

    return until(found, every_s=0.1, what="the service to watch")


def stored(manager: UserManager, text: str) -> None:
    """Wait until a clip is kept once."""

    def previews() -> list[str]:
        return [each["preview"] for each in manager.asked("list")]

    until(
        lambda: previews().count(text) == 1,
        every_s=0.2,
        what="the copy to be kept",
    )


def is_alive(pid: int) -> bool:
    with suppress(ProcessLookupError):
        os.kill(pid, 0)
        return True
    return False


def test_it_captures_as_a_hardened_unit(installed: UserManager, program: Owner) -> None:
    program.copy({"UTF8_STRING": b"two peaks"})

    stored(installed, "two peaks")

    assert {name: installed.shown(name) for name in HARDENING} == HARDENING
    assert f"process\t{process(installed)}" in installed.weavclip("service", "status")
    assert "ok    service" in installed.weavclip("doctor", code=None)


def test_a_killed_agent_comes_back_and_has_what_was_copied_meanwhile(
    installed: UserManager, program: Owner
) -> None:
    program.copy({"UTF8_STRING": b"before the kill"})
    stored(installed, "before the kill")
    first = process(installed)

    os.kill(first, signal.SIGKILL)
    program.copy({"UTF8_STRING": b"while it was away"})
    second = process(installed, other_than=first)
    stored(installed, "while it was away")
    program.copy({"UTF8_STRING": b"after it came back"})
    stored(installed, "after it came back")
    stored(installed, "before the kill")

    assert second != first
    assert int(installed.shown("NRestarts")) >= 1


def test_an_agent_that_hangs_is_started_again(installed: UserManager, program: Owner) -> None:
    before = process(installed)
    installed.write(units(installed) / f"{UNIT}.d" / "missed.conf", SOON_MISSED)
    installed.run("systemctl", "--user", "daemon-reload")
    installed.run("systemctl", "--user", "restart", UNIT)
    first = process(installed, other_than=before)

    os.kill(first, signal.SIGSTOP)
    process(installed, other_than=first)
    program.copy({"UTF8_STRING": b"after the hang"})

    stored(installed, "after the hang")
    assert not is_alive(first)


def test_a_second_install_starts_it_anew_and_changes_nothing_else(
    installed: UserManager, display: str
) -> None:
    unit = units(installed) / UNIT
    before, first = unit.read_text(), process(installed)

    said = installed.weavclip("service", "install", DISPLAY=display)

    assert unit.read_text() == before
    assert process(installed, other_than=first) != first
    assert str(unit) in said


@pytest.fixture
def with_server(manager: UserManager) -> Iterator[UserManager]:
    """A model in use and a managed Weaviate that died."""
    require_program()
    program = binary.find()
    assert program is not None
    cache = manager.home / ".cache"
    cache.mkdir()
    (cache / program.parent.name).symlink_to(program.parent)
    http, grpc = map(str, free_ports(2))
    settings = f'model = "sample"\nserver_port = {http}\nserver_grpc_port = {grpc}\n'
    config = Path(manager.environ["XDG_CONFIG_HOME"]) / "weavclip" / "config.toml"
    manager.write(config, settings + "engine_pause_s = 0.1\n")
    try:
        manager.weavclip("server", "up")
        manager.weavclip("engine", "--stop")
        os.kill(server_process(manager), signal.SIGKILL)
        yield manager
    finally:
        manager.weavclip("engine", "--stop")
        manager.weavclip("server", "down")
        config.unlink()


def engine_process(manager: UserManager) -> int:
    """The engine's process, once it has a moment to say so."""
    return int(until(lambda: manager.asked("status")["engine"])["pid"])


def server_process(manager: UserManager) -> int:
    found = re.search(r"^process\t(\d+)$", manager.weavclip("server", "status"), re.MULTILINE)
    return int(found[1]) if found else 0


@pytest.mark.weaviate
def test_a_restart_of_the_agent_leaves_engine_and_weaviate_at_work(
    with_server: UserManager, installed: UserManager, program: Owner
) -> None:
    program.copy({"UTF8_STRING": b"a text for Weaviate"})
    until(
        lambda: installed.asked("status")["stages"]["indexed"] >= 1,
        every_s=0.5,
        what="the clip to be indexed",
    )
    first, at_work = process(installed), (engine_process(installed), server_process(installed))

    installed.run("systemctl", "--user", "restart", UNIT)
    process(installed, other_than=first)
    after = (engine_process(installed), server_process(installed))
    with_server.weavclip("engine", "--stop")

    assert 0 not in at_work
    assert after == at_work
    assert server_process(installed) == at_work[1]
    assert UNIT not in Path(f"/proc/{at_work[1]}/cgroup").read_text()


def test_an_agent_that_was_started_before_the_display_finds_it(
    manager: UserManager, display: str, program: Owner
) -> None:
    manager.run("systemctl", "--user", "unset-environment", "DISPLAY")
    try:
        said = manager.weavclip("service", "install")
        manager.run("systemctl", "--user", "set-environment", f"DISPLAY={display}")
        program.copy({"UTF8_STRING": b"seen after the login"})

        stored(manager, "seen after the login")
        assert "it waits: there is no display here" in said
    finally:
        manager.weavclip("service", "uninstall")


def test_it_ends_and_begins_with_the_graphical_session(installed: UserManager) -> None:
    # As GNOME does it, and sway-systemd: one target begins the session, another ends it.
    begin, end = (units(installed) / f"desk-{each}.target" for each in ("begin", "end"))
    installed.write(begin, "[Unit]\nBindsTo=graphical-session.target\n")
    installed.write(end, f"[Unit]\nConflicts=graphical-session.target {begin.name}\n")
    installed.run("systemctl", "--user", "daemon-reload")
    try:
        installed.run("systemctl", "--user", "start", begin.name)
        first = process(installed)
        installed.run("systemctl", "--user", "start", end.name)
        until(lambda: installed.shown("ActiveState") == "inactive", every_s=0.1)
        installed.run("systemctl", "--user", "start", begin.name)

        assert process(installed, other_than=first) != first
    finally:
        installed.run("systemctl", "--user", "start", end.name)
        begin.unlink()
        end.unlink()


def test_uninstalling_leaves_the_clips_and_nothing_else(
    manager: UserManager, display: str, program: Owner
) -> None:
    manager.weavclip("service", "install", DISPLAY=display)
    pid = process(manager)
    program.copy({"UTF8_STRING": b"this stays"})
    stored(manager, "this stays")

    manager.weavclip("service", "uninstall")
    again = manager.weavclip("service", "uninstall")

    assert not is_alive(pid)
    assert [path for path in units(manager).rglob("*") if not path.is_dir()] == []
    assert manager.shown("LoadState") == "not-found"
    assert "no service is installed" in again
    stored(manager, "this stays")


def test_an_agent_that_was_started_by_hand_is_not_fought(
    manager: UserManager, display: str
) -> None:
    manager.run(
        "systemd-run", "--user", "--quiet", "--unit=by-hand", "--collect",
        f"--setenv=DISPLAY={display}", sys.executable, "-m", "weavclip", "watch",
    )  # fmt: skip
    try:
        until(lambda: manager.asked("status")["agent"])

        said = manager.weavclip("service", "install", code=1, DISPLAY=display)
    finally:
        manager.run("systemctl", "--user", "stop", "by-hand.service")

    assert "started by hand as process" in said
    assert "kill " in said


def make_environment(folder: Path) -> None:
    """A virtual environment with the command in it, as pipx and uv make them."""
    import venv

    venv.create(folder, symlinks=True)
    paths = [str(PROJECT), sysconfig.get_path("purelib")]
    (next(folder.glob("lib/*/site-packages")) / "ours.pth").write_text("\n".join(paths))
    command = folder / "bin" / "weavclip"
    command.write_text(f"#!{folder}/bin/python\nfrom weavclip.cli.main import main\nmain()\n")
    command.chmod(0o755)


@pytest.fixture
def tool(manager: UserManager) -> Iterator[Callable[[str], None]]:
    """Installs the command as a tool: in an environment named so, behind one link."""
    link = manager.home / "bin" / "weavclip"
    link.parent.mkdir()

    def install(name: str) -> None:
        for old in manager.home.glob("venvs/*"):
            shutil.rmtree(old)
        make_environment(manager.home / "venvs" / name)
        link.unlink(missing_ok=True)
        link.symlink_to(manager.home / "venvs" / name / "bin" / "weavclip")

    yield install
    shutil.rmtree(link.parent)


def test_the_service_of_a_tool_survives_the_tools_upgrade(
    manager: UserManager, display: str, program: Owner, tool: Callable[[str], None]
) -> None:
    link = str(manager.home / "bin" / "weavclip")
    tool("python3.11")
    manager.write(units(manager) / f"{UNIT}.d" / "soon.conf", SOON)
    try:
        manager.run(
            link,
            "service",
            "install",
            DISPLAY=display,
            UV_TOOL_BIN_DIR=os.path.dirname(link),  # noqa: PTH120
        )
        first = process(manager)

        tool("python3.12")
        os.kill(first, signal.SIGKILL)
        process(manager, other_than=first)
        program.copy({"UTF8_STRING": b"after the upgrade"})

        stored(manager, "after the upgrade")
        assert f'ExecStart="{link}"' in (units(manager) / UNIT).read_text()
    finally:
        manager.weavclip("service", "uninstall")
