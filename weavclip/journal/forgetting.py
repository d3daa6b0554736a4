"""Forgetting clips, and making sure that nothing of them stays on the disk."""

from __future__ import annotations

from typing import TYPE_CHECKING

from weavclip.domain.query import Space
from weavclip.journal.base import JournalBase
from weavclip.journal.removal import remove_clip
from weavclip.journal.rows import batches
from weavclip.journal.word_index import step_back

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID


class Forgetting(JournalBase):
    """Removes clips from everything that the journal keeps."""

    def forget(self, clip_ids: Sequence[UUID]) -> int:
        """Remove clips, blobs, vectors and words, and note that the indexes must too.

        Merged ids stand for their clip.

        Returns:
            How many there were. Call :meth:`scrub` afterwards to have the bytes gone from disk.
        """
        blobs: list[str] = []
        with self._db.writing() as connection:
            seqs: set[int] = set()
            for places, values in batches(clip_ids):
                wanted = f"SELECT seq FROM names WHERE id IN ({places})"  # noqa: S608 - places
                seqs.update(seq for (seq,) in connection.execute(wanted, values))
            for seq in seqs:
                blobs += remove_clip(connection, seq)
            step_back(connection)
        # After the commit: a crash before it must find the clip whole.
        self._remove_unused_blobs(blobs)
        self._blank_free_rows()
        return len(seqs)

    def collect(self) -> int:
        """Delete files that a crash left without a row; how many."""
        return self._remove_unused_blobs(self._blobs.names())

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
        self._db.rewrite()

    def _blank_free_rows(self) -> None:
        with self._db.writing() as connection:
            spaces = connection.execute(
                "SELECT model, models.id, space, dim, row_count"
                " FROM spaces JOIN models USING (model)"
            ).fetchall()
            for model, model_id, space, dim, row_count in spaces:
                path = self._vector_folder.path(model, model_id, Space(space))
                free = connection.execute(
                    "SELECT position FROM vectors INDEXED BY vectors_free"
                    " WHERE model = ? AND space = ? AND seq IS NULL AND NOT is_blank",
                    (model, space),
                ).fetchall()
                self._vector_folder.blank(path, [position for (position,) in free], dim=dim)
                self._vector_folder.cut(path, row_count=row_count, dim=dim)
            connection.execute(
                "UPDATE vectors SET is_blank = 1 WHERE seq IS NULL AND NOT is_blank"
            )
