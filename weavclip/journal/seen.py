"""Which pictures are still to be read, and what was read in them."""

from __future__ import annotations

import array
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from weavclip.domain.seen import Box
from weavclip.journal.clips import ClipTable
from weavclip.journal.rows import CLIP_COLUMNS, clip_of, microseconds, seq_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

    from weavclip.domain.clip import Clip
    from weavclip.domain.seen import Seen

_NEVER_US = 2**63 - 1
_MOST_PX = 2**16 - 1


class SeenTable(ClipTable):
    """Words in pictures. An expiring picture is never read."""

    def unread(self, *, limit: int, now: datetime | None = None) -> list[Clip]:
        """The oldest pictures that are to be read and due."""
        with self._db.reading() as connection:
            rows = connection.execute(
                f"SELECT {CLIP_COLUMNS} FROM readings JOIN clips USING (seq)"  # noqa: S608 - a constant
                " WHERE NOT is_read AND due_us <= ? ORDER BY seq LIMIT ?",
                (microseconds(now or datetime.now(UTC)), limit),
            ).fetchall()
        return [clip_of(row) for row in rows]

    def count_unread(self) -> int:
        """How many pictures are still to be read, those that failed for good left out."""
        wanted = "SELECT count(*) FROM readings WHERE NOT is_read AND due_us < ?"
        with self._db.reading() as connection:
            (found,) = connection.execute(wanted, (_NEVER_US,)).fetchone()
        return int(found)

    def seen_in_picture(self, clip_id: UUID, seen: Seen) -> None:
        """Store what was read in a picture, and send it into the indexes again if there are words.

        Killed between the two, the picture is read again.
        """
        if seen.text or self.ocr_text(clip_id):
            self.read_in_picture(clip_id, seen.text)
        done = "INSERT OR REPLACE INTO readings (seq, is_read, boxes) VALUES (?, 1, ?)"
        with self._db.writing() as connection:
            connection.execute(done, (seq_of(connection, clip_id), _packed(seen.boxes)))

    def boxes(self, clip_id: UUID) -> tuple[Box, ...]:
        """Where each word of ``ocr_text`` is, in its order; none when that is not known."""
        with self._db.reading() as connection:
            found = connection.execute(
                "SELECT boxes FROM readings WHERE seq = ?", (seq_of(connection, clip_id),)
            ).fetchone()
        return _unpacked(found[0]) if found else ()

    def unreadable(self, clip_id: UUID, reason: str, *, retry_at: datetime | None) -> None:
        """Note why a picture could not be read, and when to try again; never, with None."""
        due_us = _NEVER_US if retry_at is None else max(1, microseconds(retry_at))
        with self._db.writing() as connection:
            connection.execute(
                "UPDATE readings SET due_us = ?, tries = tries + 1, reason = ? WHERE seq = ?",
                (due_us, reason, seq_of(connection, clip_id)),
            )

    def reading_tries(self, clip_id: UUID) -> int:
        """How often in a row reading a picture has failed."""
        with self._db.reading() as connection:
            found = connection.execute(
                "SELECT tries FROM readings WHERE seq = ?", (seq_of(connection, clip_id),)
            ).fetchone()
        return int(found[0]) if found else 0

    def reading_failures(self, *, limit: int = 20) -> list[tuple[Clip, str]]:
        """Pictures that could not be read, with the reason, the oldest first."""
        with self._db.reading() as connection:
            rows = connection.execute(
                f"SELECT {CLIP_COLUMNS}, reason FROM readings JOIN clips USING (seq)"  # noqa: S608
                " WHERE NOT is_read AND due_us > 0 ORDER BY seq LIMIT ?",
                (limit,),
            ).fetchall()
        return [(clip_of(row), row[-1]) for row in rows]


def _packed(boxes: Iterable[Box]) -> bytes:
    """Four unsigned 16-bit numbers a box, little-endian: a dense page's 900 words take 7 KB."""
    sides = array.array("H", (min(side, _MOST_PX) for box in boxes for side in box))
    if sys.byteorder == "big":
        sides.byteswap()
    return sides.tobytes()


def _unpacked(packed: bytes) -> tuple[Box, ...]:
    sides = array.array("H", packed)
    if sys.byteorder == "big":
        sides.byteswap()
    return tuple(Box(*sides[place : place + 4]) for place in range(0, len(sides), 4))
