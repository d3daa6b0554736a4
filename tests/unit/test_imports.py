"""Every module imports on every system; what a platform needs is loaded where it is used."""

from __future__ import annotations

import subprocess
import sys

from tests.waiting import WITHIN_S

# What Windows has not. socket.AF_UNIX is an attribute that macOS and Linux alone have.
_IMPORT_ALL = """
import importlib, pkgutil, socket, subprocess, sys
for name in ("fcntl", "termios", "tty", "pwd", "grp", "resource"):
    sys.modules[name] = None
del socket.AF_UNIX
import weavclip
for module in pkgutil.walk_packages(weavclip.__path__, "weavclip."):
    if not module.name.endswith("__main__"):
        importlib.import_module(module.name)
"""


def test_every_module_imports_where_the_system_is_not_posix() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _IMPORT_ALL],
        capture_output=True,
        text=True,
        timeout=WITHIN_S,
        check=False,
    )

    assert done.returncode == 0, done.stderr
