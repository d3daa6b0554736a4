"""Forgetting clips, and making sure that nothing of them stays on the disk."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from weavclip.domain.query import Space
from weavclip.journal.adding import FORGOT_THE_LAST, LAST
from weavclip.journal.archive.staging import remove_left_overs
from weavclip.journal.base import JournalBase
from weavclip.journal.removal import remove_all_clips, remove_clip
from weavclip.journal.rows import NOW, batches, moment_of
from weavclip.journal.word_index import step_back

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection, Sequence
    from datetime import datetime


TO_SCRUB = "to_scrub"
"""Of ``meta``: clips were forgotten since the last scrub, whoever was to do it."""


class Forgetting(JournalBase):
    """Removes clips from everything that the journal keeps."""

    def forget(self, clip_ids: Sequence[UUID]) -> int:
        """Remove clips, blobs, vectors and words, and note that the indexes must too.

        Merged ids stand for their clip. It is noted, too, that the bytes are still to go, and
        whether what was copied last is among them (see ``stands_last``).

        Returns:
            How many there were. Call :meth:`scrub` afterwards to have the bytes gone from disk.
        """
        with self._db.writing() as connection:
            seqs: set[int] = set()
            for places, values in batches(clip_ids):
                wanted = f"SELECT seq FROM names WHERE id IN ({places})"  # noqa: S608 - places
                seqs.update(seq for (seq,) in connection.execute(wanted, values))
            blobs = _removed(connection, seqs)
            if seqs:
                _note(connection, TO_SCRUB)
        self._remove_files(blobs)
        return len(seqs)

    def forget_everything(self) -> int:
        """Remove every clip and what was made of them, at once; how many there were.

        Settings, models and the journal's own id stay. Whatever an index holds is no longer this
        journal's: the indexes are to be emptied as a whole, nothing is noted for them.
        """
        with self._db.writing() as connection:
            (count,) = connection.execute("SELECT count(*) FROM clips").fetchone()
            remove_all_clips(connection)
            _note(connection, FORGOT_THE_LAST)
            _note(connection, TO_SCRUB)
        self.collect()
        with self._db.writing() as connection:
            models = connection.execute("SELECT model, id FROM models").fetchall()
            self._vector_folder.remove_all_but(self._vector_folder.folder(*row) for row in models)
        return int(count)

    def next_expiry(self) -> datetime | None:
        """When the next clip is to be forgotten by itself; None when none is."""
        with self._db.reading() as connection:
            wanted = "SELECT min(expires_us) FROM clips WHERE expires_us > 0"
            (found,) = connection.execute(wanted).fetchone()
        return None if found is None else moment_of(found)

    def sweep(self) -> int:
        """Forget those whose time has come, content and all; how many.

        Where there are none it costs a look at an index and at a folder, which are empty.
        """
        gone = self._forget_where(f"expires_us <= {NOW}")
        if self._has_orphans():
            self._remove_unused_expiring()
        return gone

    def _has_orphans(self) -> bool:
        """Whether a crash left a file that no clip has; or somebody is just making its clip."""
        names = self._expiring.names()
        if not names:
            return False
        with self._db.reading() as connection:
            rows = connection.execute("SELECT id FROM clips WHERE expires_us > 0").fetchall()
        return bool(names - {UUID(bytes=raw).hex for (raw,) in rows})

    def forget_expiring(self) -> int:
        """Forget every expiring clip before its time; how many."""
        return self._forget_where("expires_us > 0")

    def _forget_where(self, condition: str) -> int:
        wanted = f"SELECT seq FROM clips WHERE {condition}"  # noqa: S608 - one of two constants
        with self._db.reading() as connection:
            if connection.execute(wanted).fetchone() is None:
                return 0
        with self._db.writing() as connection:
            seqs = {seq for (seq,) in connection.execute(wanted).fetchall()}
            _removed(connection, seqs)
        self._remove_unused_expiring()
        return len(seqs)

    def collect(self) -> int:
        """Delete files that a crash left without a row; how many.

        They are looked for without a lock, which would hold up a copy for 70 ms at 20,000 files:
        where there are none, as nearly always, nobody waits.
        """
        remove_left_overs(self._data_dir)
        lost = self._without_row(self._blobs.names())
        blobs = self._remove_unused_blobs(lost) if lost else 0
        return blobs + (self._remove_unused_expiring() if self._has_orphans() else 0)

    def scrub(self) -> None:
        """Make forgotten bytes unreadable: FTS5 optimised, free pages and WAL overwritten.

        FTS5 keeps a deleted word in its older segments until they are merged; SQLite keeps old
        copies of rows in the free parts of pages and in the WAL. It takes seconds for 100,000
        clips, and needs free space as large as the database meanwhile.
        """
        self.collect()
        self._blank_free_rows()
        with self._db.writing() as connection:
            connection.execute("INSERT INTO words_index (words_index) VALUES ('optimize')")
            connection.execute("INSERT INTO trigrams (trigrams) VALUES ('optimize')")
            connection.execute("DELETE FROM meta WHERE key = ?", (TO_SCRUB,))
        try:
            self._db.rewrite()
        except BaseException:
            self.set_meta(TO_SCRUB, "")
            raise

    def scrub_if_due(self) -> bool:
        """Scrub where something was forgotten and not yet; whether it was needed."""
        is_due = self.is_to_scrub()
        if is_due:
            self.scrub()
        return is_due

    def is_to_scrub(self) -> bool:
        """Whether something was forgotten whose bytes are still to go."""
        return self.meta(TO_SCRUB) is not None

    def _remove_files(self, blobs: Sequence[str]) -> None:
        # After the commit: a crash before it must find the clip whole.
        self._remove_unused_blobs(blobs)
        self._remove_unused_expiring()
        self._blank_free_rows()

    def _blank_free_rows(self, *, limit: int | None = None) -> int:
        """Overwrite the vectors of rows that nobody has, at most so many a space; how many."""
        blanked = 0
        with self._db.writing() as connection:
            spaces = connection.execute(
                "SELECT model, models.id, space, dim, row_count"
                " FROM spaces JOIN models USING (model)"
            ).fetchall()
            for model, model_id, space, dim, row_count in spaces:
                path = self._vector_folder.path(model, model_id, Space(space))
                free = connection.execute(
                    "SELECT position FROM vectors INDEXED BY vectors_to_blank"
                    " WHERE model = ? AND space = ? AND seq IS NULL AND NOT is_blank LIMIT ?",
                    (model, space, -1 if limit is None else limit),
                ).fetchall()
                if free:
                    self._vector_folder.blank(path, [row[0] for row in free], dim=dim)
                self._vector_folder.cut(path, row_count=row_count, dim=dim)
                connection.executemany(
                    "UPDATE vectors SET is_blank = 1"
                    " WHERE model = ? AND space = ? AND position = ?",
                    [(model, space, *row) for row in free],
                )
                blanked += len(free)
        return blanked


def _removed(connection: sqlite3.Connection, seqs: Collection[int]) -> list[str]:
    """Remove clips, and note whether the last copied one is gone; the blobs that they had."""
    last = connection.execute(LAST).fetchone()
    if last is not None and last[0] in seqs:
        _note(connection, FORGOT_THE_LAST)
    blobs = [blob for seq in seqs for blob in remove_clip(connection, seq)]
    step_back(connection)
    return blobs


def _note(connection: sqlite3.Connection, key: str) -> None:
    connection.execute("INSERT OR REPLACE INTO meta VALUES (?, '')", (key,))
