"""Where processes that nobody watches say what they do: small files that only the user reads."""

from __future__ import annotations

import logging
import os
import sys
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from io import TextIOWrapper
    from pathlib import Path

FOLDER = "logs"
MOST_BYTES = 1_000_000


def log_path(data_dir: Path, name: str) -> Path:
    """The log file of the process called ``name``."""
    return data_dir / FOLDER / f"{name}.log"


def log_to_file(data_dir: Path, name: str, *, level: str) -> None:
    """Send this process's log to its file, mode 0600; over 1 MB it goes on in a fresh one.

    The one before is kept beside it.

    Args:
        data_dir: Folder of all data.
        name: Of the process, such as ``engine``.
        level: Least level that is kept, such as ``INFO``.
    """
    path = log_path(data_dir, name)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    _install(_private_file(path), level)


def log_to_stderr(*, level: str) -> None:
    """Send this process's log to stderr, where a person or a service manager reads it."""
    _install(logging.StreamHandler(sys.stderr), level)


def _private_file(path: Path) -> logging.Handler:
    # Imported here: it brings sockets along, which the agent does without.
    from logging.handlers import RotatingFileHandler

    class PrivateFile(RotatingFileHandler):
        def _open(self) -> TextIOWrapper:
            flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
            return os.fdopen(os.open(self.baseFilename, flags, 0o600), "a")

    return PrivateFile(path, maxBytes=MOST_BYTES, backupCount=1)


def _install(handler: logging.Handler, level: str) -> None:
    formatter = logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s")
    formatter.converter = time.localtime
    formatter.default_msec_format = "%s.%03d"
    handler.setFormatter(formatter)
    ours = logging.getLogger("weavclip")
    ours.addHandler(handler)
    ours.setLevel(level)
    ours.propagate = False
