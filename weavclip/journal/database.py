"""SQLite as the journal uses it: durable writes, a few connections, errors in our words."""

from __future__ import annotations

import errno
import os
import sqlite3
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from weavclip.domain.errors import MAKE_WRITABLE, JournalError
from weavclip.journal.migrations import check_version, migrate

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BUSY_TIMEOUT_S = 30.0
PRIVATE_FILE = 0o600
PRIVATE_FOLDER = 0o700

_PRAGMAS = (
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA secure_delete = ON",
    # No mmap_size: over 100,000 clips it read no quicker and made the agent 54 MB instead of 23.
)
_GIVES_BACK = "PRAGMA auto_vacuum = INCREMENTAL"
"""Free pages can be given back a few at a time. An older file takes it at its next VACUUM."""

_DAMAGED = frozenset({"SQLITE_CORRUPT", "SQLITE_NOTADB"})
_FULL = frozenset({"SQLITE_FULL", "SQLITE_IOERR_SHMSIZE"})
"""The second: no room for the 32 KB that readers share, when nobody else has it open."""
_CLOSED = ("SQLITE_CANTOPEN", "SQLITE_READONLY", "SQLITE_PERM")
_HINT_DAMAGED = "move it away and restore a backup; weavclip starts a new one where there is none"
_HINT_FULL = "free some space on that disk"


class Database:
    """The journal's SQLite file, for any number of threads and processes."""

    def __init__(self, path: Path) -> None:
        """Open it, making or migrating it where needed.

        Args:
            path: The file; its folder exists.

        Raises:
            JournalVersionError: If it was written by a newer weavclip.
            JournalError: If it is damaged or cannot be opened.
        """
        self.path = path
        self._free: list[sqlite3.Connection] = []
        self._opened: list[sqlite3.Connection] = []
        self._lock = threading.Lock()
        self._write_lock = threading.RLock()
        with described_errors(path):
            # SQLite gives -wal and -shm the mode that it finds on the file itself.
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, PRIVATE_FILE))
            path.chmod(PRIVATE_FILE)
        try:
            self._prepare()
        except BaseException:
            self.close()
            raise

    def _prepare(self) -> None:
        with self.reading() as connection:
            if check_version(connection, self.path):
                return
            connection.execute(_GIVES_BACK)  # heard by a new file only
            _use_wal(connection)
        with self.writing() as connection:
            migrate(connection, self.path)

    @contextmanager
    def _borrowed(self) -> Iterator[sqlite3.Connection]:
        # Not one a thread: an engine that answers each question in a thread of its own would
        # leave three open files behind with every answer.
        try:
            connection = self._free.pop()
        except IndexError:
            connection = self._connect()
        try:
            yield connection
        finally:
            self._free.append(connection)

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self.path, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False
        )
        with self._lock:
            self._opened.append(connection)
        for pragma in _PRAGMAS:
            connection.execute(pragma)
        return connection

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A connection for single statements, each of which sees the last commit."""
        with described_errors(self.path), self._borrowed() as connection:
            yield connection

    @contextmanager
    def writing(
        self, *, patience_s: float | None = None, is_durable: bool = True
    ) -> Iterator[sqlite3.Connection]:
        """One transaction that no other writer interrupts; durable when the block ends.

        Args:
            patience_s: How long to wait for this process's other writers, and as long for those
                of other processes; None waits for all of the first, and 30 s for the second.
            is_durable: False for what would only be found once more after a power cut: it is on
                disk with the next commit. Waiting for the disk takes 3 ms.

        Raises:
            JournalError: If it cannot be written; nothing of it is kept then.
            JournalVersionError: If a newer weavclip has taken it over meanwhile.
        """
        with (
            self._queued(patience_s),
            described_errors(self.path),
            self._borrowed() as connection,
        ):
            connection.execute(f"PRAGMA synchronous = {'FULL' if is_durable else 'NORMAL'}")
            _begin(connection, patience_s)
            try:
                # Another process may have brought it to a newer version since it was opened.
                check_version(connection, self.path)
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                # A full disk makes SQLite roll back by itself.
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise

    @contextmanager
    def _queued(self, patience_s: float | None) -> Iterator[None]:
        # Threads queue at a lock: at SQLite's own they would sleep and try again.
        if not self._write_lock.acquire(timeout=-1 if patience_s is None else patience_s):
            message = f"{self.path} has been written by another thread for {patience_s} s"
            raise JournalError(message, hint="try again")
        try:
            yield
        finally:
            self._write_lock.release()

    def rewrite(self) -> None:
        """Write the whole file anew and empty the WAL, so that nothing deleted is in either.

        Raises:
            JournalError: If another process keeps it busy, or there is no room.
        """
        with self._write_lock, described_errors(self.path), self._borrowed() as connection:
            connection.execute(_GIVES_BACK)
            connection.execute("VACUUM")
            (is_busy, *_) = connection.execute("PRAGMA wal_checkpoint (TRUNCATE)").fetchone()
        if is_busy:
            message = f"the log beside {self.path} is still read by another weavclip"
            raise JournalError(message, hint="try again when it has ended")

    def save(self) -> None:
        """Bring the WAL into the file as far as nobody is in the way, and hold up nobody.

        Else the next commit would, whoever's it is: at 1,000 pages, some 100 ms of a busy disk.
        """
        with described_errors(self.path), self._borrowed() as connection:
            connection.execute("PRAGMA wal_checkpoint (PASSIVE)").fetchone()

    def empty_log(self) -> None:
        """Empty the WAL where nobody is in its way just now."""
        with (
            self._write_lock,
            described_errors(self.path),
            self._borrowed() as connection,
            _patient(connection, 0.0),
        ):
            connection.execute("PRAGMA wal_checkpoint (TRUNCATE)").fetchone()

    def close(self) -> None:
        """Close every connection; what is used of it afterwards raises JournalError.

        A transaction that another thread is in ends first.
        """
        with self._queued(BUSY_TIMEOUT_S), self._lock:
            opened, self._opened = self._opened, []
        for connection in opened:
            connection.close()


def _begin(connection: sqlite3.Connection, patience_s: float | None) -> None:
    with _patient(connection, BUSY_TIMEOUT_S if patience_s is None else patience_s):
        connection.execute("BEGIN IMMEDIATE")


@contextmanager
def _patient(connection: sqlite3.Connection, patience_s: float) -> Iterator[None]:
    """Wait for other processes no longer than this."""
    if patience_s == BUSY_TIMEOUT_S:
        yield
        return
    connection.execute(f"PRAGMA busy_timeout = {patience_s * 1000:.0f}")
    try:
        yield
    finally:
        connection.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_S * 1000:.0f}")


def _use_wal(connection: sqlite3.Connection) -> None:
    # Two processes that make the same journal exclude each other here without SQLite's timeout.
    deadline = time.monotonic() + BUSY_TIMEOUT_S
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorname != "SQLITE_BUSY" or time.monotonic() > deadline:
                raise
            time.sleep(0.005)
        else:
            return


@contextmanager
def described_errors(path: Path) -> Iterator[None]:
    """Say what SQLite and the system could not do, without a word of any clip.

    Raises:
        JournalError: For every SQLite error and every OSError in the block.
    """
    try:
        yield
    except sqlite3.Error as error:
        # The text of SQLite's message may quote a query's words; its name cannot.
        name = getattr(error, "sqlite_errorname", type(error).__name__)
        raise JournalError(_sentence(path, name), hint=_hint(name)) from error
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else type(error).__name__
        hint = _HINT_FULL if error.errno in {errno.ENOSPC, errno.EDQUOT} else MAKE_WRITABLE
        message = f"the journal in {path.parent} cannot be used: {reason}"
        raise JournalError(message, hint=hint) from error


def _sentence(path: Path, name: str) -> str:
    if name in _DAMAGED:
        return f"{path} is damaged or no journal ({name})"
    if name in _FULL:
        return f"the disk is full: {path} was not changed"
    return f"{path} cannot be read or written ({name})"


def _hint(name: str) -> str:
    if name in _DAMAGED:
        return _HINT_DAMAGED
    if name in _FULL:
        return _HINT_FULL
    if name.startswith(_CLOSED):
        return MAKE_WRITABLE
    if name == "SQLITE_BUSY":
        return f"another weavclip has been writing for {BUSY_TIMEOUT_S:.0f} s; try again"
    return ""
