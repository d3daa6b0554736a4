"""Reading a picture out of a copied list of files, and out of nothing else."""

from __future__ import annotations

import logging
import os
import re
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from weavclip.isolation import files

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

logger = logging.getLogger(__name__)

TIMEOUT_S = 2.0
MOST_LOOKED_AT = 16
"""Files of a list: whoever copies a folder's thousand files waits for none of them."""

SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".avif"})
LOCAL = frozenset(
    (
        "ext2", "ext3", "ext4", "xfs", "btrfs", "f2fs", "zfs", "bcachefs", "jfs", "reiserfs",
        "tmpfs", "overlay", "squashfs", "vfat", "msdos", "exfat", "ntfs", "ntfs3", "fuseblk",
        "iso9660", "udf", "hfs", "hfsplus", "apfs",
    )
)  # fmt: skip
"""File systems that answer by themselves. What is not named may ask another machine, and hang."""

_MOUNTS = Path("/proc/self/mountinfo")
_OCTAL = re.compile(r"\\([0-7]{3})")


class LocalPictures:
    """Reads regular files on local file systems, up to a size and within a time."""

    def __init__(self, *, most_bytes: int, timeout_s: float = TIMEOUT_S) -> None:
        """Read nothing yet.

        Args:
            most_bytes: Larger files are left alone.
            timeout_s: Longest time for one list, in seconds.
        """
        self._most_bytes = most_bytes
        self._timeout_s = timeout_s
        self._hangs = False

    def first(self, paths: Sequence[str]) -> bytes | None:
        """The bytes of the first file that is a picture by its name; None when there is none.

        A read that takes too long is left behind; after it no file is looked at any more, since
        the next one may hang likewise.
        """
        named = [path for path in paths if Path(path).suffix.lower() in SUFFIXES]
        if not named or self._hangs:
            return None
        found: list[bytes] = []
        reader = threading.Thread(
            target=self._read_first, args=(named[:MOST_LOOKED_AT], found), daemon=True
        )
        reader.start()
        reader.join(self._timeout_s)
        if reader.is_alive():
            self._hangs = True
            logger.warning("a copied file took over %g s: no more are looked at", self._timeout_s)
        return found[0] if found else None

    def _read_first(self, paths: Iterable[str], found: list[bytes]) -> None:
        for path in paths:
            content = self._read(path)
            if content:
                found.append(content)
                return

    def _read(self, path: str) -> bytes:
        try:
            real = os.path.realpath(path)
            if not _is_local(real):
                return b""
            return files.read(Path(real), most_bytes=self._most_bytes, follow=False)
        except (OSError, ValueError):  # ValueError: a NUL in a name
            return b""


def _is_local(path: str) -> bool:
    """Whether a file system holds ``path`` that is known to be this machine's."""
    if not _MOUNTS.exists():
        return not path.startswith(("\\\\", "//"))
    kind, longest = "", -1
    for line in _MOUNTS.read_text().splitlines():
        mounted, found = mount_of(line)
        inside = path == mounted or path.startswith(mounted.rstrip("/") + "/")
        # The later of two at one place lies over the earlier.
        if inside and len(mounted) >= longest:
            kind, longest = found, len(mounted)
    return kind in LOCAL


def mount_of(line: str) -> tuple[str, str]:
    r"""Where a line of /proc/self/mountinfo says that something is mounted, and of which kind.

    >>> mount_of("36 35 0:42 / /mnt/my\\040disk rw shared:1 - nfs4 server:/x rw")
    ('/mnt/my disk', 'nfs4')
    """
    before, _, after = line.partition(" - ")
    escaped = before.split()[4]
    return _OCTAL.sub(lambda found: chr(int(found[1], 8)), escaped), after.split()[0]
