"""One agent and one engine a data folder: a lock that a crash leaves nothing of."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

from weavclip.domain.errors import EngineError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]  # looked at before each use

LOOKED_AT_S = 0.2
"""Longest that somebody who only looks whether it is held holds it."""


@contextmanager
def alone(lock_path: Path, *, what: str, within_s: float = LOOKED_AT_S) -> Iterator[None]:
    """Hold the lock while the block runs; the operating system lets go of it with the process.

    Args:
        lock_path: Is made where it is not.
        what: Is held by it, such as ``an engine``.
        within_s: Longest wait for it, in seconds.

    Raises:
        EngineError: If another process holds it.
    """
    # Imported here: a quick command that only asks the engine does without it.
    from filelock import FileLock, Timeout

    lock_path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = FileLock(lock_path, mode=0o600)
    try:
        lock.acquire(timeout=within_s, poll_interval=0.02)
    except Timeout as error:
        message = f"{what} runs already for {lock_path.parent}"
        raise EngineError(message, hint="weavclip status shows it") from error
    try:
        yield
    finally:
        lock.release()


def is_held(lock_path: Path) -> bool:
    """Whether another process holds the lock now.

    It is asked by every command, so not through the library, whose import takes 45 ms.
    """
    if fcntl is None:
        return _is_held_by_library(lock_path)
    try:
        fd = os.open(lock_path, os.O_RDONLY)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(fd)
    return False


def _is_held_by_library(lock_path: Path) -> bool:
    if not lock_path.exists():
        return False
    try:
        with alone(lock_path, what="it", within_s=0):
            return False
    except EngineError:
        return True
