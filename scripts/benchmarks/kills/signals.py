"""Counts the SIGKILLs that ended a living process, which are all that count."""

from __future__ import annotations

import itertools
import signal
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import psutil

if TYPE_CHECKING:
    import random
    import subprocess
    from collections.abc import Iterator

_GONE_WITHIN_S = 60.0


@dataclass(slots=True)
class Signals:
    """What was sent in a lane.

    Attributes:
        wanted: How many processes are to be killed.
        rng: Draws the moments.
        sent: How many were.
        missed: How many had ended by themselves before.
        at_work: How many of those that were killed had something left to do.
    """

    wanted: int
    rng: random.Random
    sent: int = field(default=0, init=False)
    missed: int = field(default=0, init=False)
    at_work: int = field(default=0, init=False)

    def rounds(self) -> Iterator[int]:
        """Numbers from 0 on, until as many were killed as are wanted."""
        for number in itertools.count():
            if self.are_sent():
                return
            yield number

    def are_sent(self) -> bool:
        """Whether as many were killed as are wanted.

        Raises:
            RuntimeError: If as many have ended by themselves.
        """
        if self.missed >= self.wanted:
            message = f"{self.missed} had ended by themselves, {self.sent} were killed"
            raise RuntimeError(message)
        return self.sent >= self.wanted

    def kill(self, process: subprocess.Popen[str] | subprocess.Popen[bytes]) -> None:
        """Kill a process that this one started: its exit code says whether it lived until then."""
        process.kill()
        is_killed = process.wait(_GONE_WITHIN_S) == -signal.SIGKILL
        self.sent += is_killed
        self.missed += not is_killed

    def kill_other(self, pid: int) -> bool:
        """Kill a process that somebody else may have started; whether it lived."""
        try:
            process = psutil.Process(pid)
            is_alive = process.status() != psutil.STATUS_ZOMBIE
            process.kill()
        except psutil.NoSuchProcess:
            is_alive = False
        self.sent += is_alive
        self.missed += not is_alive
        return is_alive

    @contextmanager
    def killing(
        self, process: subprocess.Popen[str] | subprocess.Popen[bytes], *, within_s: float
    ) -> Iterator[None]:
        """Kill it at a random moment of the block, which takes ``within_s``; it is gone then."""
        timer = threading.Timer(self.rng.uniform(0, within_s), self.kill, [process])
        timer.start()
        yield
        timer.join()
