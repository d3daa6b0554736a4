"""Raw vectors as they are read: one clip's, several clips', or all of a space."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from weavclip.domain.models import ModelSet
from weavclip.domain.query import Filter, Space
from weavclip.journal.base import JournalBase
from weavclip.journal.filters import admits_all, admitted_seqs
from weavclip.journal.models import model_of
from weavclip.journal.owners import space_of
from weavclip.journal.rows import batches, seq_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from weavclip.domain.vectors import Embedding, Embeddings


class VectorReading(JournalBase):
    """Vectors for who compares them."""

    def vectors(self, clip_id: UUID, model_id: str) -> dict[Space, Embedding]:
        """The raw vectors of one clip, each of shape (dim,), float32."""
        with self._db.reading() as connection:
            seq, found = seq_of(connection, clip_id), {}
            for name in ModelSet.parse(model_id).names:
                rows = connection.execute(
                    "SELECT model, space, position, dim FROM vectors"
                    " JOIN spaces USING (model, space) JOIN models USING (model)"
                    " WHERE seq = ? AND models.id = ?",
                    (seq, name),
                ).fetchall()
                for model, space, position, dim in rows:
                    path = self._vector_folder.path(model, name, Space(space))
                    found[Space(space)] = self._vector_folder.read(path, position, dim=dim)
        return found

    def vectors_of(
        self, clip_ids: Sequence[UUID], model_id: str, space: Space
    ) -> dict[UUID, Embedding]:
        """The raw vectors of several clips in one space; those that have none are left out."""
        import numpy as np

        maker_id = ModelSet.parse(model_id).of(space)
        with self._db.reading() as connection:
            model = model_of(connection, maker_id)
            if model is None:
                return {}
            # CROSS JOIN: clips are looked up first. Left to itself SQLite goes through the space.
            positions = {
                UUID(bytes=clip_id): position
                for places, values in batches(clip_ids)
                for clip_id, position in connection.execute(
                    "SELECT clips.id, position FROM clips CROSS JOIN vectors USING (seq)"  # noqa: S608
                    f" WHERE clips.id IN ({places}) AND model = ? AND space = ?",
                    (*values, model, space),
                )
            }
            # Afterwards: a row that is stored meanwhile is asked for by nobody.
            dim, row_count = space_of(connection, model, space)
        path = self._vector_folder.path(model, maker_id, space)
        rows = self._vector_folder.mapped(path, row_count=row_count, dim=dim)
        # At once: a row after another takes ten times as long out of a map.
        found = np.asarray(rows)[list(positions.values())]
        return dict(zip(positions, found, strict=True))

    def spaces(self, clip_ids: Sequence[UUID], model_id: str) -> dict[UUID, frozenset[Space]]:
        """In which spaces clips have vectors by these models; those with none are left out."""
        names = ModelSet.parse(model_id).names
        found: dict[UUID, frozenset[Space]] = {}
        with self._db.reading() as connection:
            for places, values in batches(clip_ids):
                for clip_id, space in connection.execute(
                    "SELECT clips.id, space FROM clips JOIN vectors USING (seq)"  # noqa: S608 - places
                    f" JOIN models USING (model) WHERE clips.id IN ({places})"
                    " AND models.id IN (?, ?)",
                    (*values, names[0], names[-1]),
                ):
                    known = found.get(UUID(bytes=clip_id), frozenset())
                    found[UUID(bytes=clip_id)] = known | {Space(space)}
        return found

    def rows(self, model_id: str, space: Space) -> tuple[Sequence[UUID], Embeddings]:
        """All vectors of a space.

        Returns:
            The clips' ids, and a memory-mapped array of shape (n, dim), float32, read-only, in
            the same order. Rows without a clip have the id ``UUID(int=0)``.
        """
        maker_id = ModelSet.parse(model_id).of(space)
        with self._db.reading() as connection:
            model = model_of(connection, maker_id)
            if model is None:
                return [], self._vector_folder.mapped(self._data_dir, row_count=0, dim=0)
            ids = self._owners.of(connection, model, space).ids
            dim, _ = space_of(connection, model, space)
            path = self._vector_folder.path(model, maker_id, space)
            return ids, self._vector_folder.mapped(path, row_count=len(ids), dim=dim)

    def admitted_rows(
        self, model_id: str, space: Space, where: Filter
    ) -> NDArray[np.int64] | None:
        """Which rows of a space have a clip that passes.

        Returns:
            Positions as in :meth:`rows`, ascending, shape (m,); None when the filter is empty and
            every clip does. Past those rows, too, when the journal has grown since.
        """
        import numpy as np

        with self._db.reading() as connection:
            if admits_all(connection, where):
                return None
            model = model_of(connection, ModelSet.parse(model_id).of(space))
            if model is None:
                return np.zeros(0, np.int64)
            seqs = np.array(self._owners.of(connection, model, space).seqs, np.int64)
            return np.flatnonzero(np.isin(seqs, admitted_seqs(connection, where)))

    def version(self, model_id: str) -> int:
        """A number that changes whenever :meth:`rows` would answer otherwise."""
        names = ModelSet.parse(model_id).names
        with self._db.reading() as connection:
            (found,) = connection.execute(
                "SELECT coalesce(sum(version), 0) FROM models WHERE id IN (?, ?)",
                (names[0], names[-1]),
            ).fetchone()
        return int(found)
