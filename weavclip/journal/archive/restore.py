"""A backup becomes the journal."""

from __future__ import annotations

import hashlib
import re
import secrets
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, BinaryIO

from weavclip.domain.clip import Stage
from weavclip.domain.errors import ArchiveError, JournalError, JournalVersionError
from weavclip.journal.archive.heads import HEAD, MOST_HEAD_BYTES, Head
from weavclip.journal.archive.output import written_errors
from weavclip.journal.archive.snapshot import check
from weavclip.journal.archive.staging import DATABASE, EDITION, FOLDERS
from weavclip.journal.archive.tape import TapeReader, on_tape
from weavclip.journal.blobs import make_private_folder
from weavclip.journal.database import PRIVATE_FILE, described_errors
from weavclip.journal.migrations import MIGRATIONS
from weavclip.journal.store import SqliteJournal

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from weavclip.journal.archive.tape import Member

_BLOB = re.compile(r"blobs/([0-9a-f]{2})/(\1[0-9a-f]{62})")
_OTHER = re.compile(
    r"journal\.sqlite3|vectors/[0-9]{1,9}-[A-Za-z0-9-]{1,40}/(image|text|sentence)\.f32"
)
# FTS5 and SQLite make tables of their own, in words that change with their versions.
_DEFINITIONS = """
    SELECT type, name, sql FROM sqlite_master WHERE name NOT LIKE 'words\\_index\\_%' ESCAPE '\\'
        AND name NOT LIKE 'trigrams\\_%' ESCAPE '\\' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
"""


def read_through(
    file: BinaryIO,
    *,
    name: str,
    progress: Callable[[int, int], None],
    folder: Path | None = None,
    admit: Callable[[Head], None] = lambda _: None,
) -> Head:
    """Read a backup to its end and prove every member right.

    Args:
        file: Its content; need not be seekable.
        name: Of the file, for messages.
        progress: Told how many of how many bytes are read.
        folder: An empty folder that it is unpacked into; None only looks.
        admit: Told what the backup says of itself; may raise before anything is unpacked.

    Raises:
        ArchiveError: If it is damaged, cut off or no backup.
        JournalVersionError: If it is of a newer weavclip.
    """
    total = 0
    tape = TapeReader(file, name=name, progress=lambda done: progress(min(done, total), total))
    head = look(tape, name=name)
    admit(head)
    total = head.size_bytes
    unpack(tape, head, name=name, folder=folder)
    return head


def look(tape: TapeReader, *, name: str) -> Head:
    """Read what a backup says of itself.

    Raises:
        ArchiveError: If it is none.
        JournalVersionError: If it is of a newer weavclip.
    """
    first = tape.next(most_bytes=MOST_HEAD_BYTES)
    if first is None or first.name != HEAD:
        message = f"{name} is no file of 'weavclip backup'"
        raise ArchiveError(message, hint="name one that is")
    head = Head.read(tape.content(), name=name)
    if head.schema > len(MIGRATIONS):
        message = (
            f"{name} has version {head.schema}, this weavclip knows versions "
            f"up to {len(MIGRATIONS)}"
        )
        raise JournalVersionError(message, hint="install the newer weavclip that wrote it")
    return head


def unpack(tape: TapeReader, head: Head, *, name: str, folder: Path | None) -> None:
    """Read a backup to its end and prove every member right.

    Args:
        tape: Behind the head.
        head: From :func:`look`.
        name: Of the file, for messages.
        folder: An empty folder that it is unpacked into; None only looks.

    Raises:
        ArchiveError: If a member is damaged, missing, not to be there or there twice.
    """
    if folder is not None:
        for part in FOLDERS:
            make_private_folder(folder / part)
    awaited, blobs = dict(head.files), 0
    last_blob, left = "", head.size_bytes
    while (member := tape.next(most_bytes=left)) is not None:
        left -= on_tape(member.size_bytes)
        blob = _BLOB.fullmatch(member.name)
        # In their order: then none can come twice, and none has to be remembered.
        wanted = blob[2] if blob and member.name > last_blob else awaited.pop(member.name, "")
        if not wanted or not (blob or _OTHER.fullmatch(member.name)):
            message = f"{name} holds {member.name[:80]!r}, which is not to be there"
            raise ArchiveError(message)
        if blob:
            last_blob, blobs = member.name, blobs + 1
        if _taken(tape, member, folder) != wanted:
            message = f"{name} is damaged: {member.name} is not what was written"
            raise ArchiveError(message)
    if awaited or blobs != head.blobs:
        message = f"{name} lacks {len(awaited) + head.blobs - blobs} of its members"
        raise ArchiveError(message)


def _taken(tape: TapeReader, member: Member, folder: Path | None) -> str:
    """Read a member, into its file where there is a folder; its SHA-256 in hex."""
    digest = hashlib.sha256()
    if folder is None:
        for chunk in tape.chunks():
            digest.update(chunk)
        return digest.hexdigest()
    path = folder / member.name
    with written_errors(folder):
        path.parent.mkdir(mode=0o700, exist_ok=True)
        with path.open("xb") as file:
            path.chmod(PRIVATE_FILE)
            for chunk in tape.chunks():
                digest.update(chunk)
                file.write(chunk)
    return digest.hexdigest()


def prepare(folder: Path, *, journal_id: str) -> int:
    """Make an unpacked journal ready to be used; how many clips it has.

    It is brought to the present version, looked at as a whole, and filled into every index anew.

    Args:
        folder: Where it is.
        journal_id: Of the journal that it stands in for: its index is ours, and may be replaced.
            Empty where there is none; then the backup's stays.

    Raises:
        JournalError: If it is damaged or not a journal as weavclip makes them.
    """
    with described_errors(folder / DATABASE):
        _check_definitions(folder)
    check(folder)
    with SqliteJournal.open(folder, reserve_bytes=0) as journal:
        for set_id in journal.set_ids():
            journal.reset(set_id, to=Stage.EMBEDDED)
        if journal_id:
            journal.set_meta("journal_id", journal_id)
        journal.set_meta(EDITION, secrets.token_hex(4))
        return journal.count()


def _check_definitions(folder: Path) -> None:
    """Refuse a database whose tables, triggers or views are not those of its version."""
    with closing(sqlite3.connect(folder / DATABASE)) as found, closing(_pristine(found)) as own:
        if set(found.execute(_DEFINITIONS)) != set(own.execute(_DEFINITIONS)):
            message = "the backup's database was not made by weavclip"
            raise JournalError(message, hint="it has tables or triggers of its own: do not use it")


def _pristine(found: sqlite3.Connection) -> sqlite3.Connection:
    """An empty database of the same version, in memory."""
    (version,) = found.execute("PRAGMA user_version").fetchone()
    if not 1 <= version <= len(MIGRATIONS):
        message = f"the backup's database has version {version}"
        raise JournalError(message)
    connection = sqlite3.connect(":memory:")
    for name, count in (("stored_picture_digest", 2), ("blob_bytes", 1)):
        connection.create_function(name, count, lambda *_: None)
    for statements in MIGRATIONS[:version]:
        for statement in statements:
            connection.execute(statement)
    return connection


def present_id(data_dir: Path) -> str:
    """The id of the journal that is in a folder; empty where there is none that can be read."""
    found = _present(data_dir, "SELECT value FROM meta WHERE key = 'journal_id'")
    return str(found) if found else ""


def present_count(data_dir: Path) -> int | None:
    """How many clips the journal in a folder has; None when it is damaged, 0 without one."""
    if not (data_dir / DATABASE).is_file():
        return 0
    found = _present(data_dir, "SELECT count(*) FROM clips")
    return None if found is None else int(str(found))


def _present(data_dir: Path, wanted: str) -> object:
    path = data_dir / DATABASE
    if not path.is_file():
        return None
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as connection:
            found = connection.execute(wanted).fetchone()
    except sqlite3.Error:
        return None
    return found[0] if found else None
