"""Finding expiring clips by their words, which are in no index: there are a few, in files."""

from __future__ import annotations

import sqlite3
from contextlib import closing, suppress
from typing import TYPE_CHECKING
from uuid import UUID

from weavclip.journal.filters import condition
from weavclip.journal.migrations import TOKENIZER
from weavclip.journal.word_index import WordIndex

if TYPE_CHECKING:
    from collections.abc import Mapping

    from weavclip.domain.query import Filter

_TABLE = f"CREATE VIRTUAL TABLE found USING fts5 (text, tokenize = '{TOKENIZER}')"


class ExpiringWords(WordIndex):
    """The words of clips that are in no index."""

    def _expiring_texts(self, where: Filter) -> dict[UUID, str]:
        """By id the texts of the expiring clips that pass, the last copied first."""
        text, values = condition(where)
        wanted = (
            # In this order: one of time looks better, and has every clip in it.
            "SELECT clips.id FROM (SELECT seq FROM clips WHERE expires_us > 0)"  # noqa: S608 - no input
            f" CROSS JOIN clips USING (seq) WHERE {text} ORDER BY last_us DESC, clips.id DESC"
        )
        with self._db.reading() as connection:
            ids = [UUID(bytes=raw) for (raw,) in connection.execute(wanted, values).fetchall()]
            found = {}
            for clip_id in ids:
                with suppress(FileNotFoundError):  # swept, or kept for good meanwhile
                    found[clip_id] = self._expiring.read(clip_id).text
        return found


def matches(texts: Mapping[UUID, str], asked: str) -> list[tuple[bytes, float]]:
    """Those that match an FTS5 query, with their BM25 among themselves."""
    if not texts:
        return []
    ids = list(texts)
    with closing(sqlite3.connect(":memory:")) as memory:
        memory.execute(_TABLE)
        memory.executemany(
            "INSERT INTO found (rowid, text) VALUES (?, ?)", enumerate(texts.values())
        )
        rows = memory.execute(
            "SELECT rowid, -bm25(found) FROM found WHERE found MATCH ?", (asked,)
        )
        return [(ids[place].bytes, value) for place, value in rows]
