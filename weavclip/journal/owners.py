"""Whose each row of a vector file is, kept in memory and brought up to date by what changed."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from uuid import UUID

if TYPE_CHECKING:
    import sqlite3

    from weavclip.domain.query import Space

NOBODY = UUID(int=0)
"""The id of a row that no clip has."""

_NO_SEQ = -1


@dataclass(frozen=True, slots=True)
class Owners:
    """The clips of a space's rows, in the order of the rows.

    Attributes:
        version: Of the model's vectors, up to which changes are in here.
        ids: By row; ``UUID(int=0)`` for none.
        seqs: By row, the clip's number in the database; -1 for none.
    """

    version: int = 0
    ids: list[UUID] = field(default_factory=list)
    seqs: list[int] = field(default_factory=list)


class OwnerCache:
    """Owners by model and space: reading 100,000 anew at every new clip would take 0.1 s."""

    def __init__(self) -> None:
        """Know nothing yet."""
        self._known: dict[tuple[int, str], Owners] = {}
        self._lock = threading.Lock()

    def of(self, connection: sqlite3.Connection, model: int, space: Space) -> Owners:
        """The owners now; what is handed out never changes."""
        with self._lock:
            known = self._known.get((model, space), Owners())
            # In this order: what changes in between is read now, and once more the next time.
            (version,) = connection.execute(
                "SELECT version FROM models WHERE model = ?", (model,)
            ).fetchone()
            if version != known.version:
                known = _renewed(connection, known, version, (model, space))
                self._known[model, space] = known
            return known


def _renewed(
    connection: sqlite3.Connection, known: Owners, version: int, where: tuple[int, Space]
) -> Owners:
    changes = connection.execute(
        "SELECT position, vectors.seq, clips.id FROM vectors LEFT JOIN clips USING (seq)"
        " WHERE model = ? AND space = ? AND version > ?",
        (*where, known.version),
    ).fetchall()
    more = max((row[0] + 1 for row in changes), default=0) - len(known.ids)
    ids = known.ids + [NOBODY] * more
    seqs = known.seqs + [_NO_SEQ] * more
    for position, seq, clip_id in changes:
        ids[position] = NOBODY if clip_id is None else UUID(bytes=clip_id)
        seqs[position] = _NO_SEQ if seq is None else seq
    return Owners(version, ids, seqs)


def space_of(connection: sqlite3.Connection, model: int, space: Space) -> tuple[int, int]:
    """Length of a space's vectors and number of its rows; zeros before the first one."""
    found: tuple[int, int] | None = connection.execute(
        "SELECT dim, row_count FROM spaces WHERE model = ? AND space = ?", (model, space)
    ).fetchone()
    return found or (0, 0)
