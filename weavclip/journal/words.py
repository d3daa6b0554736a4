"""Finding clips by their words."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING
from uuid import UUID

from weavclip.domain.query import Filter, Match
from weavclip.journal.base import JournalBase
from weavclip.journal.filters import condition

if TYPE_CHECKING:
    from collections.abc import Iterable

MOST_WORDS = 64
"""Of a query; a page of text pasted as a question would otherwise match everything."""

_WORD = re.compile(r"[^\W_]+")


class WordTable(JournalBase):
    """BM25 and exact strings, over SQLite's FTS5."""

    def match_words(self, words: str, *, limit: int, where: Filter) -> list[Match]:
        """BM25 over text and OCR text; any of the words, best first; value is BM25 >= 0."""
        asked = _any_of(words)
        if not asked:
            return []
        text, values = condition(where)
        wanted = (
            "SELECT clips.id, -bm25(words_index) AS bm25"  # noqa: S608 - condition() has no input
            " FROM words_index JOIN clips ON clips.seq = words_index.rowid"
            f" WHERE words_index MATCH ? AND {text} ORDER BY bm25 DESC LIMIT ?"
        )
        with self._db.reading() as connection:
            rows = connection.execute(wanted, (asked, *values, limit)).fetchall()
        return [Match(UUID(bytes=row[0]), max(0.0, row[1])) for row in rows]

    def containing(self, phrase: str, *, limit: int, where: Filter) -> list[UUID]:
        """Clips whose text contains ``phrase``, letter case ignored, the last copied first."""
        if not phrase:
            return []
        text, values = condition(where)
        wanted = (
            "SELECT clips.id FROM words JOIN clips USING (seq)"  # noqa: S608 - as above
            f" WHERE instr(lower(text), lower(?)) AND {text}"
            " ORDER BY last_us DESC, id DESC LIMIT ?"
        )
        with self._db.reading() as connection:
            return _ids(connection.execute(wanted, (phrase, *values, limit)))

    def admitted(self, where: Filter) -> frozenset[UUID] | None:
        """Ids that pass; None when the filter is empty and every clip does."""
        if where == Filter():
            return None
        text, values = condition(where)
        with self._db.reading() as connection:
            wanted = f"SELECT id FROM clips WHERE {text}"  # noqa: S608 - as above
            return frozenset(_ids(connection.execute(wanted, values)))


def _ids(rows: Iterable[tuple[bytes]]) -> list[UUID]:
    return [UUID(bytes=each) for (each,) in rows]


def _any_of(words: str) -> str:
    """An FTS5 query for any of the words.

    >>> _any_of('the "chart" OR foo_bar* NEAR(')
    '"the" OR "chart" OR "OR" OR "foo" OR "bar" OR "NEAR"'
    >>> _any_of('-- "')
    ''
    """
    found = dict.fromkeys(_WORD.findall(unicodedata.normalize("NFC", words)))
    return " OR ".join(f'"{word}"' for word in list(found)[:MOST_WORDS])
