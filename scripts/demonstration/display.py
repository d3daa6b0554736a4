"""An X display of the demo's own, and copies made on it by another program."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

OWNER = "xclip"
STARTS = 5
WITHIN_S = 120.0


class Display:
    """A private Xvfb on a display number that it chooses itself, reached by no network."""

    def __init__(self, folder: Path) -> None:
        """Start it, and wait until it answers; again where another took its number meanwhile.

        Raises:
            SystemExit: If it does not start; what it said is printed.
        """
        log = folder / "xvfb.log"
        for _ in range(STARTS):
            self._server, number = _started(log)
            if number:
                self.name = f":{number}"
                return
            self._server.wait(WITHIN_S)
        message = f"Xvfb did not start: {log.read_text(errors='replace').strip()}"
        raise SystemExit(message)

    def copy(self, mime_type: str, content: bytes) -> None:
        """Have xclip own the clipboard; it serves from the background until the next copy."""
        subprocess.run(
            [OWNER, "-display", self.name, "-selection", "clipboard", *_target(mime_type), "-in"],
            input=content,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=WITHIN_S,
            check=True,
        )

    def close(self) -> None:
        """End the server; an xclip that still serves ends with it."""
        self._server.terminate()
        self._server.wait(WITHIN_S)


def _started(log: Path) -> tuple[subprocess.Popen[bytes], str]:
    """A server and the number that it chose; none where it ended at once."""
    read_fd, write_fd = os.pipe()
    with log.open("wb") as said:
        server = subprocess.Popen(
            ["Xvfb", "-displayfd", str(write_fd), "-nolisten", "tcp", "-noreset"],
            pass_fds=(write_fd,),
            stdout=said,
            stderr=said,
        )
    os.close(write_fd)
    with os.fdopen(read_fd) as told:
        return server, told.readline().strip()


def _target(mime_type: str) -> tuple[str, ...]:
    # Without -t xclip offers UTF8_STRING and STRING, as a terminal program does.
    return () if mime_type == "text/plain" else ("-t", mime_type)
