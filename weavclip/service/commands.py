"""Runs the system's own commands, such as systemctl, each with a limit."""

from __future__ import annotations

import os
import subprocess
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from weavclip.domain.errors import ServiceError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from weavclip.domain.ports import StopSignal

WITHIN_S = 30.0
_LOOK_EVERY_S = 0.2
_NOT_FOUND = 127  # as a shell says it
_TOO_LATE = 124


@dataclass(frozen=True, slots=True)
class Ran:
    """How a command ended.

    Attributes:
        code: Its exit code; 127 where there is no such command, 124 when it took too long.
        out: What it printed.
        err: What it complained of.
    """

    code: int
    out: str = ""
    err: str = ""


class Commands(Protocol):
    """Runs commands."""

    def run(self, command: Sequence[str]) -> Ran:
        """Run one and wait for its end."""
        ...

    def follow(self, command: Sequence[str], stop: StopSignal) -> Iterator[str]:
        """The lines of one that goes on printing, until ``stop`` or its end."""
        ...

    def start(self, command: Sequence[str]) -> None:
        """Start one that goes on when this process has ended."""
        ...


class SystemCommands:
    """Really runs them."""

    def run(self, command: Sequence[str]) -> Ran:
        """Run one and wait up to 30 s for its end."""
        try:
            done = subprocess.run(
                command,
                capture_output=True,
                text=True,
                errors="replace",
                stdin=subprocess.DEVNULL,
                check=False,
                timeout=WITHIN_S,
            )
        except FileNotFoundError:
            return Ran(_NOT_FOUND, err=f"{command[0]}: not found")
        except (OSError, subprocess.TimeoutExpired) as error:
            return Ran(_TOO_LATE, err=f"{command[0]}: {type(error).__name__}")
        return Ran(done.returncode, done.stdout, done.stderr)

    def follow(self, command: Sequence[str], stop: StopSignal) -> Iterator[str]:
        """The lines of one that goes on printing; ``stop`` is looked at with each."""
        with subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, errors="replace"
        ) as running:
            try:
                assert running.stdout is not None
                for line in running.stdout:
                    yield line.rstrip("\n")
                    if stop.is_set():
                        return
            finally:
                running.terminate()

    def start(self, command: Sequence[str]) -> None:
        """Start one in a session of its own."""
        quiet = subprocess.DEVNULL
        subprocess.Popen(command, stdin=quiet, stdout=quiet, stderr=quiet, start_new_session=True)


def insist(commands: Commands, command: Sequence[str], *, hint: str = "") -> Ran:
    """Run a command that has to succeed.

    Raises:
        ServiceError: If it does not, with the last line of what it said.
    """
    ran = commands.run(command)
    if ran.code:
        said = (ran.err.strip() or ran.out.strip() or f"exit code {ran.code}").splitlines()[-1]
        message = f"'{' '.join(command[:3])}' failed: {said}"
        raise ServiceError(message, hint=hint)
    return ran


def write_definition(path: Path, text: str, *, encoding: str = "utf-8") -> None:
    """Write a service's definition whole or not at all; only its owner may read it.

    Raises:
        ServiceError: If it cannot be written.
    """
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding=encoding, newline="\n") as file:
            file.write(text)
        beside.replace(path)
    except OSError as error:
        message = f"{path} cannot be written: {error.strerror}"
        raise ServiceError(message, hint=f"look at who may write to {path.parent}") from error


def tail(path: Path, *, lines: int) -> Iterator[str]:
    """The last lines of a log file; none where there is no such file."""
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            yield from (line.rstrip("\n") for line in deque(file, maxlen=lines))
    except FileNotFoundError:
        return


def follow_file(path: Path, *, lines: int, stop: StopSignal) -> Iterator[str]:
    """The last lines of a log file, then each new one until ``stop``; a fresh file is followed."""
    yield from tail(path, lines=lines)
    seen = _size(path)
    while not stop.wait(_LOOK_EVERY_S):
        size = _size(path)
        if size == seen:
            continue
        with path.open(encoding="utf-8", errors="replace") as file:
            file.seek(seen if size > seen else 0)
            yield from (line.rstrip("\n") for line in file)
            seen = file.tell()


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0
