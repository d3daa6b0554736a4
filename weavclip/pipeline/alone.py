"""One agent and one engine a data folder: a lock that a crash leaves nothing of."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from weavclip.domain.errors import EngineError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def alone(lock_path: Path, *, what: str) -> Iterator[None]:
    """Hold the lock while the block runs; the operating system lets go of it with the process.

    Raises:
        EngineError: If another process holds it.
    """
    # Imported here: a quick command that only asks the engine does without it.
    from filelock import FileLock, Timeout

    lock_path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = FileLock(lock_path, mode=0o600)
    try:
        lock.acquire(timeout=0)
    except Timeout as error:
        message = f"{what} runs already for {lock_path.parent}"
        raise EngineError(message, hint="weavclip status shows it") from error
    try:
        yield
    finally:
        lock.release()


def is_held(lock_path: Path) -> bool:
    """Whether another process holds the lock now."""
    if not lock_path.exists():
        return False
    try:
        with alone(lock_path, what="it"):
            return False
    except EngineError:
        return True
