"""Handing out all that is kept of clips."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from weavclip.journal.archive.records import Kept
from weavclip.journal.clips import ClipTable
from weavclip.journal.filters import condition
from weavclip.journal.labels import corrections_of
from weavclip.journal.rows import seq_of, unknown
from weavclip.journal.vectors import VectorTable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from weavclip.domain.query import Filter

FLOAT32 = "<f4"
"""How a vector's numbers are written into a file."""


class HandingOut(ClipTable, VectorTable):
    """Clips as a whole, out of the journal."""

    def kept_ids(self, where: Filter) -> list[UUID]:
        """Ids of the clips that pass, as of one moment, in the order in which they came.

        Those that are to expire are left out: a file would outlive them.
        """
        text, values = condition(where)
        wanted = f"SELECT id FROM clips WHERE {text} AND expires_us IS NULL ORDER BY seq"  # noqa: S608 - no input
        with self._db.reading() as connection:
            return [UUID(bytes=each) for (each,) in connection.execute(wanted, values)]

    def kept_bytes(self, where: Filter) -> int:
        """Size of all that was captured of the clips that pass."""
        text, values = condition(where)
        wanted = f"SELECT coalesce(sum(kept_bytes), 0) FROM clips WHERE {text}"  # noqa: S608 - no input
        with self._db.reading() as connection:
            (found,) = connection.execute(wanted, values).fetchone()
        return int(found)

    def model_ids(self) -> list[str]:
        """The models that vectors are kept of."""
        wanted = "SELECT DISTINCT models.id FROM models JOIN spaces USING (model) ORDER BY 1"
        with self._db.reading() as connection:
            return [each for (each,) in connection.execute(wanted)]

    def set_ids(self) -> list[str]:
        """The sets of models, and single ones, that steps are noted for."""
        wanted = "SELECT id FROM models WHERE has_steps ORDER BY 1"
        with self._db.reading() as connection:
            return [each for (each,) in connection.execute(wanted)]

    def kept(self, clip_id: UUID, *, models: Sequence[str] = ()) -> Kept:
        """All of one clip, with its raw vectors of ``models``, as of one moment.

        Raises:
            UnknownClipError: If it was forgotten or merged meanwhile.
            JournalError: If a file of its content is gone.
        """
        while True:
            kept = self._kept(clip_id, models)
            if self.get(clip_id) == kept.clip:
                return kept

    def _kept(self, clip_id: UUID, models: Sequence[str]) -> Kept:
        clip = self.get(clip_id)
        if clip.id != clip_id:
            raise unknown(clip_id)
        with self._db.reading() as connection:
            wanted = "SELECT id FROM redirects WHERE seq = ? ORDER BY id"
            seq = seq_of(connection, clip_id)
            merged = connection.execute(wanted, (seq,)).fetchall()
            said = corrections_of(connection, seq)
        vectors = {model: self.vectors(clip_id, model) for model in models}
        return Kept(
            clip=clip,
            merged_ids=tuple(UUID(bytes=each) for (each,) in merged),
            text=self.text(clip_id),
            ocr_text=self.ocr_text(clip_id),
            thumbnail=self.thumbnail(clip_id),
            representations=self.representations(clip_id),
            vectors={
                model: {space: row.astype(FLOAT32).tobytes() for space, row in rows.items()}
                for model, rows in vectors.items()
                if rows
            },
            said=said,
        )
