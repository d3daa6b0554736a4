"""The journal's tables, and how an older journal becomes a present one.

``PRAGMA user_version`` says how many of :data:`MIGRATIONS` a journal has been through. A released
one is never edited: a change is one more module at the end.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

from weavclip.domain.errors import JournalVersionError
from weavclip.journal.digests import stored_picture_digest
from weavclip.journal.migrations.eighth import EIGHTH
from weavclip.journal.migrations.fifth import FIFTH
from weavclip.journal.migrations.first import FIRST, LONG_TEXT_CHARS, TOKENIZER
from weavclip.journal.migrations.fourth import FOURTH
from weavclip.journal.migrations.second import SECOND
from weavclip.journal.migrations.seventh import SEVENTH
from weavclip.journal.migrations.sixth import SIXTH
from weavclip.journal.migrations.third import THIRD

if TYPE_CHECKING:
    import sqlite3
    from pathlib import Path

__all__ = ["LONG_TEXT_CHARS", "MIGRATIONS", "TOKENIZER", "check_version", "migrate"]

MIGRATIONS: tuple[tuple[str, ...], ...] = (
    FIRST,
    SECOND,
    THIRD,
    FOURTH,
    FIFTH,
    SIXTH,
    SEVENTH,
    EIGHTH,
)
"""Statements by version: ``MIGRATIONS[n]`` turns version n into n + 1."""


def check_version(connection: sqlite3.Connection, path: Path) -> bool:
    """Whether the journal is of this version.

    Raises:
        JournalVersionError: If it is of a newer one.
    """
    (found,) = connection.execute("PRAGMA user_version").fetchone()
    if found > len(MIGRATIONS):
        message = (
            f"{path} has version {found}, this weavclip knows versions up to {len(MIGRATIONS)}"
        )
        raise JournalVersionError(message, hint="install the newer weavclip that wrote it")
    return bool(found == len(MIGRATIONS))


def migrate(connection: sqlite3.Connection, path: Path) -> None:
    """Bring a journal to the present version, inside the caller's write transaction.

    Raises:
        JournalVersionError: If it is of a newer one.
    """
    # Looked at again under the lock: another process may have migrated it meanwhile.
    if check_version(connection, path):
        return
    (found,) = connection.execute("PRAGMA user_version").fetchone()
    connection.create_function("stored_picture_digest", 2, stored_picture_digest)
    connection.create_function("blob_bytes", 1, lambda name: _blob_bytes(path.parent, name))
    for statements in MIGRATIONS[found:]:
        for statement in statements:
            connection.execute(statement)
    connection.execute("INSERT OR IGNORE INTO meta VALUES ('journal_id', ?)", (str(uuid4()),))
    connection.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")


def _blob_bytes(data_dir: Path, name: str) -> int:
    """Size of a blob's file; 0 where somebody deleted it."""
    try:
        return (data_dir / "blobs" / name[:2] / name).stat().st_size
    except OSError:
        return 0
