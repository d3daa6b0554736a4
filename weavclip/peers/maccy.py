"""Maccy's history (``~/Library/Application Support/Maccy/Storage.sqlite``), a Core Data store.

Core Data names a table ``Z`` and the entity's name, a column ``Z`` and the attribute's; times are
seconds since 2001. The names follow Maccy's source; no file of a real Maccy was at hand.

References:
    Maccy, ``Maccy/Models/HistoryItem.swift``, ``HistoryItemContent.swift``, ``Storage.swift``.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from weavclip.isolation import files
from weavclip.peers.item import MOST_CONTENT_BYTES, MOST_TYPES, Item, faults, offer_of, time_of
from weavclip.peers.streams import Torn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

WHAT = "history of Maccy's"
_MAGIC = b"SQLite format 3\0"
_TABLES = frozenset({"ZHISTORYITEM", "ZHISTORYITEMCONTENT"})
_EPOCH = datetime(2001, 1, 1, tzinfo=UTC)
_TYPES = {
    "public.utf8-plain-text": "text/plain",
    "public.html": "text/html",
    "public.png": "image/png",
    "public.jpeg": "image/jpeg",
    "public.tiff": "image/tiff",
}
# SQLite's messages may quote what is torn, and then are no UTF-8.
_FAULTS = (sqlite3.Error, UnicodeDecodeError, Torn)
_FILE_URL = "public.file-url"
_ITEMS = (
    "SELECT Z_PK, ZAPPLICATION, ZFIRSTCOPIEDAT, ZLASTCOPIEDAT, ZPIN FROM ZHISTORYITEM"
    " ORDER BY ZLASTCOPIEDAT DESC, Z_PK DESC"
)
_CONTENTS = f"SELECT ZTYPE, ZVALUE FROM ZHISTORYITEMCONTENT WHERE ZITEM = ? LIMIT {MOST_TYPES}"  # noqa: S608 - a constant


def recognises(path: Path) -> bool:
    """Whether a file is SQLite's and has Maccy's tables."""
    with files.opened(path) as file:
        if file.read(len(_MAGIC)) != _MAGIC:
            return False
    try:
        with closing(_opened(path)) as connection:
            return _tables(connection) >= _TABLES
    except _FAULTS:
        return False


def read(path: Path, _sniff: Callable[[bytes], str | None]) -> Iterator[Item]:
    """Every entry, the last copied first.

    Raises:
        ArchiveError: If the file is damaged; those before that were yielded.
    """
    with faults(path, WHAT, *_FAULTS), closing(_opened(path)) as connection:
        # Tables, no views: those could compute without end.
        if not _tables(connection) >= _TABLES:
            raise Torn
        for place, row in enumerate(connection.execute(_ITEMS)):
            contents = connection.execute(_CONTENTS, (row[0],)).fetchall()
            yield _item(row, contents, time_of(path, place=place))


def _opened(path: Path) -> sqlite3.Connection:
    # With its log beside it, where the newest entries may be; a copy without one is read as it is.
    how = "mode=ro" if path.with_name(f"{path.name}-wal").exists() else "immutable=1"
    connection = sqlite3.connect(f"{path.resolve().as_uri()}?{how}", uri=True)
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MOST_CONTENT_BYTES)
    connection.execute("PRAGMA trusted_schema = OFF")
    return connection


def _tables(connection: sqlite3.Connection) -> set[str]:
    wanted = "SELECT name FROM sqlite_master WHERE type = 'table'"
    return {str(name) for (name,) in connection.execute(wanted)}


def _item(row: tuple[Any, ...], contents: list[tuple[Any, Any]], otherwise: datetime) -> Item:
    _, app, first, last, pin = row
    found = [
        (name, value.encode() if isinstance(value, str) else value)
        for name, value in contents
        if isinstance(name, str) and isinstance(value, bytes | str)
    ]
    known = {_TYPES[name]: content for name, content in found if name in _TYPES}
    files = [content for name, content in found if name == _FILE_URL]
    if files:
        known["text/uri-list"] = b"\r\n".join(files)
    at, again = _moment(first) or otherwise, _moment(last)
    return Item(
        offer=offer_of(
            known,
            at=at,
            source_app=app if isinstance(app, str) else "",
            # Every name, for the hints among them.
            hints=tuple(str(name) for name, _ in contents if name not in _TYPES),
        ),
        again_at=again if again is not None and again > at else None,
        pinned=bool(pin),
    )


def _moment(seconds: object) -> datetime | None:
    if not isinstance(seconds, int | float):
        return None
    try:
        return _EPOCH + timedelta(seconds=seconds)
    except (OverflowError, ValueError):
        return None
