"""The desktop's autostart, with a real shell around an agent that fails."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.unit.service.fakes import FakeCommands, launch
from tests.waiting import WITHIN_S
from weavclip.service import autostart
from weavclip.service.launch import Launch

if TYPE_CHECKING:
    from pathlib import Path


def service(
    home: Path, system: FakeCommands, pids: list[int] | None = None
) -> autostart.AutostartService:
    """Its agent is the first of ``pids`` at the first look, and so on; none after them."""
    left = list(pids or [])
    return autostart.AutostartService(
        launch(home / "data"),
        environ={},
        home=home,
        commands=system,
        agent_pid=lambda: left.pop(0) if left else 0,
    )


def unescaped(entry: str) -> list[str]:
    """The words of ``Exec`` as a desktop reads them: the value's escapes, then the quotes'.

    Within double quotes the same four characters are escaped as in a shell, so one reads them.
    """
    line = next(line for line in entry.splitlines() if line.startswith("Exec="))
    value = line.removeprefix("Exec=").replace("\\\\", "\\").replace("%%", "%")
    shown = subprocess.run(
        ["sh", "-c", f"printf '%s\\0' {value}"], capture_output=True, text=True, check=True
    )
    return shown.stdout.split("\0")[:-1]


def test_a_desktop_reads_the_command_back_as_it_was_meant(tmp_path: Path) -> None:
    asked = launch(tmp_path / "100% $mine", WEAVCLIP_DATA_DIR='/a "b"/100% `c`\\')

    words = autostart.command(asked, entry_file=tmp_path / "it's here")

    assert unescaped(autostart.entry(words)) == words


def test_it_is_written_and_started_and_waited_for(tmp_path: Path) -> None:
    system, runs = FakeCommands(), 4711
    ours = service(tmp_path, system, [0, 0, 0, runs, runs])

    said = list(ours.install())

    assert ours.state().pid == runs
    assert (tmp_path / ".config/autostart/weavclip.desktop").exists()
    assert len(system.started) == 1
    assert "does not answer" in said[0]
    assert ours.state().installed is True


@pytest.mark.parametrize("code", [0, 2, 130])
def test_an_agent_that_ends_by_a_wish_is_not_started_again(tmp_path: Path, code: int) -> None:
    done = run_loop(tmp_path, codes=[code])

    assert done == 1


def test_an_agent_that_fails_is_started_again(tmp_path: Path) -> None:
    assert run_loop(tmp_path, codes=[1, 137, 0]) == 3


def test_a_loop_whose_entry_is_gone_ends(tmp_path: Path) -> None:
    assert run_loop(tmp_path, codes=[1, 1], removes_entry=True) == 1


def run_loop(folder: Path, *, codes: list[int], removes_entry: bool = False) -> int:
    """How often the loop starts a program that ends with each of ``codes`` in turn."""
    entry_file = folder / "entry"
    entry_file.touch()
    agent = folder / "agent.py"
    agent.write_text(
        "import pathlib, sys\n"
        f"count = pathlib.Path({str(folder / 'count')!r})\n"
        "done = len(count.read_text()) if count.exists() else 0\n"
        "count.write_text('x' * (done + 1))\n"
        f"{removes_entry} and pathlib.Path({str(entry_file)!r}).unlink()\n"
        f"sys.exit({codes}[done])\n"
    )
    asked = Launch(program=(sys.executable, str(agent)), data_dir=folder)
    shell, option, loop = autostart.command(asked, entry_file=entry_file)
    quick = loop.replace(f"sleep {autostart.PAUSE_S}", "sleep 0")
    subprocess.run([shell, option, quick], timeout=WITHIN_S, check=False, env=dict(os.environ))
    return len((folder / "count").read_text())


def test_uninstalling_ends_the_agent_that_runs(tmp_path: Path) -> None:
    with subprocess.Popen(["sleep", "600"]) as agent:
        ours = service(tmp_path, FakeCommands(), [0, agent.pid, agent.pid])
        list(ours.install())

        list(ours.uninstall())

        assert agent.wait(WITHIN_S) < 0
    assert ours.state().installed is False
    assert list(ours.uninstall()) == ["no service is installed"]


def test_its_log_is_the_agents_file(tmp_path: Path) -> None:
    ours = service(tmp_path, FakeCommands())
    log = tmp_path / "data" / "logs" / "agent.log"

    assert list(ours.logs(lines=2, stop=None)) == []
    log.parent.mkdir(parents=True)
    log.write_text("one\ntwo\nthree\n")

    assert list(ours.logs(lines=2, stop=None)) == ["two", "three"]
