"""One limited process that is asked by frames, and killed when it takes too long."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
from typing import TYPE_CHECKING, BinaryIO, cast

from weavclip.isolation import frames
from weavclip.isolation.pipes import widen

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_END_WITHIN_S = 5.0
_SIGXCPU = 24  # signal.SIGXCPU, which Windows does not name


class EndedError(Exception):
    """The child died, and not of the time limit.

    Attributes:
        code: Its exit status; negative for a signal.
    """

    def __init__(self, code: int | None) -> None:
        super().__init__(f"the child ended with code {code}")
        self.code = code


class TooSlowError(Exception):
    """The child took too long and was killed."""


class Child:
    """A Python module that answers frames; see :mod:`weavclip.isolation.inside`."""

    def __init__(
        self, module: str, *arguments: int, environ: Mapping[str, str] | None = None
    ) -> None:
        """Start it.

        Args:
            module: Is run as a program.
            arguments: Its limits.
            environ: Variables that it gets beside the few that every program needs.
        """
        # -I: neither the current folder nor PYTHON* variables choose what the child imports.
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-m", module, *map(str, arguments)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # a Ctrl-C for the engine is not one for its children
            env={**_environment(), **(environ or {})},
        )
        self._expired = threading.Event()
        widen(self._to)
        widen(self._from)

    @property
    def pid(self) -> int:
        """Its process."""
        return self._process.pid

    @property
    def _to(self) -> BinaryIO:
        return cast("BinaryIO", self._process.stdin)

    @property
    def _from(self) -> BinaryIO:
        return cast("BinaryIO", self._process.stdout)

    def is_alive(self) -> bool:
        """Whether it runs."""
        return self._process.poll() is None

    def ask(self, parts: Iterable[bytes], *, timeout_s: float) -> bytes:
        """Its answer to one frame.

        Raises:
            TooSlowError: If there is none in time; it is killed.
            EndedError: If it died.
        """
        timer = threading.Timer(timeout_s, self._expire)
        timer.daemon = True
        timer.start()
        try:
            found = self._exchange(parts)
        finally:
            timer.cancel()
        if found is None:
            self.end()
            raise self._ending()
        return found

    def kill(self) -> None:
        """Kill it from any thread: one that waits for its answer gets :class:`EndedError`."""
        self._process.kill()

    def end(self) -> None:
        """Kill it and read its exit status: it has nothing to finish."""
        self._process.kill()
        self._process.wait(_END_WITHIN_S)
        for pipe in (self._to, self._from):
            with contextlib.suppress(OSError):  # a frame half written to a child that is gone
                pipe.close()

    def _exchange(self, parts: Iterable[bytes]) -> bytes | None:
        try:
            frames.send(self._to, parts)
            return frames.receive(self._from)
        except (OSError, ValueError):  # ValueError: its pipes are closed
            return None

    def _expire(self) -> None:
        self._expired.set()
        self._process.kill()

    def _ending(self) -> EndedError | TooSlowError:
        code = self._process.returncode
        if self._expired.is_set() or code == -_SIGXCPU:
            return TooSlowError()
        return EndedError(code)


def _environment() -> dict[str, str]:
    # The child needs no name, folder, display or key of its user; Windows needs SYSTEMROOT.
    kept = ("PATH", "LD_LIBRARY_PATH", "SYSTEMROOT", "TZ")
    return {name: os.environ[name] for name in kept if name in os.environ}
