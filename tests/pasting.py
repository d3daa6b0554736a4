"""A real program's window to paste into, in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.displays import end
from tests.waiting import WITHIN_S, until

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_PYTHON = "/usr/bin/python3"
_PROGRAM = Path(__file__).parent / "programs" / "pasted_into.py"


class Window:
    """What the program has told so far."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self._said: list[dict[str, Any]] = []
        threading.Thread(target=self._listen, daemon=True).start()

    @property
    def keys(self) -> list[tuple[str, ...]]:
        """Each key with the modifiers that were held, without those that are modifiers."""
        told = [each for each in list(self._said) if "key" in each]
        return [
            (*each["held"], each["key"]) for each in told if not each["key"].endswith(("_L", "_R"))
        ]

    def text(self) -> str:
        """The text in its field."""
        texts = [each["text"] for each in list(self._said) if "text" in each]
        return texts[-1] if texts else ""

    def wait_for_focus(self) -> None:
        """Wait until keys go to it."""
        until(self._has_focus, what="the focus")

    def _has_focus(self) -> bool:
        assert self._process.poll() is None, "the program has ended"
        return any("focus" in each for each in list(self._said))

    def wait_for_text(self, text: str) -> None:
        """Wait until it has this text."""
        until(lambda: self.text() == text, what=f"{text!r}, got {self._said}")

    def wait_for_keys(self, *keys: tuple[str, ...]) -> None:
        """Wait until it got these keys, and no others."""
        until(lambda: self.keys == [*keys], what=f"{keys}, got {self._said}")

    def _listen(self) -> None:
        assert self._process.stdout
        for line in self._process.stdout:
            self._said.append(json.loads(line))


@contextmanager
def window(environ: Mapping[str, str], *, name: str = "notes", backend: str) -> Iterator[Window]:
    """Start a program called ``name`` with a field that has the focus, and end it."""
    _require_gtk()
    kept = {each: os.environ[each] for each in ("PATH", "HOME") if each in os.environ}
    process = subprocess.Popen(
        [_PYTHON, str(_PROGRAM), name],
        env={**kept, **environ, "GDK_BACKEND": backend, "NO_AT_BRIDGE": "1", "LANG": "C.UTF-8"},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        found = Window(process)
        found.wait_for_focus()
        yield found
    finally:
        end(process)


def _require_gtk() -> None:
    code = "import gi; gi.require_version('Gtk', '3.0'); from gi.repository import Gtk"
    found = subprocess.run(
        [_PYTHON, "-c", code], capture_output=True, timeout=WITHIN_S, check=False
    )
    if found.returncode:
        pytest.skip("GTK 3 for the system's Python is not installed (gir1.2-gtk-3.0, python3-gi)")
