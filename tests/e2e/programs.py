"""Runs the installed command as a person does, on a data folder of the test's own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.waiting import WITHIN_S, until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

WEAVCLIP = (sys.executable, "-m", "weavclip")
STORED = re.compile(r"(?:stored|counted) ([0-9a-f-]{36})")


def weavclip(*options: str, stdin: bytes = b"", code: int = 0) -> str:
    """Run a command that must end with ``code``; its stdout."""
    done = subprocess.run(
        [*WEAVCLIP, *options], input=stdin, capture_output=True, timeout=WITHIN_S, check=False
    )
    said = done.stderr.decode(errors="replace")
    assert done.returncode == code, f"weavclip {options} ended with {done.returncode}: {said}"
    return done.stdout.decode()


class Agent:
    """A running ``weavclip watch`` and what it has said."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.said: list[str] = []
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def stored(self, count: int) -> list[str]:
        """The ids of what was stored or counted, once there are ``count``."""
        try:
            until(lambda: len(self.ids()) >= count or self._has_ended())
        finally:
            assert len(self.ids()) >= count, "\n".join(self.said)
        return self.ids()

    def ids(self) -> list[str]:
        """The ids of what was stored or counted so far."""
        return [found[1] for line in list(self.said) if (found := STORED.search(line))]

    def heard(self, words: str) -> str:
        """The line with these words, once it was said."""
        return until(
            lambda: next((x for x in list(self.said) if words in x), ""),
            what="\n".join([words, "it said:", *self.said[-5:]]),
        )

    def finish(self) -> int:
        """Wait for the end; the exit code."""
        code = self.process.wait(WITHIN_S)
        self._thread.join(WITHIN_S)
        return code

    def _has_ended(self) -> bool:
        return self.process.poll() is not None

    def _listen(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.said.append(line.rstrip())


@contextmanager
def watching(**environ: str) -> Iterator[Agent]:
    """A running agent that is ready, ended by SIGTERM."""
    process = subprocess.Popen(
        [*WEAVCLIP, "watch"],
        env={**os.environ, **environ},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    agent = Agent(process)
    try:
        agent.heard("watching ")
        yield agent
    finally:
        process.terminate()
        agent.finish()
        assert process.stderr is not None
        process.stderr.close()


def bytes_below(folder: Path) -> bytes:
    """Every byte of every file below ``folder``, and every name."""
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    return b"\0".join(str(path).encode() + b"\0" + path.read_bytes() for path in files)
