"""Pictures that are hidden, and the words by which they are."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from weavclip.domain.errors import UnknownClipError
from weavclip.domain.hiding import Hiding
from weavclip.domain.models import ModelSet
from weavclip.domain.query import Space
from weavclip.journal.base import JournalBase
from weavclip.journal.models import model_of
from weavclip.journal.owners import space_of
from weavclip.journal.rows import changed, seq_of

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from weavclip.domain.vectors import Embeddings

_FLOAT32 = "<f4"
_NO_MORE = """
    DELETE FROM hidden WHERE words = ? AND EXISTS (
        SELECT 1 FROM vectors JOIN models USING (model) WHERE vectors.seq = hidden.seq
            AND models.id = ? AND space = ? AND vectors.version <= ?
    )
"""


class HidingTable(JournalBase):
    """The port HidingJournal. A clip is hidden while any words hide it."""

    def hidings(self) -> list[Hiding]:
        """Everything that a person wants hidden, by its words."""
        wanted = (
            "SELECT words, threshold, model, version, prompt,"
            " (SELECT count(*) FROM hidden WHERE hidden.words = hidings.words)"
            " FROM hidings ORDER BY words"
        )
        with self._db.reading() as connection:
            rows = connection.execute(wanted).fetchall()
        if not rows:  # as for nearly everybody: NumPy is not loaded for it
            return []
        import numpy as np

        return [
            Hiding(
                words=row[0],
                threshold=row[1],
                model_id=row[2],
                version=row[3],
                prompt=np.frombuffer(row[4], _FLOAT32).astype(np.float32),
                clips=row[5],
            )
            for row in rows
        ]

    def hide(
        self, hiding: Hiding, clip_ids: Sequence[UUID], *, instead_of: Hiding | None = None
    ) -> None:
        """Keep what is wanted, with the clips that it hides now, instead of the same words'.

        What the same words hid and this model did not look at stays hidden until it does.
        """
        with self._db.writing() as connection:
            if instead_of is not None and not _is_wanted(connection, instead_of):
                return
            before = _hidden(connection)
            looked_at = (hiding.words, hiding.model_id, Space.IMAGE, hiding.version)
            connection.execute(_NO_MORE, looked_at)
            connection.execute(
                "INSERT INTO hidings VALUES (?, ?, ?, ?, ?) ON CONFLICT (words) DO UPDATE SET"
                " threshold = excluded.threshold, model = excluded.model,"
                " version = excluded.version, prompt = excluded.prompt",
                (
                    hiding.words,
                    hiding.threshold,
                    hiding.model_id,
                    hiding.version,
                    hiding.prompt.astype(_FLOAT32).tobytes(),
                ),
            )
            _insert(connection, hiding.words, clip_ids)
            _tell_indexes(connection, before)

    def hide_more(
        self, hiding: Hiding, clip_ids: Sequence[UUID], *, looked_at: Sequence[UUID]
    ) -> None:
        """Have the same words hide these of some clips, if they were not taken back meanwhile."""
        with self._db.writing() as connection:
            before = _hidden(connection)
            known = connection.execute(
                "UPDATE hidings SET version = ? WHERE words = ? AND model = ?",
                (hiding.version, hiding.words, hiding.model_id),
            )
            if known.rowcount:
                connection.executemany(
                    "DELETE FROM hidden WHERE words = ?"
                    " AND seq = (SELECT seq FROM names WHERE id = ?)",
                    [(hiding.words, each.bytes) for each in looked_at],
                )
                _insert(connection, hiding.words, clip_ids)
                _tell_indexes(connection, before)

    def unhide(self, words: str) -> int | None:
        """Take words back; how many clips are shown again by that. None if they hid nothing."""
        with self._db.writing() as connection:
            before = _hidden(connection)
            gone = connection.execute("DELETE FROM hidings WHERE words = ?", (words,))
            return _tell_indexes(connection, before) if gone.rowcount else None

    def show_in_spite(self, words: str, clip_ids: Sequence[UUID]) -> int | None:
        """Let words hide these clips no more; how many are shown again by that."""
        with self._db.writing() as connection:
            wanted = "SELECT 1 FROM hidings WHERE words = ?"
            if connection.execute(wanted, (words,)).fetchone() is None:
                return None
            before = _hidden(connection)
            for clip_id in clip_ids:
                each = (words, seq_of(connection, clip_id))
                connection.execute("INSERT OR IGNORE INTO shown VALUES (?, ?)", each)
                connection.execute("DELETE FROM hidden WHERE words = ? AND seq = ?", each)
            return _tell_indexes(connection, before)

    def vectors_since(
        self, model_id: str, space: Space, version: int
    ) -> tuple[list[UUID], Embeddings, int]:
        """Vectors that came after a version of a model's: clips, rows, the version now."""
        import numpy as np

        maker_id = ModelSet.parse(model_id).of(space)
        with self._db.reading() as connection:
            model = model_of(connection, maker_id)
            if model is None:
                return [], np.zeros((0, 0), np.float32), 0
            # In this order: what comes in between is asked for now, and once more next time.
            (now,) = connection.execute(
                "SELECT version FROM models WHERE model = ?", (model,)
            ).fetchone()
            found = connection.execute(
                "SELECT clips.id, position FROM vectors JOIN clips USING (seq)"
                " WHERE model = ? AND space = ? AND version > ? ORDER BY position",
                (model, space, version),
            ).fetchall()
            dim, row_count = space_of(connection, model, space)
            path = self._vector_folder.path(model, maker_id, space)
            rows = self._vector_folder.mapped(path, row_count=row_count, dim=dim)
            return (
                [UUID(bytes=row[0]) for row in found],
                np.array(rows[[row[1] for row in found]]),
                int(now),
            )


def _is_wanted(connection: sqlite3.Connection, hiding: Hiding) -> bool:
    """Whether it is still as it was when somebody began to work by it."""
    wanted = "SELECT 1 FROM hidings WHERE words = ? AND model = ? AND threshold = ?"
    known = (hiding.words, hiding.model_id, hiding.threshold)
    return connection.execute(wanted, known).fetchone() is not None


def _hidden(connection: sqlite3.Connection) -> set[int]:
    return {seq for (seq,) in connection.execute("SELECT DISTINCT seq FROM hidden")}


def _insert(connection: sqlite3.Connection, words: str, clip_ids: Sequence[UUID]) -> None:
    for clip_id in clip_ids:
        try:
            seq = seq_of(connection, clip_id)
        except UnknownClipError:  # forgotten meanwhile
            continue
        connection.execute(
            "INSERT OR IGNORE INTO hidden SELECT ?1, ?2"
            " WHERE NOT EXISTS (SELECT 1 FROM shown WHERE words = ?1 AND seq = ?2)",
            (words, seq),
        )


def _tell_indexes(connection: sqlite3.Connection, before: set[int]) -> int:
    """Have the indexes follow where clips are hidden or shown now; how many are shown again."""
    now = _hidden(connection)
    for seq in before ^ now:
        changed(connection, seq)
    return len(before - now)
