"""An X display of the demo's own, and copies made on it by another program."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

OWNER = "xclip"


class Display:
    """A private Xvfb on a display number that it chooses itself, reached by no network."""

    def __init__(self, folder: Path) -> None:
        """Start it, and wait until it answers."""
        read_fd, write_fd = os.pipe()
        with (folder / "xvfb.log").open("wb") as log:
            self._server = subprocess.Popen(
                ["Xvfb", "-displayfd", str(write_fd), "-nolisten", "tcp", "-noreset"],
                pass_fds=(write_fd,),
                stdout=log,
                stderr=log,
            )
        os.close(write_fd)
        with os.fdopen(read_fd) as told:
            number = told.readline().strip()
        if not number:
            message = "Xvfb did not start"
            raise SystemExit(message)
        self.name = f":{number}"

    def copy(self, mime_type: str, content: bytes) -> None:
        """Have xclip own the clipboard; it serves from the background until the next copy."""
        subprocess.run(
            [OWNER, "-display", self.name, "-selection", "clipboard", *_target(mime_type), "-in"],
            input=content,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=10,
            check=True,
        )

    def close(self) -> None:
        """End the server; an xclip that still serves ends with it."""
        self._server.terminate()
        self._server.wait(10)


def _target(mime_type: str) -> tuple[str, ...]:
    # Without -t xclip offers UTF8_STRING and STRING, as a terminal program does.
    return () if mime_type == "text/plain" else ("-t", mime_type)
