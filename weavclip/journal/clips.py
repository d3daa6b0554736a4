"""Saying what was kept."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any
from uuid import UUID

from weavclip.domain.query import Filter
from weavclip.journal.adding import Adding
from weavclip.journal.filters import condition
from weavclip.journal.removal import outdate_words
from weavclip.journal.rows import (
    CLIP_COLUMNS,
    NOW,
    SHOWN,
    batches,
    changed,
    clip_of,
    seq_of,
    unknown,
)

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Sequence

    from weavclip.domain.clip import Clip
    from weavclip.journal.expiring_files import Held

_PAGE = 256
_ALL = Filter(hidden=True)
_COUNT_ALL = (
    "SELECT (SELECT count(*) FROM clips)"  # noqa: S608 - a constant
    f" - (SELECT count(*) FROM clips WHERE expires_us <= {NOW})"
)
_COUNT_VISIBLE = (
    f"{_COUNT_ALL} - "  # noqa: S608 - a constant
    f"(SELECT count(DISTINCT seq) FROM hidden JOIN clips USING (seq) WHERE {SHOWN})"
)


class ClipTable(Adding):
    """Clips and their content. Nothing of a clip whose time has come is handed out."""

    def get(self, clip_id: UUID) -> Clip:
        """The clip with this id, or the one it was merged into.

        Raises:
            UnknownClipError: If there is none.
        """
        found = self.get_many([clip_id])
        if not found:
            raise unknown(clip_id)
        return found[clip_id]

    def get_many(self, clip_ids: Sequence[UUID]) -> dict[UUID, Clip]:
        """Those that exist, by the id that was asked for; merged ids lead to their clip."""
        found = {}
        with self._db.reading() as connection:
            for places, values in batches(clip_ids):
                wanted = (
                    f"SELECT {CLIP_COLUMNS}, names.id FROM names JOIN clips USING (seq)"  # noqa: S608
                    f" WHERE names.id IN ({places}) AND {SHOWN}"
                )
                for row in connection.execute(wanted, values):
                    found[UUID(bytes=row[-1])] = self._described(row)
        return found

    def clips(
        self, *, where: Filter, limit: int | None = None, before: UUID | None = None
    ) -> Iterator[Clip]:
        """Clips that pass, the last copied first; ``before`` goes on after that clip.

        They are read page by page, so that a slow reader holds up nobody. A clip that is copied
        while they are read may be missed.
        """
        after_row = self._place_of(before) if before is not None else None
        left = limit
        while left is None or left > 0:
            page = self._page(where, _PAGE if left is None else min(left, _PAGE), after_row)
            for row in page:
                yield self._described(row)
            if len(page) < _PAGE:
                return
            after_row = (page[-1][5], page[-1][0])
            left = left if left is None else left - len(page)

    def _place_of(self, clip_id: UUID) -> tuple[int, bytes]:
        with self._db.reading() as connection:
            seq = seq_of(connection, clip_id)
            wanted = "SELECT last_us, id FROM clips WHERE seq = ?"
            found: tuple[int, bytes] = connection.execute(wanted, (seq,)).fetchone()
        return found

    def _page(
        self, where: Filter, size: int, after_row: tuple[int, bytes] | None
    ) -> list[tuple[Any, ...]]:
        text, values = condition(where)
        if after_row is not None:
            text, values = f"{text} AND (last_us, id) < (?, ?)", [*values, *after_row]
        wanted = (
            f"SELECT {CLIP_COLUMNS} FROM clips WHERE {text}"  # noqa: S608 - condition() has no input
            " ORDER BY last_us DESC, id DESC LIMIT ?"
        )
        with self._db.reading() as connection:
            return connection.execute(wanted, (*values, size)).fetchall()

    def _described(self, row: tuple[Any, ...]) -> Clip:
        clip = clip_of(row)
        if clip.expires_at is None:
            return clip
        try:
            return replace(clip, preview=self._expiring.read(clip.id).preview)
        except FileNotFoundError:  # swept, or kept for good, since the row was read
            return clip

    def count(self, where: Filter | None = None) -> int:
        """How many clips pass; without a filter all, hidden ones too."""
        wanted, values = _count_of(where)
        with self._db.reading() as connection:
            (found,) = connection.execute(wanted, values).fetchone()
        return int(found)

    def representations(self, clip_id: UUID) -> dict[str, bytes]:
        """All that was kept of a clip, bytes by MIME type, exactly as they came."""
        with self._db.reading() as connection:
            seq = seq_of(connection, clip_id)
            held = self._held(connection, seq)
            if held is not None:
                return dict(held.representations)
            rows = connection.execute(
                "SELECT mime_type, content, blob, coalesce(text, '')"
                " FROM representations LEFT JOIN words USING (seq)"
                " WHERE seq = ? ORDER BY representations.rowid",
                (seq,),
            ).fetchall()
            return {row[0]: self._content(*row[1:]) for row in rows}

    def _content(self, content: bytes | None, blob: str | None, words: str) -> bytes:
        if content is not None:
            return content
        return words.encode() if blob is None else self._blobs.read(blob)

    def _held(self, connection: sqlite3.Connection, seq: int) -> Held | None:
        """What an expiring clip holds; None for the others."""
        wanted = "SELECT id FROM clips WHERE seq = ? AND expires_us > 0"
        found = connection.execute(wanted, (seq,)).fetchone()
        return None if found is None else self._expiring.read(UUID(bytes=found[0]))

    def text(self, clip_id: UUID) -> str:
        """The words that can be searched; empty for pictures."""
        with self._db.reading() as connection:
            seq = seq_of(connection, clip_id)
            held = self._held(connection, seq)
            return held.text if held else _words(connection, seq, "text")

    def ocr_text(self, clip_id: UUID) -> str:
        """The words found in the picture; empty when there are none."""
        with self._db.reading() as connection:
            return _words(connection, seq_of(connection, clip_id), "ocr_text")

    def thumbnail(self, clip_id: UUID) -> bytes | None:
        """A small JPEG of a picture, once it was embedded."""
        with self._db.reading() as connection:
            seq = seq_of(connection, clip_id)
            found = connection.execute(
                "SELECT jpeg FROM thumbnails WHERE seq = ?", (seq,)
            ).fetchone()
        return found[0] if found else None

    def read_in_picture(self, clip_id: UUID, ocr_text: str) -> None:
        """Store the words that were found in a picture, instead of those before.

        What a text model made of those is let go of: it is made anew.
        """
        wanted = (
            "INSERT INTO words (ocr_text, seq) VALUES (?, ?)"
            " ON CONFLICT (seq) DO UPDATE SET ocr_text = excluded.ocr_text"
        )
        with self._db.writing() as connection:
            seq = seq_of(connection, clip_id)
            connection.execute(wanted, (ocr_text, seq))
            changed(connection, seq)
            outdate_words(connection, seq)


def _count_of(where: Filter | None) -> tuple[str, list[object]]:
    """A question for how many pass, and its values."""
    # Counting all needs no look at each: 100,000 take 0.3 ms instead of 8.
    if where is None or where == _ALL:
        return _COUNT_ALL, []
    if where == Filter():
        return _COUNT_VISIBLE, []
    text, values = condition(where)
    return f"SELECT count(*) FROM clips WHERE {text}", values  # noqa: S608 - as above


def _words(connection: sqlite3.Connection, seq: int, column: str) -> str:
    wanted = f"SELECT {column} FROM words WHERE seq = ?"  # noqa: S608 - one of two columns
    found = connection.execute(wanted, (seq,)).fetchone()
    return found[0] if found else ""
