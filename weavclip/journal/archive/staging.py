"""A folder beside the journal, in which another is put together to take its place.

What is prepared in ``staging`` becomes ``restoring`` by one rename: from then on it is the
journal. Its parts are moved to their places by whoever opens the data folder next, if the process
that began was killed.
"""

from __future__ import annotations

import os
import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING

from weavclip.domain.errors import JournalError
from weavclip.journal.blobs import make_private_folder, sync_folder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DATABASE = "journal.sqlite3"
FOLDERS = ("blobs", "vectors")
EDITION = "edition"
"""The journal's note that changes with a restore: no index that was filled before is of it."""

STAGING, RESTORING, REPLACED = "staging", "restoring", "replaced"
LOCK_NAME = "staging.lock"
PATIENCE_S = 30.0
_ONLY_OF_THE_OLD = (f"{DATABASE}-wal", f"{DATABASE}-shm", "expiring")


@contextmanager
def staging(data_dir: Path) -> Iterator[Path]:
    """An empty private folder on the journal's disk, which is gone afterwards.

    Raises:
        JournalError: If another backup or restore is under way.
    """
    with _alone(data_dir, within_s=0.2):
        folder = data_dir / STAGING
        shutil.rmtree(folder, ignore_errors=True)
        make_private_folder(folder)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def remove_left_overs(data_dir: Path) -> None:
    """Remove what a killed backup or restore left, which may hold clips that are forgotten."""
    if not (data_dir / STAGING).is_dir():
        return
    try:
        with staging(data_dir):
            pass
    except JournalError:
        return  # it is not killed, it works


def take_place(data_dir: Path) -> None:
    """Make the staged journal the journal, inside :func:`staging`; the one before is removed."""
    if hasattr(os, "sync"):
        # Once for all files: an fsync each would take as long as they took to be captured.
        os.sync()
    (data_dir / STAGING).replace(data_dir / RESTORING)
    sync_folder(data_dir)
    _move_in(data_dir)


def settle(data_dir: Path) -> None:
    """Bring to its end what :func:`take_place` began and could not end.

    Raises:
        JournalError: If another process has been at it for 30 s.
    """
    if not (data_dir / RESTORING).is_dir():
        return
    with _alone(data_dir, within_s=PATIENCE_S):
        if (data_dir / RESTORING).is_dir():
            _move_in(data_dir)


def _move_in(data_dir: Path) -> None:
    incoming, replaced = data_dir / RESTORING, data_dir / REPLACED
    replaced.mkdir(mode=0o700, exist_ok=True)
    if (incoming / DATABASE).exists():
        # Before the database: SQLite would read the new one with the old one's log.
        for name in _ONLY_OF_THE_OLD:
            _move(data_dir / name, replaced / name)
    for name in (*FOLDERS, DATABASE):
        if (incoming / name).exists():
            _move(data_dir / name, replaced / name)
            _move(incoming / name, data_dir / name)
    sync_folder(data_dir)
    shutil.rmtree(replaced)
    shutil.rmtree(incoming)
    sync_folder(data_dir)


def _move(path: Path, target: Path) -> None:
    if path.exists():
        path.replace(target)


@contextmanager
def _alone(data_dir: Path, *, within_s: float) -> Iterator[None]:
    from filelock import FileLock, Timeout

    lock = FileLock(data_dir / LOCK_NAME, mode=0o600)
    try:
        lock.acquire(timeout=within_s, poll_interval=0.02)
    except Timeout as error:
        message = f"another backup or restore of {data_dir} is under way"
        raise JournalError(message, hint="wait until it has ended") from error
    try:
        yield
    finally:
        lock.release()
