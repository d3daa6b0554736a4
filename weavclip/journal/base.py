"""What every part of the journal stands on: the folder, the database, the blobs, the reserve."""

from __future__ import annotations

import shutil
import time
from typing import TYPE_CHECKING
from uuid import UUID

from weavclip.domain.errors import DiskReserveError
from weavclip.journal.archive.staging import settle
from weavclip.journal.blobs import BlobFolder, make_private_folder
from weavclip.journal.database import PRIVATE_FOLDER, Database, described_errors
from weavclip.journal.expiring_files import ExpiringFolder
from weavclip.journal.owners import OwnerCache
from weavclip.journal.vector_files import VectorFolder

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable
    from pathlib import Path

DATABASE_NAME = "journal.sqlite3"


class JournalBase:
    """An open journal's files; its parts add what can be done with them."""

    def __init__(self, data_dir: Path, *, reserve_bytes: int, device: str) -> None:
        """Open the files below ``data_dir``; see ``SqliteJournal.open``."""
        with described_errors(data_dir / DATABASE_NAME):
            data_dir.parent.mkdir(parents=True, exist_ok=True)
            make_private_folder(data_dir)
            data_dir.chmod(PRIVATE_FOLDER)
            settle(data_dir)
        self._data_dir = data_dir
        self._reserve_bytes = reserve_bytes
        self._device = device
        self._db = Database(data_dir / DATABASE_NAME)
        self._blobs = BlobFolder(data_dir / "blobs")
        self._expiring = ExpiringFolder(data_dir / "expiring")
        self._vector_folder = VectorFolder(data_dir / "vectors")
        self._handed_out: dict[tuple[str, UUID], int] = {}
        self._owners = OwnerCache()

    def meta(self, key: str) -> str | None:
        """What was noted under ``key``; ``journal_id`` is there from the start."""
        with self._db.reading() as connection:
            found = connection.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return found[0] if found else None

    def meta_keys(self, start: str) -> list[str]:
        """The keys of notes that begin so."""
        with self._db.reading() as connection:
            rows = connection.execute(
                "SELECT key FROM meta WHERE substr(key, 1, ?) = ?", (len(start), start)
            ).fetchall()
        return [key for (key,) in rows]

    def set_meta(self, key: str, value: str) -> None:
        """Note ``value`` under ``key``."""
        with self._db.writing() as connection:
            connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))

    def check_writable(self) -> None:
        """Write a note, durably, to see whether a copy could be written.

        Raises:
            DiskReserveError: If free space is under the reserve.
            JournalError: If it cannot be written.
        """
        self._require_space(0)
        self.set_meta("checked_us", str(time.time_ns() // 1000))

    def _require_space(self, size_bytes: int) -> None:
        with described_errors(self._db.path):
            free = shutil.disk_usage(self._data_dir).free
        if free - size_bytes < self._reserve_bytes:
            message = (
                f"{free} bytes are free for {self._data_dir}, {size_bytes} are to be written "
                f"and {self._reserve_bytes} are kept in reserve"
            )
            hint = "free some space on that disk, or lower WEAVCLIP_RESERVE_BYTES"
            raise DiskReserveError(message, hint=hint)

    def _without_row(self, names: Iterable[str]) -> list[str]:
        """Blobs that no row needs now; some may be about to get one."""
        with self._db.reading() as connection:
            return [name for name in names if not _is_used(connection, name)]

    def _remove_unused_blobs(self, names: Iterable[str], *, is_durable: bool = True) -> int:
        """Delete those of ``names`` that no row needs, after the commit that let go of them."""
        with self._db.writing() as connection:
            unused = [name for name in names if not _is_used(connection, name)]
            self._blobs.remove(unused)
        if is_durable:
            # Outside of the transaction: 256 folders may be synced, while others want to write.
            with described_errors(self._db.path):
                self._blobs.sync(unused)
        return len(unused)

    def _remove_unused_expiring(self) -> int:
        """Delete what no expiring clip holds: forgotten, kept for good, or left by a crash."""
        with self._db.writing() as connection:
            rows = connection.execute("SELECT id FROM clips WHERE expires_us > 0").fetchall()
            return self._expiring.remove_all_but(UUID(bytes=row[0]) for row in rows)


def _is_used(connection: sqlite3.Connection, blob: str) -> bool:
    wanted = "SELECT 1 FROM representations WHERE blob = ? LIMIT 1"
    return connection.execute(wanted, (blob,)).fetchone() is not None
