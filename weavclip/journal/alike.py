"""Which clips are nearly equal, and what they are found by."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING
from uuid import UUID

from weavclip.domain.errors import UnknownClipError
from weavclip.journal.clips import ClipTable
from weavclip.journal.filters import condition
from weavclip.journal.rows import CLIP_COLUMNS, SHOWN, VISIBLE, batches, clip_of, seq_of

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from weavclip.domain.alike import Compared
    from weavclip.domain.clip import Clip
    from weavclip.domain.query import Filter

_STAND_INS = """
    SELECT names.id, coalesce(leaders.id, own.id) FROM names JOIN clips AS own USING (seq)
        LEFT JOIN alike USING (seq) LEFT JOIN clips AS leaders ON leaders.seq = alike.leader
        WHERE names.id IN ({})
"""
_OTHERS = f"""
    SELECT {CLIP_COLUMNS} FROM alike JOIN clips USING (seq)
        WHERE leader = (SELECT leader FROM alike WHERE seq = :seq) AND seq != :seq
        AND {SHOWN} AND {VISIBLE}
        ORDER BY last_us DESC, id DESC
"""  # noqa: S608 - constants


class AlikeTable(ClipTable):
    """The port AlikeJournal."""

    def stand_ins(self, clip_ids: Sequence[UUID]) -> dict[UUID, UUID]:
        """For each clip that exists the one that stands for it; itself where none does."""
        found = {}
        with self._db.reading() as connection:
            for places, values in batches(clip_ids):
                for own, leader in connection.execute(_STAND_INS.format(places), values):
                    found[UUID(bytes=own)] = UUID(bytes=leader)
        return found

    def alike(self, clip_id: UUID) -> list[Clip]:
        """Other clips that the same one stands for, the last copied first."""
        with self._db.reading() as connection:
            rows = connection.execute(_OTHERS, {"seq": seq_of(connection, clip_id)})
            return [clip_of(row) for row in rows]

    def groups(self, where: Filter) -> list[list[Clip]]:
        """Clips that pass, two or more that one stands for."""
        text, values = condition(where)
        wanted = (
            f"SELECT {CLIP_COLUMNS}, leader FROM alike JOIN clips USING (seq)"  # noqa: S608 - no input
            " WHERE leader IN (SELECT leader FROM alike WHERE leader != seq)"
            f" AND {text} ORDER BY leader, seq"
        )
        with self._db.reading() as connection:
            rows = connection.execute(wanted, values).fetchall()
        found = [
            [clip_of(row) for row in together]
            for _, together in groupby(rows, key=lambda row: row[-1])
        ]
        return [together for together in found if len(together) > 1]

    def uncompared(self, *, limit: int) -> list[Clip]:
        """The oldest clips that are to be compared."""
        with self._db.reading() as connection:
            rows = connection.execute(
                f"SELECT {CLIP_COLUMNS} FROM alike JOIN clips USING (seq)"  # noqa: S608 - a constant
                " WHERE leader IS NULL ORDER BY seq LIMIT ?",
                (limit,),
            ).fetchall()
        return [clip_of(row) for row in rows]

    def count_uncompared(self) -> int:
        """How many clips are to be compared."""
        with self._db.reading() as connection:
            wanted = "SELECT count(*) FROM alike WHERE leader IS NULL"
            (found,) = connection.execute(wanted).fetchone()
        return int(found)

    def compared(self, found: Sequence[Compared]) -> None:
        """Store what was found, in one transaction; what is gone meanwhile is left out."""
        with self._db.writing(is_durable=False) as connection:
            for each in found:
                try:
                    seq, named = seq_of(connection, each.id), seq_of(connection, each.like)
                except UnknownClipError:  # forgotten; without its leader it is compared again
                    continue
                leader = _leader_of(connection, named, of=seq)
                connection.execute("UPDATE alike SET leader = ? WHERE seq = ?", (leader, seq))
                if leader == seq:
                    _keep_marks(connection, seq, each)

    def marked(self, marks: Sequence[int], *, limit: int) -> list[UUID]:
        """Texts that stand for themselves and have any of the marks, most of them first."""
        places = ",".join("?" * len(marks))
        with self._db.reading() as connection:
            rows = connection.execute(
                "SELECT id FROM text_marks JOIN clips USING (seq)"  # noqa: S608 - places
                f" WHERE mark IN ({places}) GROUP BY seq ORDER BY count(*) DESC, seq LIMIT ?",
                (*marks, limit),
            ).fetchall()
        return [UUID(bytes=row[0]) for row in rows]

    def outlines(self) -> tuple[list[UUID], list[float], bytes]:
        """Of all pictures that stand for themselves: ids, shapes, and outlines in one piece."""
        wanted = "SELECT id, shape, outline FROM outlines JOIN clips USING (seq) ORDER BY seq"
        with self._db.reading() as connection:
            rows = connection.execute(wanted).fetchall()
        ids = [UUID(bytes=row[0]) for row in rows]
        return ids, [row[1] for row in rows], b"".join(row[2] for row in rows)


def _leader_of(connection: sqlite3.Connection, leader: int, *, of: int) -> int | None:
    """What stands for a leader that was merged into another clip meanwhile; itself for others."""
    if leader == of:
        return leader
    wanted = "SELECT leader FROM alike WHERE seq = ?"
    found = connection.execute(wanted, (leader,)).fetchone()
    return None if found is None or found[0] is None else int(found[0])


def _keep_marks(connection: sqlite3.Connection, seq: int, found: Compared) -> None:
    connection.executemany(
        "INSERT OR IGNORE INTO text_marks VALUES (?, ?)", [(mark, seq) for mark in found.marks]
    )
    if found.likeness is not None:
        connection.execute(
            "INSERT OR REPLACE INTO outlines VALUES (?, ?, ?)",
            (seq, found.likeness.shape, found.likeness.outline),
        )
