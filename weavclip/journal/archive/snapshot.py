"""A whole journal as of one moment, beside the one that goes on."""

from __future__ import annotations

import hashlib
import os
import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from weavclip.domain.errors import JournalError
from weavclip.domain.query import Space
from weavclip.journal.archive.staging import DATABASE
from weavclip.journal.archive.tape import CHUNK_BYTES
from weavclip.journal.blobs import make_private_folder
from weavclip.journal.database import PRIVATE_FILE, described_errors
from weavclip.journal.store import SqliteJournal
from weavclip.journal.vector_files import FLOAT_BYTES, VectorFolder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_FREED = """
    UPDATE vectors SET seq = NULL, is_blank = 0
    WHERE model = ? AND space = ? AND position = ?
"""
_UNEMBEDDED = """
    UPDATE stages SET stage = 0, due_us = 0, tries = 0, reason = '' WHERE seq IN (
        SELECT seq FROM vectors WHERE model = ? AND space = ? AND position = ?)
"""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What was taken.

    Attributes:
        clips: How many.
        damaged: Ids of clips that were left out, since a file of theirs is lost or altered.
    """

    clips: int
    damaged: tuple[UUID, ...]


def take(data_dir: Path, folder: Path) -> Snapshot:
    """Put a copy of a journal that others may be writing into an empty folder on its disk.

    Clips that are to expire are left out, and so is every byte that was forgotten.

    Raises:
        JournalError: If the journal cannot be read, or there is no room.
    """
    with described_errors(data_dir / DATABASE):
        _copy_database(data_dir, folder)
        lost = set(_link_blobs(data_dir, folder))
        torn = list(_copy_vectors(data_dir, folder))
        moved = [*_rows_since(data_dir, folder), *_rows_of(folder, torn)]
    with SqliteJournal.open(folder, reserve_bytes=0) as journal:
        with _connected(folder) as connection:
            lost_clips = _owners(connection, lost)
            expiring = _ids(connection, "SELECT id FROM clips WHERE expires_us IS NOT NULL")
            _unembed(connection, moved)
        journal.forget([*lost_clips, *expiring])
        # Else the word index would still have what was forgotten a moment ago, there or here.
        journal.scrub_if_due()
        clips = journal.count()
    check(folder)
    return Snapshot(clips, tuple(_still_there(data_dir, lost_clips)))


def staged_bytes(data_dir: Path) -> int:
    """About what :func:`take` writes to the journal's own disk."""
    files = [data_dir / DATABASE, *(data_dir / "vectors").glob("*/*.f32")]
    with described_errors(data_dir / DATABASE):
        return sum(each.stat().st_size for each in files)


def _still_there(data_dir: Path, clip_ids: list[UUID]) -> list[UUID]:
    """Those that nobody has forgotten since: they are not gone but damaged."""
    with described_errors(data_dir / DATABASE), _connected(data_dir) as connection:
        wanted = "SELECT id FROM clips WHERE id = ?"
        return [found for each in clip_ids for found in _ids(connection, wanted, each.bytes)]


def check(folder: Path) -> None:
    """Have SQLite look at the whole database.

    Raises:
        JournalError: If it is damaged.
    """
    with described_errors(folder / DATABASE), _connected(folder) as connection:
        (found,) = connection.execute("PRAGMA integrity_check (1)").fetchone()
        broken = connection.execute("PRAGMA foreign_key_check").fetchone()
    if found != "ok" or broken is not None:
        message = f"the database in {folder} is damaged"
        raise JournalError(message, hint="weavclip doctor")


def _connected(folder: Path) -> closing[sqlite3.Connection]:
    return closing(sqlite3.connect(folder / DATABASE, isolation_level=None))


def _copy_database(data_dir: Path, folder: Path) -> None:
    target = folder / DATABASE
    os.close(os.open(target, os.O_CREAT | os.O_WRONLY, PRIVATE_FILE))
    with _connected(data_dir) as connection:
        # Not the backup API: this leaves behind what was deleted, and is not begun anew by each
        # commit of another process.
        connection.execute("VACUUM INTO ?", (str(target),))


def _link_blobs(data_dir: Path, folder: Path) -> Iterator[str]:
    """Give each blob a second name, so that it stays; yields those that are not right."""
    make_private_folder(folder / "blobs")
    with _connected(folder) as connection:
        names = connection.execute(
            "SELECT DISTINCT blob FROM representations WHERE blob IS NOT NULL"
        ).fetchall()
    for (name,) in names:
        part = folder / "blobs" / name[:2]
        part.mkdir(mode=0o700, exist_ok=True)
        try:
            _link(data_dir / "blobs" / name[:2] / name, part / name)
        except FileNotFoundError:
            yield name
        else:
            if digest_of_file(part / name) != name:
                (part / name).unlink()
                yield name


def _link(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except FileNotFoundError:
        raise
    except OSError:  # some file systems have no second names
        shutil.copyfile(source, target)


def digest_of_file(path: Path) -> str:
    """The SHA-256 of a file in hex."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()


def _copy_vectors(data_dir: Path, folder: Path) -> Iterator[tuple[int, str]]:
    """Copy the rows of every space; yields those whose file is lost or too short."""
    make_private_folder(folder / "vectors")
    old, new = VectorFolder(data_dir / "vectors"), VectorFolder(folder / "vectors")
    with _connected(folder) as connection:
        spaces = connection.execute(
            "SELECT model, models.id, space, dim * row_count FROM spaces JOIN models USING (model)"
        ).fetchall()
    for model, model_id, space, numbers in spaces:
        source, target = (each.path(model, model_id, Space(space)) for each in (old, new))
        if numbers:
            target.parent.mkdir(mode=0o700, exist_ok=True)
            target.touch(mode=PRIVATE_FILE)
            if not source.exists() or _copied(source, target, numbers * FLOAT_BYTES):
                os.truncate(target, numbers * FLOAT_BYTES)
                yield model, space


def _copied(source: Path, target: Path, size_bytes: int) -> int:
    """Copy so many bytes; how many were not there."""
    left = size_bytes
    with source.open("rb") as read, target.open("wb") as write:
        while left and (chunk := read.read(min(left, CHUNK_BYTES))):
            write.write(chunk)
            left -= len(chunk)
    return left


def _rows_of(folder: Path, spaces: list[tuple[int, str]]) -> list[tuple[int, str, int]]:
    wanted = "SELECT model, space, position FROM vectors WHERE model = ? AND space = ?"
    with _connected(folder) as connection:
        return [row for each in spaces for row in connection.execute(wanted, each)]


def _rows_since(data_dir: Path, folder: Path) -> list[tuple[int, str, int]]:
    """Rows of vectors that got another owner while their files were copied."""
    with _connected(folder) as copy, _connected(data_dir) as live:
        return [
            row
            for model, version in copy.execute("SELECT model, version FROM models").fetchall()
            for row in live.execute(
                "SELECT model, space, position FROM vectors WHERE model = ? AND version > ?",
                (model, version),
            )
        ]


def _unembed(connection: sqlite3.Connection, rows: list[tuple[int, str, int]]) -> None:
    connection.execute("BEGIN IMMEDIATE")
    for row in rows:
        connection.execute(_UNEMBEDDED, row)
        connection.execute(_FREED, row)
    connection.execute("COMMIT")


def _owners(connection: sqlite3.Connection, blobs: set[str]) -> list[UUID]:
    wanted = "SELECT DISTINCT id FROM clips JOIN representations USING (seq) WHERE blob = ?"
    return [each for blob in sorted(blobs) for each in _ids(connection, wanted, blob)]


def _ids(connection: sqlite3.Connection, wanted: str, *values: str | bytes) -> list[UUID]:
    return [UUID(bytes=each) for (each,) in connection.execute(wanted, values)]
