"""Programs of other makers, each on a display and told what to copy."""

from __future__ import annotations

import os
import shutil
import subprocess
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.displays import end
from tests.waiting import WITHIN_S

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_HERE = Path(__file__).parent
# Debian's, which has the toolkits' bindings.
_PYTHON = "/usr/bin/python3"
_NEEDED = {
    "gtk": "import gi; gi.require_version('Gtk', '4.0'); from gi.repository import Gtk",
    "qt": "import PyQt5.QtWidgets",
    "office": "import uno",
}
_PACKAGES = {"gtk": "gir1.2-gtk-4.0", "qt": "python3-pyqt5", "office": "python3-uno"}
# No services, no graphics card, no other platform than the one that is asked for.
_ENVIRON = {
    "LANG": "C.UTF-8",
    "GTK_A11Y": "none",
    "GSK_RENDERER": "cairo",
    "GSETTINGS_BACKEND": "memory",
    "QT_ACCESSIBILITY": "0",
}


class Program:
    """A program that obeys lines on its stdin."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self._wait_for("up")

    def copy(self, what: str, argument: str) -> None:
        """Have it copy a ``text``, an ``html``, an ``image``, ``files`` or ``cells``.

        Args:
            what: One of these.
            argument: The text, the markup, the paths or the cells.
        """
        assert self._process.stdin
        self._process.stdin.write(f"{what} {argument}\n")
        self._process.stdin.flush()
        self._wait_for("done")

    def _wait_for(self, word: str) -> None:
        assert self._process.stdout
        said = self._process.stdout.readline().strip()
        assert said == word, f"the program said {said!r}, or ended"


@contextmanager
def program(name: str, environ: Mapping[str, str], *arguments: str) -> Iterator[Program]:
    """Start one of this folder's programs, and end it; skips where its toolkit is absent.

    Args:
        name: ``gtk``, ``qt`` or ``office``.
        environ: Names the display.
        arguments: Of the program.
    """
    require_toolkit(name)
    process = subprocess.Popen(
        [_PYTHON, str(_HERE / f"{name}.py"), *arguments],
        env=environ_of(environ),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        yield Program(process)
    finally:
        if process.stdin:
            process.stdin.close()  # its own way to end, and to end what it started
        try:
            process.wait(timeout=15.0)
        except subprocess.TimeoutExpired:
            end(process)
        if process.stdout:
            process.stdout.close()


def environ_of(environ: Mapping[str, str]) -> dict[str, str]:
    """What a program is started with: the display's variables and its platform's name."""
    is_wayland = "WAYLAND_DISPLAY" in environ
    platforms = {
        "GDK_BACKEND": "wayland" if is_wayland else "x11",
        "QT_QPA_PLATFORM": "wayland" if is_wayland else "xcb",
    }
    return {"PATH": os.environ["PATH"], **_ENVIRON, **platforms, **environ}


def require_toolkit(name: str) -> None:
    """Skip where a program's toolkit is not installed."""
    if shutil.which(_PYTHON) is None:
        pytest.skip(f"{_PYTHON} is not installed")
    command = [_PYTHON, "-c", _NEEDED[name]]
    tried = subprocess.run(command, capture_output=True, timeout=WITHIN_S, check=False)
    if tried.returncode != 0:
        pytest.skip(f"{_PACKAGES[name]} is not installed")
    if name == "office" and shutil.which("soffice") is None:
        pytest.skip("libreoffice-calc is not installed")
