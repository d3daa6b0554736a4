"""A new file that is there whole or not at all, and that its owner alone can read."""

from __future__ import annotations

import errno
import os
import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO

from weavclip.domain.errors import ArchiveError, DiskReserveError
from weavclip.journal.blobs import sync_folder
from weavclip.journal.database import PRIVATE_FILE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PART = ".part"


class Room:
    """Free space on the disk that a file is written to, and what is not to be touched of it."""

    def __init__(self, folder: Path, *, data_dir: Path, reserve_bytes: int) -> None:
        """Watch the disk of ``folder``; the reserve counts where it is the journal's, too."""
        shared = folder.stat().st_dev == data_dir.stat().st_dev
        self._folder = folder
        self._reserve_bytes = reserve_bytes if shared else 0

    def require(self, size_bytes: int) -> None:
        """Check that so many bytes can be written.

        Raises:
            DiskReserveError: If not, with both numbers.
        """
        free = shutil.disk_usage(self._folder).free
        if free - size_bytes < self._reserve_bytes:
            kept = f", of which {self._reserve_bytes} are kept in reserve"
            message = (
                f"about {size_bytes} bytes are to be written to {self._folder} "
                f"and {free} are free{kept if self._reserve_bytes else ''}"
            )
            raise DiskReserveError(message, hint="free some space, or choose another disk")


class Output:
    """A file that is written, whose disk is looked at every few megabytes."""

    LOOK_EVERY_BYTES = 4 * 1024 * 1024

    def __init__(self, file: BinaryIO, *, room: Room | None = None) -> None:
        """Write to ``file``; without ``room`` it is a pipe, and nobody knows its end's disk."""
        self._file, self._room = file, room
        self._since_look = self.LOOK_EVERY_BYTES

    def require(self, size_bytes: int) -> None:
        """Check beforehand that so many bytes can be written, as far as that is known.

        Raises:
            DiskReserveError: If not, with both numbers.
        """
        if self._room is not None:
            self._room.require(size_bytes)

    def write(self, content: bytes) -> None:
        """Take all of them.

        Raises:
            DiskReserveError: If free space comes under the reserve.
        """
        self._since_look += len(content)
        if self._since_look >= self.LOOK_EVERY_BYTES:
            self.require(len(content))
            self._since_look = 0
        self._file.write(content)

    def again(self) -> BinaryIO | None:
        """What was written, to be read from its beginning; None of a pipe."""
        if self._room is None:
            return None
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.seek(0)
        return self._file


@contextmanager
def written_errors(target: Path) -> Iterator[None]:
    """Say what the system could not do with a file that is written.

    Raises:
        ArchiveError: For every OSError in the block; DiskReserveError for a full disk.
    """
    try:
        yield
    except BlockingIOError as error:
        message = f"{target} is being written by another weavclip"
        raise ArchiveError(message, hint="wait until it has ended") from error
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            free = shutil.disk_usage(target.parent).free
            message = f"the disk of {target} is full: {free} bytes are free, and more are needed"
            raise DiskReserveError(
                message, hint="free some space, or choose another disk"
            ) from error
        reason = os.strerror(error.errno) if error.errno else type(error).__name__
        message = f"{target} cannot be written: {reason}"
        raise ArchiveError(message, hint="choose another file or folder") from error


@contextmanager
def new_file(target: Path, *, room: Room) -> Iterator[Output]:
    """Write a file beside ``target``, which becomes ``target`` when the block ends well.

    Mode 0600. What a killed process left beside it is written over.

    Raises:
        ArchiveError: If it cannot be written; nothing is left of it then.
        DiskReserveError: If the disk is full, or getting there; likewise.
    """
    part = target.with_name(target.name + PART)
    with written_errors(target):
        descriptor = _claimed(part)
        try:
            with os.fdopen(descriptor, "w+b") as file:
                yield Output(file, room=room)
                file.flush()
                os.fsync(descriptor)
                if os.name == "posix":  # elsewhere an open file cannot be renamed
                    part.replace(target)
            if os.name != "posix":
                part.replace(target)
            sync_folder(target.parent)
        except BaseException:
            part.unlink(missing_ok=True)
            raise


def _claimed(part: Path) -> int:
    """Open a part that nobody else writes."""
    flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
    while True:
        descriptor = os.open(part, flags, PRIVATE_FILE)
        try:
            if _is_ours(descriptor, part):
                part.chmod(PRIVATE_FILE)
                os.ftruncate(descriptor, 0)
                return descriptor
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)


def _is_ours(descriptor: int, part: Path) -> bool:
    """Lock it; False when it was renamed by its writer before the lock was ours."""
    if os.name != "posix":
        return True
    import fcntl

    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    try:
        return os.path.samestat(os.fstat(descriptor), part.stat())
    except FileNotFoundError:
        return False
