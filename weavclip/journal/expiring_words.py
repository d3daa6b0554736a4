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
        if where.among == frozenset():
            return {}  # SQLite knows no way to nothing by an index that is named
        text, values = condition(where)
        wanted = (
            # Named, since one that is in order of time looks better and has every clip in it.
            "SELECT id FROM clips INDEXED BY clips_expiring"  # noqa: S608 - condition() has no input
            f" WHERE expires_us > 0 AND {text} ORDER BY last_us DESC, id DESC"
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
