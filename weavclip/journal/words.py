"""Finding clips by their words."""

from __future__ import annotations

import re
import unicodedata
from itertools import islice
from typing import TYPE_CHECKING
from uuid import UUID

from weavclip.domain.equality import caseless
from weavclip.domain.query import Filter, Match
from weavclip.journal.expiring_words import matches
from weavclip.journal.filters import condition
from weavclip.journal.migrations import LONG_TEXT_CHARS
from weavclip.journal.terms import TermTable
from weavclip.journal.word_index import WAITING

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator, Sequence

MOST_WORDS = 64
"""Of a query; a page of text pasted as a question would otherwise match everything."""

MOST_TRIGRAMS = 32
"""Of a phrase; what has so many of them is read through anyway."""

_READ_THROUGH = """
    SELECT id, text FROM clips CROSS JOIN words USING (seq) WHERE {}
    ORDER BY last_us DESC, id DESC
"""
_EVERY_TEXT = """
    SELECT id, text, ocr_text FROM clips CROSS JOIN words USING (seq) WHERE {}
    ORDER BY last_us DESC, id DESC
"""
_MAY_CONTAIN = f"""
    SELECT seq, id FROM clips WHERE seq IN (
        SELECT rowid FROM trigrams WHERE trigrams MATCH ?
        UNION ALL SELECT seq FROM words WHERE length(text) > {LONG_TEXT_CHARS}
        UNION ALL {WAITING}
    ) AND {{}} ORDER BY last_us DESC, id DESC
"""  # noqa: S608 - constants
_READ = """
    SELECT id, ocr_text FROM clips JOIN words USING (seq)
    WHERE kind IN ('image', 'files') AND ocr_text != '' AND {}
    ORDER BY last_us DESC, id DESC
"""
_COUNT_HAVING = "SELECT count(*) FROM words_index WHERE words_index MATCH ?"
_NOT_HIDDEN = "rowid NOT IN (SELECT seq FROM hidden)"
_HAVE_READ = f"SELECT rowid FROM words_index WHERE words_index MATCH ? UNION ALL {WAITING}"  # noqa: S608
_WHOLE_WORD = re.compile(r"(?<=[\x00-/:-@\[-`{-\x7f])[A-Za-z0-9]+(?=[\x00-/:-@\[-`{-\x7f])")
"""A word with both its ends in a phrase: every text that has the phrase has it as a word."""
_WORD = re.compile(r"[^\W_]+")


class WordTable(TermTable):
    """BM25 and exact strings, over SQLite's FTS5.

    Both bring the index up to date first. Where that cannot be done in a second, both look into
    the waiting texts themselves; BM25 into the newest 500 of them.
    """

    def match_words(self, words: str, *, limit: int, where: Filter) -> list[Match]:
        """BM25 over text and OCR text; any of the words, best first; value is BM25 >= 0."""
        asked = _any_of(words)
        if not asked:
            return []
        self._catch_up()
        text, values = condition(where)
        wanted = (
            "SELECT clips.id, -bm25(words_index) AS bm25"  # noqa: S608 - condition() has no input
            " FROM words_index JOIN clips ON clips.seq = words_index.rowid"
            f" WHERE words_index MATCH ? AND {text} ORDER BY bm25 DESC LIMIT ?"
        )
        with self._db.reading() as connection:
            rows = connection.execute(wanted, (asked, *values, limit)).fetchall()
        rows += matches(self._expiring_texts(where) | self._waiting_texts(where), asked)
        rows.sort(key=lambda row: row[1], reverse=True)
        return [Match(UUID(bytes=row[0]), max(0.0, row[1])) for row in rows[:limit]]

    def containing(self, phrase: str, *, limit: int, where: Filter) -> list[UUID]:
        """Clips whose text or words in a picture contain ``phrase``, the last copied first.

        Letter case is ignored.
        """
        if not phrase or not _can_be_stored(phrase):
            return []
        self._catch_up()
        folded = caseless(phrase)
        expiring = self._expiring_texts(where)
        found = [clip_id.bytes for clip_id, text in expiring.items() if folded in caseless(text)]
        most = limit + len(found)
        with self._db.reading() as connection:
            for candidates in (_candidates, _read_candidates):
                holding = (
                    clip_id
                    for clip_id, text in candidates(connection, phrase, where)
                    if folded in caseless(text)
                )
                found += islice(holding, most)
            return _last_copied_first(connection, found)[:limit]

    def texts(self, *, where: Filter) -> Iterator[tuple[UUID, str]]:
        """Each clip that passes, with its text and the words in its picture.

        Those that expire first, then the last copied first; clips without words are left out.
        """
        yield from self._expiring_texts(where).items()
        text, values = condition(where)
        with self._db.reading() as connection:
            for clip_id, words, seen in connection.execute(_EVERY_TEXT.format(text), values):
                yield UUID(bytes=clip_id), f"{words}\n{seen}".strip("\n")

    def having(self, words: Sequence[str], *, hidden: bool = False) -> dict[str, int]:
        """How many clips have each of these words in text or OCR text; expiring ones left out."""
        counted = _COUNT_HAVING if hidden else f"{_COUNT_HAVING} AND {_NOT_HIDDEN}"
        with self._db.reading() as connection:
            return {
                word: int(connection.execute(counted, (asked,)).fetchone()[0])
                for word in words
                if (asked := _any_of(word))
            }


def _last_copied_first(connection: sqlite3.Connection, clip_ids: Sequence[bytes]) -> list[UUID]:
    places = ",".join("?" * len(clip_ids))
    wanted = f"SELECT id FROM clips WHERE id IN ({places}) ORDER BY last_us DESC, id DESC"  # noqa: S608
    return _ids(connection.execute(wanted, clip_ids))


def _candidates(
    connection: sqlite3.Connection, phrase: str, where: Filter
) -> Iterator[tuple[bytes, str]]:
    """Ids and texts, the last copied first, of all clips that may contain ``phrase``."""
    text, values = condition(where)
    trigrams = _all_trigrams(phrase)
    if not trigrams:
        # So short a phrase is common: few rows are read before enough have it.
        yield from connection.execute(_READ_THROUGH.format(text), values)
        return
    for seq, clip_id in connection.execute(
        _MAY_CONTAIN.format(text), (trigrams, *values)
    ).fetchall():
        words = connection.execute("SELECT text FROM words WHERE seq = ?", (seq,)).fetchone()
        if words is not None:
            yield clip_id, words[0]


def _read_candidates(
    connection: sqlite3.Connection, phrase: str, where: Filter
) -> Iterator[tuple[bytes, str]]:
    """Ids and words in their pictures of all clips in whose pictures ``phrase`` may stand."""
    text, values = condition(where)
    whole = _WHOLE_WORD.findall(phrase)[:MOST_WORDS]
    if whole:
        asked = "ocr_text : (" + " AND ".join(f'"{word}"' for word in dict.fromkeys(whole)) + ")"
        text, values = f"{text} AND seq IN ({_HAVE_READ})", [*values, asked]
    yield from connection.execute(_READ.format(text), values)


def _all_trigrams(phrase: str) -> str:
    """An FTS5 query for texts that have every three characters in a row that ``phrase`` has.

    >>> _all_trigrams("a 1 %")
    '"a 1" " 1 " "1 %"'
    >>> _all_trigrams("ab")
    ''
    """
    parts = dict.fromkeys(phrase[at : at + 3] for at in range(len(phrase) - 2))
    # FTS5 reads a query up to its first NUL.
    usable = [part.replace('"', '""') for part in parts if "\0" not in part]
    return " ".join(f'"{part}"' for part in usable[:MOST_TRIGRAMS])


def _can_be_stored(phrase: str) -> bool:
    try:
        phrase.encode()
    except UnicodeEncodeError:
        return False
    return True


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
