"""Bringing the words of new clips into FTS5, after the commit that a copy waits for."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING
from uuid import UUID

from weavclip.domain.errors import JournalError
from weavclip.journal.base import JournalBase
from weavclip.journal.filters import condition
from weavclip.journal.migrations import LONG_TEXT_CHARS

if TYPE_CHECKING:
    import sqlite3

    from weavclip.domain.query import Filter

BATCH_ROWS = 500
BATCH_CHARS = 1_000_000
"""Of a batch; a copy that comes meanwhile waits for one to end (0.2 s a million characters)."""

HUGE_CHARS = 1_000_000
"""A text as long as this is better indexed by a process that ends afterwards: FTS5 holds all its
different words at once, 220 MB for 10 MB of them."""

PATIENCE_S = 1.0
"""How long a search waits for another writer before it reads the latest words as they are."""

_POSITION = "(SELECT last_seq FROM words_indexed)"
WAITING = f"SELECT seq FROM words WHERE seq > {_POSITION}"  # noqa: S608 - a constant
"""An SQL query for the clips whose words are not in the index yet."""

_LENGTHS = f"""
    SELECT seq, length(text) + length(ocr_text) FROM words
    WHERE seq > {_POSITION} AND seq <= ? ORDER BY seq LIMIT {BATCH_ROWS}
"""  # noqa: S608 - constants
_NEWEST_WAITING = f"""
    SELECT id, text, ocr_text FROM clips CROSS JOIN words USING (seq)
    WHERE seq > {_POSITION} AND {{}} ORDER BY seq DESC LIMIT {BATCH_ROWS}
"""  # noqa: S608 - constants
_INTO_WORDS = f"""
    INSERT INTO words_index (rowid, text, ocr_text)
    SELECT seq, text, ocr_text FROM words WHERE seq > {_POSITION} AND seq <= ? ORDER BY seq
"""  # noqa: S608 - a constant
_INTO_TRIGRAMS = f"""
    INSERT INTO trigrams (rowid, text) SELECT seq, text FROM words
    WHERE seq > {_POSITION} AND seq <= ? AND length(text) BETWEEN 3 AND {LONG_TEXT_CHARS}
    ORDER BY seq
"""  # noqa: S608 - constants

logger = logging.getLogger(__name__)


class WordIndex(JournalBase):
    """FTS5's two tables, which follow the words; triggers keep what is in them right."""

    _is_behind = False

    def index_words(self) -> int:
        """Index the words of the clips that are there now, so that no search has to.

        Returns:
            How many clips' words were indexed.

        Raises:
            JournalError: If it cannot be written; what was done until then is kept.
        """
        return self._index_words(patience_s=None)

    def has_huge_text_waiting(self) -> bool:
        """Whether a text of a million characters or more is not indexed yet."""
        # The first condition is that of an index: no other text is looked at.
        wanted = (
            f"SELECT 1 FROM words WHERE length(text) > {LONG_TEXT_CHARS}"  # noqa: S608 - constants
            f" AND length(text) >= {HUGE_CHARS} AND seq > {_POSITION} LIMIT 1"
        )
        with self._db.reading() as connection:
            return connection.execute(wanted).fetchone() is not None

    def _index_words(self, *, patience_s: float | None) -> int:
        with self._db.reading() as connection:
            (last,) = connection.execute(f"SELECT max(seq) FROM ({WAITING})").fetchone()  # noqa: S608
        indexed = 0
        # To what is there now and no further: a writer that never rests must not keep us here.
        while last is not None:
            with self._db.writing(patience_s=patience_s) as connection:
                done = _index_batch(connection, last)
            indexed += done
            if not done:
                break
        return indexed

    def _catch_up(self) -> None:
        """Bring the index up to date for a search, which has to answer in any case."""
        try:
            self._index_words(patience_s=PATIENCE_S)
        except JournalError as error:
            if not self._is_behind:
                logger.warning("the latest clips' words cannot be indexed now: %s", error)
            self._is_behind = True
        else:
            self._is_behind = False

    def _waiting_texts(self, where: Filter) -> dict[UUID, str]:
        """By id the texts of the newest clips that pass and could not be indexed just now.

        As many as are indexed at once otherwise: somebody waits for the answer.
        """
        found: dict[UUID, str] = {}
        if not self._is_behind:
            return found
        text, values = condition(where)
        chars = 0
        with self._db.reading() as connection:
            rows = connection.execute(_NEWEST_WAITING.format(text), values)
            for clip_id, words, seen in rows:
                chars += len(words) + len(seen)
                if found and chars > BATCH_CHARS:
                    break
                found[UUID(bytes=clip_id)] = f"{words}\n{seen}"
        return found


def step_back(connection: sqlite3.Connection) -> None:
    """Note the position anew after clips were removed.

    The next clips get the numbers of the last ones: behind the position they would be indexed by
    trigger, one by one, while somebody waits for the commit.
    """
    connection.execute(
        "UPDATE words_indexed SET last_seq ="
        " min(last_seq, (SELECT coalesce(max(seq), 0) FROM words))"
    )


def _index_batch(connection: sqlite3.Connection, last: int) -> int:
    """Index the words after the noted position, up to ``last``, and move it; how many rows."""
    rows = _few(connection.execute(_LENGTHS, (last,)).fetchall())
    if rows:
        until = (rows[-1],)
        connection.execute(_INTO_WORDS, until)
        connection.execute(_INTO_TRIGRAMS, until)
        connection.execute("UPDATE words_indexed SET last_seq = ?", until)
    return len(rows)


def _few(lengths: list[tuple[int, int]]) -> list[int]:
    """As many of the first rows as make a batch, and one in any case."""
    found: list[int] = []
    chars = 0
    for seq, length in lengths:
        chars += length
        if found and chars > BATCH_CHARS:
            break
        found.append(seq)
    return found
