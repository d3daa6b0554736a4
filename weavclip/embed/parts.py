"""Files that are on their way: where each stands, and all of them together."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

from weavclip.domain.errors import DownloadError

if TYPE_CHECKING:
    from pathlib import Path

    from weavclip.embed.fetching import Progress


@dataclass(slots=True)
class Part:
    """A file that is not whole yet, and the tag by which the server knows its version."""

    path: Path

    @property
    def tag_path(self) -> Path:
        """Where the tag is kept."""
        return self.path.with_suffix(".tag")

    @property
    def size(self) -> int:
        """Bytes that are there."""
        return self.path.stat().st_size if self.path.is_file() else 0

    def headers(self) -> dict[str, str]:
        """Ask for the rest, if the file is still the same; without a tag for all of it."""
        if not self.size or not self.tag_path.is_file():
            return {}
        return byte_range(self.size) | {"If-Range": self.tag_path.read_text(encoding="ascii")}

    def begin(self, tag: str) -> None:
        """Start anew, with the file that this tag names."""
        self.path.unlink(missing_ok=True)
        self.tag_path.unlink(missing_ok=True)
        # A weak tag promises equal meaning, not equal bytes (RFC 9110, 13.1.5).
        if tag and not tag.startswith("W/") and tag.isascii():
            self.tag_path.write_text(tag, encoding="ascii")


class Counter:
    """What is there of all files, and what there will be."""

    def __init__(self, progress: Progress, sizes: dict[str, int | None], folder: Path) -> None:
        self._progress = progress
        self._sizes = sizes
        self.folder = folder
        known = [size for size in sizes.values() if size is not None]
        self._total = sum(known) if len(known) == len(sizes) else None
        self._refuse_full_disk()

    def report(self) -> None:
        """Tell how far it is."""
        self._progress(self._there(), self._total)

    def is_whole(self, name: str) -> bool:
        """Whether a file came whole in an earlier call."""
        path = self.folder / name
        return path.is_file() and path.stat().st_size == self._sizes[name]

    def check(self, part: Path, name: str) -> None:
        """Refuse a file of another size than was promised.

        Raises:
            DownloadError: With both sizes; the file is gone.
        """
        wanted = self._sizes[name]
        found = part.stat().st_size
        if wanted is not None and found != wanted:
            part.unlink()
            message = f"{name} came with {found:,} bytes instead of {wanted:,}"
            raise DownloadError(message, hint="try again")

    def _there(self) -> int:
        paths = (self.folder / each for name in self._sizes for each in (name, f"{name}.part"))
        return sum(path.stat().st_size for path in paths if path.is_file())

    def _refuse_full_disk(self) -> None:
        missing = (self._total or 0) - self._there()
        free = shutil.disk_usage(self.folder).free
        if missing > free:
            message = f"the model needs {missing:,} bytes more and {free:,} are free"
            raise DownloadError(message, hint="make room, or set WEAVCLIP_DATA_DIR")


def byte_range(first: int, last: int | None = None) -> dict[str, str]:
    """The header that asks for a part of a file, to its end if ``last`` is None."""
    return {"Range": f"bytes={first}-{'' if last is None else last}"}
