"""Choosing clips by what is known of them and by what is in them, to be rid of them."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING
from uuid import UUID

from weavclip.journal.base import JournalBase
from weavclip.journal.filters import condition
from weavclip.journal.rows import microseconds

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection, Iterator
    from datetime import datetime

    from weavclip.domain.query import Filter

_TEXTS = "SELECT seq, text, ocr_text FROM words"
_MARKUP = """
    SELECT seq, content, blob FROM representations
    WHERE (mime_type LIKE 'text/%' OR mime_type LIKE 'x-special/%')
        AND (content IS NOT NULL OR blob IS NOT NULL)
"""


class Selecting(JournalBase):
    """Finds clips thoroughly, where a search finds them quickly."""

    def selected(
        self,
        where: Filter,
        *,
        copied_before: datetime | None = None,
        matching: str = "",
        among: Collection[UUID] | None = None,
        last: int | None = None,
    ) -> list[UUID]:
        """Clips that meet all of the conditions, the last copied first.

        Args:
            where: What is known of them.
            copied_before: Last copied before that moment. ``where.before`` asks less: it also
                takes in what was first copied before, and again since.
            matching: Is in their text, their markup, their files' names, their address or the
                words found in a picture; letter case ignored. Every text is read.
            among: Ids to choose from; every clip when None.
            last: Only so many, those that were copied last.
        """
        text, values = condition(where)
        if copied_before is not None:
            text, values = f"{text} AND last_us < ?", [*values, microseconds(copied_before)]
        wanted = (
            "SELECT seq, id FROM clips"  # noqa: S608 - condition() has no input
            f" WHERE {text} ORDER BY last_us DESC, id DESC"
        )
        with self._db.reading() as connection:
            rows = connection.execute(wanted, values).fetchall()
            having = set(self._having(connection, matching.casefold())) if matching else None
        found = (UUID(bytes=raw) for seq, raw in rows if having is None or seq in having)
        chosen = set(among) if among is not None else None
        return [each for each in found if chosen is None or each in chosen][:last]

    def _having(self, connection: sqlite3.Connection, folded: str) -> Iterator[int]:
        """Numbers of the clips that ``folded`` is in."""
        for seq, text, ocr_text in connection.execute(_TEXTS):
            if folded in text.casefold() or folded in ocr_text.casefold():
                yield seq
        for seq, content, blob in connection.execute(_MARKUP):
            raw = self._blobs.read(blob) if content is None else content
            if folded in _decoded(raw):
                yield seq
        expiring = "SELECT seq, id FROM clips WHERE expires_us > 0"
        for seq, raw in connection.execute(expiring):
            with suppress(FileNotFoundError):  # swept, or kept for good meanwhile
                held = self._expiring.read(UUID(bytes=raw))
                texts = [held.text.casefold(), *map(_decoded, held.representations.values())]
                if any(folded in text for text in texts):
                    yield seq


def _decoded(raw: bytes) -> str:
    return raw.decode(errors="replace").casefold()
