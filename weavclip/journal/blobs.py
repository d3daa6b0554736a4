"""Pictures and other large contents: files named by the SHA-256 of their bytes.

Every change of these files happens inside a write transaction of the journal, so that no two
processes touch one file at once, and a file without a row is nobody's.
"""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING

from weavclip.journal.database import PRIVATE_FILE, PRIVATE_FOLDER

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path


# Windows would write line ends of its own into anything that is opened without it.
WRITING = os.O_WRONLY | os.O_CREAT | getattr(os, "O_BINARY", 0)


class BlobFolder:
    """Files named by digest, in folders of their first two digits."""

    def __init__(self, root: Path) -> None:
        """Keep blobs below ``root``, which is made with the first one."""
        self._root = root

    def write(self, name: str, content: bytes) -> None:
        """Store a blob; it and its name are durable when this returns.

        A file that is there already was left by a crash before its row: it is written anew.
        """
        path = self._path(name)
        self._make_folders(path.parent)
        try:
            write_file(path, content)
        except BaseException:
            # A full disk is no better with a part of it.
            path.unlink(missing_ok=True)
            raise
        sync_folder(path.parent)

    def read(self, name: str) -> bytes:
        """A blob's bytes."""
        return self._path(name).read_bytes()

    def remove(self, names: Iterable[str]) -> None:
        """Delete blobs; one that is not there is no error.

        A power cut may bring some back, as files without a row: see :meth:`sync`.
        """
        for name in names:
            self._path(name).unlink(missing_ok=True)

    def sync(self, names: Iterable[str]) -> None:
        """Make it durable that blobs were deleted."""
        for folder in {self._path(name).parent for name in names}:
            if folder.is_dir():
                sync_folder(folder)

    def names(self) -> Iterator[str]:
        """Every blob that is there."""
        if self._root.is_dir():
            for folder in self._root.glob("??/"):  # a file manager may leave files of its own
                yield from (each.name for each in folder.iterdir())

    def _path(self, name: str) -> Path:
        return self._root / name[:2] / name

    def _make_folders(self, wanted: Path) -> None:
        if wanted.is_dir():
            return
        make_private_folder(self._root)
        # All at once: else nearly each of the first hundreds of blobs would pay for one and for
        # another sync, while somebody waits for the commit.
        for number in range(256):
            with suppress(FileExistsError):
                (self._root / f"{number:02x}").mkdir(mode=PRIVATE_FOLDER)
        sync_folder(self._root)


def write_file(path: Path, content: bytes) -> None:
    """Write one file that only its owner can read; its bytes are durable when this returns."""
    handle = os.open(path, WRITING | os.O_TRUNC, PRIVATE_FILE)
    try:
        write_all(handle, content)
        os.fsync(handle)
    finally:
        os.close(handle)


def make_private_folder(folder: Path) -> None:
    """Make one folder that only its owner can enter; its name is durable when this returns."""
    try:
        folder.mkdir(mode=PRIVATE_FOLDER)
    except FileExistsError:
        return
    sync_folder(folder.parent)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable, where the system can."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_all(handle: int, content: bytes) -> None:
    """Write every byte: one call may take less than it is given."""
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(handle, rest) :]
