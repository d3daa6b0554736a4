"""A server as a process of its own: started so that it outlives us, known again, ended."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from weavclip.domain.errors import ServerError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_PROC = Path("/proc")
_STATE, _START_TIME = 0, 19  # of the fields after the name in /proc/PID/stat (proc(5): 3 and 22)
_SPAWN_TIMEOUT_S = 10.0
_PAUSE_S = 0.05
# The shell leaves at once and init takes the server over: no zombie stays in a long engine.
_DETACH = 'unset PWD OLDPWD SHLVL; "$@" >&2 & echo $!'


@dataclass(frozen=True, slots=True)
class Identity:
    """One process, told apart from a later one with the same number.

    Attributes:
        pid: Its number.
        started: When it started, in a form that the platform never gives twice.
    """

    pid: int
    started: str


def identity_of(pid: int) -> Identity | None:
    """The living process with this number; None too for one that only waits to be reaped."""
    started = _started_linux(pid) if sys.platform == "linux" else _started_posix(pid)
    return Identity(pid, started) if started else None


def is_alive(one: Identity) -> bool:
    """Whether this very process runs, not another that got its number."""
    return identity_of(one.pid) == one


def _started_linux(pid: int) -> str:
    try:
        # The name stands in brackets and may hold blanks and brackets itself.
        after_name = (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return ""
    if after_name[_STATE] in "ZX":
        return ""
    boot = (_PROC / "sys/kernel/random/boot_id").read_text().strip()
    return f"{boot} {after_name[_START_TIME]}"


def _started_posix(pid: int) -> str:
    command = ["ps", "-o", "stat=,lstart=", "-p", str(pid)]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=_SPAWN_TIMEOUT_S
    )
    state, _, started = done.stdout.strip().partition(" ")
    return "" if state.startswith("Z") else started.strip()


def spawn(
    command: Sequence[str], *, environ: Mapping[str, str], folder: Path, log_file: Path
) -> Identity:
    """Start ``command`` in a session of its own, with ``environ`` and nothing else of ours.

    Args:
        command: Program and arguments.
        environ: All variables that it gets.
        folder: Its working folder, by which :func:`runs_in` knows it again.
        log_file: Gets what it prints, appended; mode 0600. All its files are its owner's only.

    Raises:
        ServerError: If it could not be started, or ended before it could be looked at.
    """
    descriptor = os.open(log_file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(descriptor, "wb") as log:
        shell = subprocess.Popen(
            ["/bin/sh", "-c", _DETACH, "sh", *command],
            env=dict(environ),
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            start_new_session=True,
            umask=0o077,
        )
    return _identity_from(shell, command[0])


def _identity_from(shell: subprocess.Popen[bytes], program: str) -> Identity:
    with shell:
        assert shell.stdout is not None
        said = shell.stdout.readline().strip()
        found = identity_of(int(said)) if said else None
    if found is None:
        message = f"{program} ended at once"
        raise ServerError(message, hint="weavclip server logs")
    return found


def runs_in(pid: int, folder: Path) -> bool:
    """Whether this process works in ``folder``; False where the platform does not say."""
    with contextlib.suppress(OSError):
        return (_PROC / str(pid) / "cwd").resolve() == folder.resolve()
    return False


def end(one: Identity, *, within_s: float) -> None:
    """Ask this very process to end, and make it after ``within_s`` seconds.

    Raises:
        ServerError: If it is still there after that.
    """
    for ask in (signal.SIGTERM, signal.SIGKILL):
        if not is_alive(one):
            return
        with contextlib.suppress(ProcessLookupError):
            os.kill(one.pid, ask)
        if wait_for_end(one, within_s=within_s):
            return
    message = f"process {one.pid} does not end"
    raise ServerError(message, hint=f"look at it with: ps -p {one.pid}")


def wait_for_end(one: Identity, *, within_s: float) -> bool:
    """Whether the process ended within so many seconds."""
    deadline = time.monotonic() + within_s
    while is_alive(one):
        if time.monotonic() > deadline:
            return False
        time.sleep(_PAUSE_S)
    return True
