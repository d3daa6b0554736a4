from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import psutil
import pytest

from tests.waiting import until
from weavclip.domain.errors import ServerError
from weavclip.index.server import process

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no POSIX processes")


def _spawn(folder: Path, *command: str, **environ: str) -> process.Identity:
    return process.spawn(command, environ=environ, folder=folder, log_file=folder / "log")


def test_it_gets_its_variables_and_no_others(tmp_path: Path) -> None:
    one = _spawn(tmp_path, "/bin/sleep", "60", GIVEN="yes")

    # Between fork and exec it is not there yet.
    until(lambda: psutil.Process(one.pid).environ() == {"GIVEN": "yes"})

    process.end(one, within_s=5)


def test_it_is_nobodys_child_and_has_its_own_session(tmp_path: Path) -> None:
    one = _spawn(tmp_path, "/bin/sleep", "60")

    assert os.getsid(one.pid) != os.getsid(0)
    with pytest.raises(ChildProcessError):
        os.waitpid(one.pid, os.WNOHANG)
    process.end(one, within_s=5)
    assert not process.is_alive(one)


def test_one_that_ignores_the_request_is_made_to_end(tmp_path: Path) -> None:
    one = _spawn(
        tmp_path, "/bin/sh", "-c", "trap '' TERM; echo on; while :; do /bin/sleep 1; done"
    )
    until(lambda: (tmp_path / "log").read_text() == "on\n")

    process.end(one, within_s=0.3)

    assert not process.is_alive(one)


def test_a_later_process_with_the_same_number_is_another(tmp_path: Path) -> None:
    one = _spawn(tmp_path, "/bin/sleep", "60")
    earlier = replace(one, started="another boot 1")

    process.end(earlier, within_s=1)

    assert process.is_alive(one)
    assert not process.is_alive(earlier)
    process.end(one, within_s=5)


def test_one_that_waits_to_be_reaped_is_not_alive() -> None:
    with subprocess.Popen(["/bin/true"]) as child:
        until(lambda: process.identity_of(child.pid) is None, what="the zombie is told apart")


@pytest.mark.skipif(shutil.which("ps") is None, reason="no ps")
def test_without_proc_ps_tells_the_same_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "_started_linux", process._started_posix)

    with subprocess.Popen(["/bin/sleep", "60"]) as child:
        one = process.identity_of(child.pid)
        child.kill()
        until(lambda: process.identity_of(child.pid) is None, what="the zombie is told apart")

    assert one is not None
    assert not process.is_alive(one)


def test_a_program_that_is_not_there_is_an_error_or_ends_at_once(tmp_path: Path) -> None:
    try:
        one = _spawn(tmp_path, str(tmp_path / "absent"))
    except ServerError as error:
        assert "ended at once" in str(error)  # noqa: PT017 - either may come first
    else:
        until(lambda: not process.is_alive(one))
    assert "not found" in (tmp_path / "log").read_text()


@pytest.mark.skipif(sys.platform != "linux", reason="/proc tells it on Linux only")
def test_it_is_known_by_the_folder_it_runs_in(tmp_path: Path) -> None:
    one = _spawn(tmp_path, "/bin/sleep", "60")

    assert process.runs_in(one.pid, tmp_path)
    assert not process.runs_in(one.pid, tmp_path.parent)
    process.end(one, within_s=5)
    assert not process.runs_in(one.pid, tmp_path)
