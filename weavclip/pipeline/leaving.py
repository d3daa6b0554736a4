"""What weavclip has on this disk, told apart from what is not its own, and removed."""

from __future__ import annotations

import shutil
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from weavclip.domain.errors import JournalError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MARK = "journal.sqlite3"
"""A folder without this is no data folder of weavclip's, whatever the settings say."""

OURS = (
    f"{MARK}*",
    "blobs",
    "expiring",
    "vectors",
    "staging",
    "restoring",
    "replaced",
    "agent.json",
    "agent.new",
    "agent.lock",
    "engine.lock",
    "staging.lock",
    "pause.json*",
    "ignore-next.json*",
    "left-unkept",
    "last_list.json*",
)
"""What the processes of this package make directly in the data folder."""

OURS_WITH = {
    "models": ("*/card.json", ".*"),
    "server": ("key", "state.json", "lock"),
    "logs": ("agent.log", "engine.log", "agent.err", "engine.err"),
    "run": ("engine.sock",),
    "service": ("weavclip-task.xml",),
}
"""Names that others use, too: ours only with one of these in them, or empty."""


@dataclass(frozen=True, slots=True)
class Belonging:
    """A file or folder that is ours.

    Attributes:
        path: Where it is.
        size_bytes: Of it and all that is in it; links count as themselves.
    """

    path: Path
    size_bytes: int


def in_data_folder(folder: Path) -> tuple[list[Belonging], list[Path]]:
    """What is ours in the data folder, and what else is in it.

    Raises:
        JournalError: If it is a link, or holds no journal: then nothing in it is touched.
    """
    if folder.is_symlink():
        message = f"{folder} is a link to {folder.resolve()}, and links are not followed"
        raise JournalError(message, hint=f"add --data-dir {folder.resolve()}")
    if not folder.exists():
        return [], []
    if not (folder / MARK).is_file():
        message = f"{folder} holds no journal: it is not weavclip's"
        raise JournalError(message, hint="'weavclip config' shows data_dir; see that it is right")
    ours = {path for pattern in OURS for path in folder.glob(pattern)}
    ours |= {folder / name for name in OURS_WITH if _is_marked(folder / name)}
    rest = sorted(set(folder.iterdir()) - ours)
    return [Belonging(path, size_of(path)) for path in sorted(ours)], rest


def _is_marked(folder: Path) -> bool:
    if folder.is_symlink() or not folder.is_dir():
        return False
    marks = OURS_WITH[folder.name]
    return not any(folder.iterdir()) or any(any(folder.glob(mark)) for mark in marks)


def size_of(path: Path) -> int:
    """Bytes of a file, or of all below a folder; no link is followed."""
    if path.is_symlink() or not path.is_dir():
        with suppress(OSError):
            return path.lstat().st_size
        return 0
    return sum(size_of(each) for each in path.iterdir())


def remove(path: Path) -> None:
    """Remove a file, a link (never what it leads to), or a folder with all that is in it.

    Raises:
        JournalError: If something cannot be removed.
    """
    try:
        if path.is_symlink() or not path.is_dir():
            path.unlink(missing_ok=True)
        else:
            shutil.rmtree(path)  # which follows no link
    except OSError as error:
        message = f"{path} cannot be removed: {error.strerror}"
        raise JournalError(message, hint=f"look at who may write to {path.parent}") from error


def remove_if_empty(folder: Path) -> bool:
    """Remove a folder in which nothing is left; whether it is gone."""
    with suppress(OSError):
        folder.rmdir()
    return not folder.exists()


def remove_all(ours: list[Belonging], folder: Path) -> Iterator[str]:
    """Remove what is ours in a folder, the journal last, and the folder where nothing is left.

    The journal goes last: interrupted, the same command knows the folder again.
    """
    for each in sorted(ours, key=lambda one: one.path.name.startswith(MARK)):
        remove(each.path)
        yield f"removed {each.path}"
    if ours and remove_if_empty(folder):
        yield f"removed {folder}"
