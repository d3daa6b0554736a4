"""What the agent costs while nothing is copied, and whether a minute of copies is all kept."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from scripts.benchmarks.desktops import clipboard
from scripts.benchmarks.rows import Row

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tests.owners import Owner

IDLE_S = 300.0
SETTLE_S = 3.0
COPIES_A_SECOND, COPYING_S = 10, 60
BURST, BURST_EVERY_S = 50, 0.02
MB = 1024 * 1024
_SESSION = ("DISPLAY", "WAYLAND_DISPLAY", "XDG_", "DBUS_")


def rows(source: str = "x11") -> Iterator[Row]:
    """Five minutes of idling, then a burst, then a minute of copies; seven minutes in all.

    Polling is only let idle: what is copied between two looks is missed.
    """
    with clipboard(source) as desk, desk.owner() as program, running_agent(desk.environ) as agent:
        program.copy({"UTF8_STRING": b"the last thing that was copied"})
        yield from idle_rows(agent)
        if source != "polling":
            yield _burst(program, agent)
            yield _minute(program, agent)


class Agent:
    """A running agent and how many copies it said it stored."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        """Listen to what it says."""
        self.process = psutil.Process(process.pid)
        self.stored = 0
        self.is_up = threading.Event()
        self._said = process.stderr
        threading.Thread(target=self._listen, daemon=True).start()

    def spent_s(self) -> float:
        """CPU that it and the commands it ran have taken, in seconds."""
        times = self.process.cpu_times()
        return float(times.user + times.system + times.children_user + times.children_system)

    def _listen(self) -> None:
        for line in self._said or ():
            self.stored += " stored " in line
            if " watching " in line or " NOT kept" in line:
                self.is_up.set()


@contextmanager
def running_agent(environ: Mapping[str, str], *options: str) -> Iterator[Agent]:
    """An agent in a session of which it knows ``environ`` only, with a data folder of its own."""
    with tempfile.TemporaryDirectory() as name:
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("WEAVCLIP_", *_SESSION))}
        process = subprocess.Popen(
            [sys.executable, "-m", "weavclip", "watch", *options],
            env={
                **kept,
                **environ,
                "WEAVCLIP_DATA_DIR": str(Path(name) / "data"),
                "WEAVCLIP_CONFIG": str(Path(name) / "config.toml"),
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        agent = Agent(process)
        agent.is_up.wait(20)
        try:
            yield agent
        finally:
            process.terminate()
            process.wait(10)


def idle_rows(agent: Agent, *, doing: str = "idle") -> Iterator[Row]:
    """What it takes in five minutes, and what it holds then."""
    time.sleep(SETTLE_S)
    before = agent.spent_s()
    time.sleep(IDLE_S)
    spent_s = agent.spent_s() - before
    held_mb = agent.process.memory_info().rss / MB
    yield Row(
        stage=f"agent {doing} for {IDLE_S:.0f} s: CPU",
        n=1,
        median=spent_s,
        unit="s",
        note="< 0.05",
    )
    yield Row(stage=f"agent {doing}: RSS", n=1, median=held_mb, unit="MB", note="< 40")


def _burst(program: Owner, agent: Agent) -> Row:
    before = agent.stored
    program.copy_texts([f"burst {n}" for n in range(BURST)], every_s=BURST_EVERY_S)
    time.sleep(SETTLE_S)
    return Row(
        stage=f"{BURST} copies {BURST_EVERY_S * 1000:.0f} ms apart: committed",
        n=BURST,
        median=agent.stored - before,
        unit="copies",
        note=f"{BURST}",
    )


def _minute(program: Owner, agent: Agent) -> Row:
    before, count = agent.stored, COPIES_A_SECOND * COPYING_S
    texts = [f"minute {n} " + "x" * 1000 for n in range(count)]
    program.copy_texts(texts, every_s=1 / COPIES_A_SECOND)
    time.sleep(SETTLE_S)
    return Row(
        stage=f"{COPIES_A_SECOND} copies a second for {COPYING_S} s: committed",
        n=count,
        median=agent.stored - before,
        unit="copies",
        note=f"{count}",
    )
