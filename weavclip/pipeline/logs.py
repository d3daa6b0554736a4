"""Where processes that nobody watches say what they do: small files that only the user reads."""

from __future__ import annotations

import logging
import os
import sys
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

FOLDER = "logs"
MOST_BYTES = 1_000_000


def log_path(data_dir: Path, name: str) -> Path:
    """The log file of the process called ``name``."""
    return data_dir / FOLDER / f"{name}.log"


def log_to_file(data_dir: Path, name: str, *, level: str) -> None:
    """Send this process's log to its file, mode 0600; over 1 MB the former half is kept beside it.

    Args:
        data_dir: Folder of all data.
        name: Of the process, such as ``engine``.
        level: Least level that is kept, such as ``INFO``.
    """
    path = log_path(data_dir, name)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if path.exists() and path.stat().st_size > MOST_BYTES:
        path.replace(path.with_suffix(".log.1"))
    stream = os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "a")
    _install(logging.StreamHandler(stream), level)


def log_to_stderr(*, level: str) -> None:
    """Send this process's log to stderr, where a person or a service manager reads it."""
    _install(logging.StreamHandler(sys.stderr), level)


def _install(handler: logging.Handler, level: str) -> None:
    formatter = logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s")
    formatter.converter = time.localtime
    formatter.default_msec_format = "%s.%03d"
    handler.setFormatter(formatter)
    ours = logging.getLogger("weavclip")
    ours.addHandler(handler)
    ours.setLevel(level)
    ours.propagate = False
