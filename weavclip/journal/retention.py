"""Letting go of the oldest clips, a little at a time: whoever copies meanwhile hardly waits."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from itertools import chain, repeat
from typing import TYPE_CHECKING

from weavclip.domain.retention import Surplus
from weavclip.journal.forgetting import Forgetting
from weavclip.journal.removal import remove_clip
from weavclip.journal.rows import microseconds
from weavclip.journal.word_index import step_back

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterator

    from weavclip.domain.retention import Keep

PAGES_AT_ONCE = 64
"""Of FTS5 or of the database, before the clock is looked at: half a millisecond."""

ROWS_AT_ONCE = 100
"""Of a vector file that are blanked in one transaction, which others wait for: 200 KB, synced."""

_OLDEST = (
    "FROM clips WHERE NOT pinned AND expires_us IS NULL AND (last_us, id) <= (?, ?)"
    " ORDER BY last_us, id LIMIT ?"
)
_NTH = (
    "SELECT last_us, id FROM clips WHERE NOT pinned AND expires_us IS NULL"
    " ORDER BY last_us, id LIMIT 1 OFFSET ?"
)
_BY_SIZE = """
    SELECT count(*) FROM (
        SELECT sum(kept_bytes) OVER (ORDER BY last_us, id) - kept_bytes AS before_it
        FROM clips WHERE NOT pinned AND expires_us IS NULL
    ) WHERE before_it < ?
"""
_FIRST_MERGE, _NO_MERGE = -1, 2
"""A negative number of pages begins FTS5's optimizing; under two changes mean that it is done."""


class Retention(Forgetting):
    """Removes what is over the person's limits, and gives the space back."""

    def surplus(self, keep: Keep) -> Surplus:
        """What is over the limits now; 0.2 s at the most at 100,000 clips, and no lock."""
        if not keep:
            return Surplus()
        with self._db.reading() as connection:
            total, size_bytes, free = connection.execute(
                "SELECT count(*), coalesce(sum(kept_bytes), 0), coalesce(sum(NOT pinned), 0)"
                " FROM clips WHERE expires_us IS NULL"
            ).fetchone()
            over = dict(_over(connection, keep, total=total, size_bytes=size_bytes))
            why = max(over, key=lambda each: over[each], default="")
            count = min(over.get(why, 0), free)
            if count <= 0:
                return Surplus(total=total)
            until = connection.execute(_NTH, (count - 1,)).fetchone()
            if until is None:  # some are gone since they were counted
                return Surplus(total=total)
            (going,) = connection.execute(
                f"SELECT sum(kept_bytes) FROM (SELECT kept_bytes {_OLDEST})",  # noqa: S608
                (*until, count),
            ).fetchone()
        return Surplus(clips=count, size_bytes=going, total=total, why=why, until=until)

    def trim(self, surplus: Surplus, *, limit: int, within_s: float) -> int:
        """Remove some of a surplus, the oldest first, in one transaction; how many.

        Clips that were copied or pinned since stay. A crash leaves at most files without a row,
        which :meth:`collect` finds.

        Args:
            surplus: From :meth:`surplus`.
            limit: Most clips.
            within_s: The transaction ends after so many seconds: other writers wait for it.
        """
        if surplus.until is None:
            return 0
        blobs: list[str] = []
        done = 0
        with self._db.writing() as connection:
            end = time.monotonic() + within_s
            rows = connection.execute(
                f"SELECT seq {_OLDEST}",
                (*surplus.until, limit),
            ).fetchall()
            for (seq,) in rows:
                blobs += remove_clip(connection, seq)
                done += 1
                if time.monotonic() > end:
                    break
            step_back(connection)
        if blobs:
            self._remove_unused_blobs(blobs, is_durable=False)
        self._db.save()
        return done

    def tidying(self, *, within_s: float) -> Iterator[None]:
        """Give the freed space back, one short transaction a step, until nothing is left to do.

        Vectors that nobody has are blanked; their rows are for the next clips. FTS5 drops what
        was deleted by merging its segments. A journal of version 0.1.0 gives pages back from its
        first :meth:`scrub` on; until then they are used again.

        Args:
            within_s: Each step ends after so many seconds.
        """
        while self._blank_free_rows(limit=ROWS_AT_ONCE):
            yield
        for step in (_merging("words_index"), _merging("trigrams"), _giving_back):
            while self._goes_on(step, within_s):
                self._db.save()
                yield
        self._db.empty_log()

    def _goes_on(self, step: Callable[[sqlite3.Connection], bool], within_s: float) -> bool:
        """Repeat a step until the time is over; whether there is more to do."""
        with self._db.writing() as connection:
            end = time.monotonic() + within_s
            while step(connection):
                if time.monotonic() > end:
                    return True
        return False


def _merging(table: str) -> Callable[[sqlite3.Connection], bool]:
    """A step of FTS5's optimizing; it says whether there was anything to do."""
    pages = iter(chain([_FIRST_MERGE * PAGES_AT_ONCE], repeat(PAGES_AT_ONCE)))

    def merge(connection: sqlite3.Connection) -> bool:
        before = connection.total_changes
        connection.execute(
            f"INSERT INTO {table} ({table}, rank) VALUES ('merge', ?)",  # noqa: S608 - one of two
            (next(pages),),
        )
        return connection.total_changes - before >= _NO_MERGE

    return merge


def _giving_back(connection: sqlite3.Connection) -> bool:
    """Give some free pages back to the disk; whether there are more."""
    (before,) = connection.execute("PRAGMA freelist_count").fetchone()
    connection.execute(f"PRAGMA incremental_vacuum ({PAGES_AT_ONCE})").fetchall()
    (after,) = connection.execute("PRAGMA freelist_count").fetchone()
    return 0 < int(after) < int(before)


def _over(
    connection: sqlite3.Connection, keep: Keep, *, total: int, size_bytes: int
) -> Iterator[tuple[str, int]]:
    """By limit, how many of the oldest that are not pinned are over it."""
    if keep.days:
        before = microseconds(datetime.now(UTC) - timedelta(days=keep.days))
        wanted = (
            "SELECT count(*) FROM clips WHERE NOT pinned AND expires_us IS NULL AND last_us < ?"
        )
        (count,) = connection.execute(wanted, (before,)).fetchone()
        yield f"over {keep.days:g} days", count
    if keep.clips:
        yield f"over {keep.clips:,} clips", total - keep.clips
    if 0 < keep.size_bytes < size_bytes:
        (count,) = connection.execute(_BY_SIZE, (size_bytes - keep.size_bytes,)).fetchone()
        yield f"over {keep.size_bytes:,} bytes", count
