"""A disk of a benchmark's own that can be filled."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_PIECE = bytes(64 * 1024)


class Disk:
    """A mounted folder."""

    def __init__(self, folder: Path) -> None:
        """Take one that is mounted."""
        self.folder = folder
        self._ballast = folder / "ballast"

    def fill(self, *, leave_bytes: int = 0) -> None:
        """Leave so much of it free; nothing, to the last page, with 0."""
        with self._ballast.open("ab", buffering=0) as file:
            room = shutil.disk_usage(self.folder).free - leave_bytes
            with contextlib.suppress(OSError):
                os.posix_fallocate(file.fileno(), file.tell(), max(room, 1))
            with contextlib.suppress(OSError):
                while not leave_bytes:
                    file.write(_PIECE)

    def relieve(self) -> None:
        """Free it again."""
        self._ballast.unlink()


@contextlib.contextmanager
def disk(size_mb: int) -> Iterator[Disk]:
    """A disk in memory, unmounted at the end."""
    with tempfile.TemporaryDirectory() as name:
        options = ["-t", "tmpfs", "-o", f"size={size_mb}m,mode=0700", "tmpfs"]
        subprocess.run(["mount", *options, name], check=True)
        try:
            yield Disk(Path(name))
        finally:
            # What still runs in there keeps it busy, not mounted.
            subprocess.run(["umount", "--lazy", name], check=True)
