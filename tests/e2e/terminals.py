"""Runs the installed command on a terminal of the test's own."""

from __future__ import annotations

import contextlib
import fcntl
import os
import select
import struct
import subprocess
import termios
import time
from dataclasses import dataclass

from tests.e2e.programs import WEAVCLIP
from tests.waiting import WITHIN_S

_CHUNK = 65536


@dataclass(frozen=True, slots=True)
class Shown:
    """What a command left on its terminal.

    Attributes:
        code: Its exit code.
        text: All that it wrote, stdout and stderr as they came, line ends as LF.
    """

    code: int
    text: str

    @property
    def lines(self) -> list[str]:
        """The text, line by line."""
        return self.text.splitlines()


def on_terminal(
    *options: str,
    question: str = "",
    typed: str = "",
    columns: int = 100,
    rows: int = 30,
    **environ: str,
) -> Shown:
    """Run a command on a pseudo-terminal; type ``typed`` when it has asked ``question``."""
    ours, its = os.openpty()
    fcntl.ioctl(its, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    given = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "", "LINES": "", **environ}
    process = subprocess.Popen(
        [*WEAVCLIP, *options],
        stdin=its,
        stdout=its,
        stderr=its,
        env={name: value for name, value in given.items() if value},
        start_new_session=True,
    )
    os.close(its)
    try:
        asked = _from(ours, until=question.encode()) if question else b""
        os.write(ours, typed.encode())
        shown = asked + _from(ours)
        return Shown(process.wait(WITHIN_S), shown.decode().replace("\r\n", "\n"))
    finally:
        os.close(ours)
        process.kill()
        process.wait()


def _from(terminal: int, *, until: bytes = b"") -> bytes:
    """What is written up to ``until``, or up to the end."""
    shown, end = b"", time.monotonic() + WITHIN_S
    while select.select([terminal], [], [], max(0.0, end - time.monotonic()))[0]:
        part = b""
        with contextlib.suppress(OSError):  # Linux says EIO when the other side is closed
            part = os.read(terminal, _CHUNK)
        shown += part
        if not part or (until and until in shown):
            return shown
    message = f"the command did not end within {WITHIN_S} s: {shown!r}"
    raise AssertionError(message)
