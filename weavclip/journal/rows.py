"""How a clip is written as a row, and read back."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from weavclip.domain.clip import Clip, Kind
from weavclip.domain.errors import UnknownClipError

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Sequence

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_AT_ONCE = 500

CLIP_COLUMNS = (
    "clips.id, kind, mime_type, preview, captured_us, last_us, copies, source_app, device,"
    " width_px, height_px, size_bytes, labels, pinned, expires_us,"
    " clips.seq IN (SELECT seq FROM hidden)"
)
"""What :func:`clip_of` reads, in its order."""

NOW = "CAST((julianday('now') - 2440587.5) * 86400000000.0 AS INTEGER)"
"""Microseconds since the epoch in SQL, to a millisecond or so."""

SHOWN = f"(clips.expires_us IS NULL OR clips.expires_us > {NOW})"
"""A condition on ``clips``: its time has not come. Who reads clips for a person asks for it."""


VISIBLE = "(NOT EXISTS (SELECT 1 FROM hidden) OR clips.seq NOT IN (SELECT seq FROM hidden))"
"""A condition on ``clips``: it is not hidden. Where nothing is, no clip is looked up for it."""


def microseconds(moment: datetime) -> int:
    """Microseconds since the epoch, exactly."""
    return (moment - _EPOCH) // _MICROSECOND


def moment_of(us: int) -> datetime:
    """The aware time, in UTC, so many microseconds after the epoch."""
    return _EPOCH + timedelta(microseconds=us)


def clip_of(row: Sequence[Any]) -> Clip:
    """The clip that a row of :data:`CLIP_COLUMNS` describes."""
    return Clip(
        id=UUID(bytes=row[0]),
        kind=Kind(row[1]),
        mime_type=row[2],
        preview=row[3],
        captured_at=moment_of(row[4]),
        last_copied_at=moment_of(row[5]),
        copies=row[6],
        source_app=row[7],
        device=row[8],
        width_px=row[9],
        height_px=row[10],
        size_bytes=row[11],
        labels=labels_of(row[12]),
        pinned=bool(row[13]),
        expires_at=None if row[14] is None else moment_of(row[14]),
        hidden=bool(row[15]),
    )


def labels_of(text: str) -> tuple[str, ...]:
    """Labels from their column."""
    return () if text == "[]" else tuple(json.loads(text))


def labels_text(labels: Sequence[str]) -> str:
    """Labels for their column: sorted, without repeats."""
    return json.dumps(sorted(set(labels)), ensure_ascii=False)


def seq_of(connection: sqlite3.Connection, clip_id: UUID) -> int:
    """The row's number of a clip, or of the one that it was merged into.

    Raises:
        UnknownClipError: If there is none, or its time has come.
    """
    wanted = f"SELECT seq FROM names JOIN clips USING (seq) WHERE names.id = ? AND {SHOWN}"  # noqa: S608 - a constant
    found = connection.execute(wanted, (clip_id.bytes,)).fetchone()
    if found is None:
        raise unknown(clip_id)
    return int(found[0])


def unknown(clip_id: UUID) -> UnknownClipError:
    """The error for an id that no clip has."""
    return UnknownClipError(f"no clip has the id {clip_id}", hint="'weavclip list' shows the ids")


def batches(ids: Sequence[UUID]) -> Iterator[tuple[str, list[bytes]]]:
    """Ids in portions: the placeholders for ``IN (...)`` and the values."""
    for start in range(0, len(ids), _AT_ONCE):
        portion = [each.bytes for each in ids[start : start + _AT_ONCE]]
        yield ",".join("?" * len(portion)), portion


def changed(connection: sqlite3.Connection, seq: int) -> None:
    """Note that a clip is not what the indexes hold: they get it again."""
    connection.execute("UPDATE clips SET revision = revision + 1 WHERE seq = ?", (seq,))
    connection.execute("UPDATE stages SET stage = 1 WHERE seq = ? AND stage = 2", (seq,))


def to_compare(connection: sqlite3.Connection, seq: int) -> None:
    """Note that a clip can be compared with others now, where it was not before."""
    connection.execute("INSERT OR IGNORE INTO alike (seq) VALUES (?)", (seq,))
