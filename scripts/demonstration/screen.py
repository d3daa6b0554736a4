"""Shows what a person would see, and remembers it for a picture."""

from __future__ import annotations

import os
import pty
import re
import select
import shlex
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

COLUMNS, ROWS = 96, 40
COLOURS = re.compile(r"\x1b\[[0-9;]*m")
_FONT = re.compile(r"\s*@font-face \{.*?\}", re.DOTALL)
HALF_BLOCK = "▀"
AT_ONCE_BYTES = 65536
WITHIN_S = 120.0


class Screen:
    """A terminal of 96 columns, in true colour."""

    def __init__(self) -> None:
        """Start with nothing shown."""
        self._shown: list[str] = []

    def line(self, sentence: str) -> None:
        """Show a line."""
        self._show(sentence + "\n")

    def command(
        self, said: Sequence[str], run: Sequence[str], *, environ: Mapping[str, str], folder: Path
    ) -> None:
        """Run a command in ``folder`` on a terminal of its own and show what it prints."""
        self._show(f"$ {shlex.join(said)}\n")
        ours, theirs = pty.openpty()
        size = {"COLUMNS": str(COLUMNS), "LINES": str(ROWS), "TERM": "xterm-256color"}
        with subprocess.Popen(
            run,
            cwd=folder,
            env={**environ, **size, "COLORTERM": "truecolor"},
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
        ) as process:
            os.close(theirs)
            self._show(_read(ours).replace("\r\n", "\n"))
            process.wait(WITHIN_S)

    def draw(self, path: Path) -> None:
        """Write all that was shown as an SVG picture."""
        from rich.console import Console
        from rich.text import Text

        with Path(os.devnull).open("w") as nowhere:
            console = Console(record=True, width=COLUMNS, file=nowhere, force_terminal=True)
            console.print(Text.from_ansi("".join(self._shown)))
            # Whoever looks at the picture asks nobody for a font.
            drawn = _FONT.sub("", console.export_svg(title="scripts/demo"))
            path.write_text(drawn, encoding="utf-8")

    def _show(self, text: str) -> None:
        self._shown.append(text)
        sys.stdout.write(text if sys.stdout.isatty() else _in_words(text))
        sys.stdout.flush()


def _in_words(text: str) -> str:
    """The same for a file or a pipe: no colours, and no pictures, which are made of them."""
    lines = COLOURS.sub("", text).splitlines(keepends=True)
    return "".join(line for line in lines if HALF_BLOCK not in line)


def _read(fd: int) -> str:
    """All that is written to a terminal until its last writer closes it."""
    parts = []
    while select.select([fd], [], [], WITHIN_S)[0]:
        try:
            part = os.read(fd, AT_ONCE_BYTES)
        except OSError:  # Linux answers EIO when the other end is closed
            break
        if not part:
            break
        parts.append(part)
    os.close(fd)
    return b"".join(parts).decode(errors="replace")
