"""The managed server's log file: kept small, read from its end."""

from __future__ import annotations

import shutil
from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from weavclip.domain.ports import StopSignal

LOG_FILE = "server.log"
MAX_BYTES = 5_000_000
_PAUSE_S = 0.2


def rotate(path: Path) -> None:
    """Move a log over 5 MB to one older file, without the writer's notice.

    The server appends to an open file, so that its content is copied and the file cut to nothing;
    what it writes between the two is lost.
    """
    if not path.exists() or path.stat().st_size <= MAX_BYTES:
        return
    older = path.with_name(path.name + ".1")
    older.touch(mode=0o600)
    shutil.copyfile(path, older)
    with path.open("r+b") as file:
        file.truncate()


def tail(path: Path, *, lines: int) -> list[str]:
    """The last lines; none before the first start."""
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            return [line.rstrip("\n") for line in deque(file, maxlen=lines)]
    except FileNotFoundError:
        return []


def follow(path: Path, *, lines: int, stop: StopSignal) -> Iterator[str]:
    """The last lines, then each new one until ``stop``; a rotation is followed."""
    path.touch(mode=0o600)
    with path.open(encoding="utf-8", errors="replace") as file:
        yield from (line.rstrip("\n") for line in deque(file, maxlen=lines))
        while not stop.is_set():
            if path.stat().st_size < file.tell():
                file.seek(0)
            if line := file.readline():
                yield line.rstrip("\n")
            else:
                stop.wait(_PAUSE_S)
