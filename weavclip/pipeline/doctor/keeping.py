"""The journal: room for more, and whether what was kept is whole."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

from weavclip.domain.errors import MAKE_WRITABLE
from weavclip.journal import integrity
from weavclip.pipeline.doctor.verdict import Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

_MB = 1_000_000
_RESTORE = "weavclip restore FILE, with your last backup"
_OUT_OF_REACH = ("CANTOPEN", "READONLY", "PERM", "BUSY", "LOCKED")
"""Of SQLite's names: what says nothing of what is in the file."""


def space(folder: Path, *, reserve_bytes: int) -> Verdict:
    """Whether there is room for more clips, and they may be written.

    Args:
        folder: Of all data; while it is not there, what it will lie in.
        reserve_bytes: Free space under which nothing is written.
    """
    there = next(path for path in (folder, *folder.parents) if path.exists())
    if not os.access(there, os.W_OK | os.X_OK):
        return Verdict("space", False, f"{there} cannot be written to", MAKE_WRITABLE)
    free = shutil.disk_usage(there).free
    sentence = f"{free // _MB:,} MB free, nothing is written under {reserve_bytes // _MB:,} MB"
    if free > reserve_bytes:
        return Verdict("space", True, sentence)
    return Verdict("space", False, sentence, "make room, or lower reserve_bytes")


def journal(
    data_dir: Path,
    *,
    deep: bool,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> Iterator[Verdict]:
    """Whether database, word indexes and blobs are whole.

    Args:
        data_dir: Folder of all data.
        deep: Read every blob, not only some.
        progress: Told how many of how many blobs were read.
    """
    if not integrity.exists(data_dir):
        yield Verdict("journal", None, "there is none yet")
        return
    if found := integrity.database_problem(data_dir):
        yield _problem("journal", "the database", found)
        return
    yield Verdict("journal", True, "its tables and indexes are whole")
    yield words(data_dir)
    yield blobs(integrity.examine_blobs(data_dir, deep=deep, progress=progress))


def _problem(part: str, what: str, found: str) -> Verdict:
    """Damage, which a backup mends, or a file that cannot be looked into."""
    if any(f"SQLITE_{name}" in found for name in _OUT_OF_REACH):
        sentence = f"{what} cannot be looked into: {found}"
        return Verdict(part, False, sentence, "see that the folder is writable, and try again")
    return Verdict(part, False, f"{what} is damaged: {found}", _RESTORE)


def words(data_dir: Path) -> Verdict:
    """Whether FTS5 finds its indexes whole."""
    if found := integrity.words_problem(data_dir):
        return _problem("words", "a word index", found)
    return Verdict("words", True, "the word indexes are whole")


def blobs(found: integrity.BlobReport) -> Verdict:
    """Whether pictures and long texts are there, with the bytes that they came with."""
    read = f"{found.looked_at:,} of {found.named:,} files read"
    if found.missing or found.damaged:
        sentence = f"{found.missing:,} missing, {found.damaged:,} damaged; {read}"
        return Verdict("files", False, sentence, _RESTORE)
    if not found.named:
        return Verdict("files", None, "no clip has a file of its own yet")
    more = "" if found.looked_at == found.named else "weavclip doctor --deep reads all"
    return Verdict("files", True, f"as they were captured: {read}", more)
