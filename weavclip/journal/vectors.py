"""Raw vectors of every model as they are stored, and what embedding found out about pictures.

Whoever asks names a set of models (or a single one): each space's vectors are kept under the id
of the model that made them, so that sets which share a model share its vectors.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from weavclip.domain.models import ModelSet
from weavclip.domain.query import Space
from weavclip.journal.merging import Merge, merged_by_pixels
from weavclip.journal.models import (
    CAPTURED,
    maker,
    next_version,
    registered,
    stage_of,
)
from weavclip.journal.owners import space_of
from weavclip.journal.rows import batches, unknown
from weavclip.journal.vector_files import FLOAT_BYTES
from weavclip.journal.vector_reading import VectorReading

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping, Sequence

    from weavclip.domain.vectors import Embedding, Picture


class VectorTable(VectorReading):
    """Vectors: their rows in files, and whose they are in the database."""

    def embedded(
        self,
        clip_id: UUID,
        model_id: str,
        vectors: Mapping[Space, Embedding],
        *,
        picture: Picture | None = None,
    ) -> UUID:
        """Store raw vectors; captured -> embedded. See :meth:`embedded_many`.

        Returns:
            The id of the clip that stands for it now: the earlier one after a merge.

        Raises:
            UnknownClipError: If it was forgotten meanwhile.
        """
        found = self.embedded_many([(clip_id, vectors, picture)], model_id)
        if clip_id not in found:
            raise unknown(clip_id)
        return found[clip_id]

    def embedded_many(
        self,
        batch: Sequence[tuple[UUID, Mapping[Space, Embedding], Picture | None]],
        model_id: str,
    ) -> dict[UUID, UUID]:
        """Store a batch: one fsync a file and one transaction for all of it.

        Of each clip come the vectors that it lacks; those that are there stay.

        The rows are in their files, synced, before the database says whose they are. With a
        picture, its size, thumbnail and pixel digest are stored, and a clip of the same pixels
        is merged with the earlier one.

        Returns:
            The id of the clip that stands for each now; those forgotten meanwhile are left out.

        Raises:
            ValueError: If a vector's length is not that of the model's others.
            DiskReserveError: If free space would fall under the reserve.
        """
        self._require_space(sum(_size_bytes(*each[1:]) for each in batch))
        with self._db.writing() as connection:
            steps = registered(connection, model_id)
            kept, unused = _merged(connection, batch, steps)
            self._store(connection, ModelSet.parse(model_id), kept)
            connection.executemany(
                "UPDATE stages SET stage = 1, due_us = 0, tries = 0, reason = ''"
                " WHERE seq = ? AND model = ?",
                [(seq, steps) for seq in kept],
            )
            survivors = _survivors(connection, [clip_id for clip_id, _, _ in batch])
        if unused:
            self._remove_unused_blobs(unused)
        return survivors

    def keep_vectors(
        self, batch: Sequence[tuple[UUID, Mapping[Space, Embedding]]], model_id: str
    ) -> None:
        """Store vectors that come from elsewhere; no clip takes a step by it.

        Raises:
            ValueError: If a vector's length is not that of the model's others.
        """
        with self._db.writing() as connection:
            there = ((_seq_if_there(connection, clip_id), rows) for clip_id, rows in batch)
            kept = {seq: rows for seq, rows in there if seq is not None}
            self._store(connection, ModelSet(model_id), kept)

    def let_go_of_lost_vectors(self) -> int:
        """Have clips embedded again whose vectors' files were cut off or removed; how many.

        For the start of who makes vectors: no file is missing a row unless somebody took it.
        """
        with self._db.reading() as connection:
            if not self._cut_spaces(connection):
                return 0
        lost: set[int] = set()
        with self._db.writing() as connection:
            for model, model_id, space, dim, row_count, there in self._cut_spaces(connection):
                lost |= _let_go(connection, model, model_id, space=space, there=there)
                path = self._vector_folder.path(model, model_id, space)
                self._vector_folder.lengthen(path, row_count=row_count, dim=dim)
        return len(lost)

    def _cut_spaces(
        self, connection: sqlite3.Connection
    ) -> list[tuple[int, str, Space, int, int, int]]:
        """Spaces with fewer rows in their files than there were: with both numbers at the end."""
        spaces = connection.execute(
            "SELECT model, models.id, space, dim, row_count FROM spaces JOIN models USING (model)"
        ).fetchall()
        found = []
        for model, model_id, name, dim, row_count in spaces:
            path = self._vector_folder.path(model, model_id, Space(name))
            there = self._vector_folder.row_count(path, dim=dim)
            if there < row_count:
                found.append((model, model_id, Space(name), dim, row_count, there))
        return found

    def _store(
        self,
        connection: sqlite3.Connection,
        models: ModelSet,
        kept: Mapping[int, Mapping[Space, Embedding]],
    ) -> None:
        for space in Space:
            rows = {seq: vectors[space] for seq, vectors in kept.items() if space in vectors}
            if rows:
                model_id = models.of(space)
                model = maker(connection, model_id)
                self._check_dim(connection, model, model_id, space=space, rows=rows)
                self._write_rows(connection, model, model_id, space=space, rows=rows)

    def _check_dim(
        self,
        connection: sqlite3.Connection,
        model: int,
        model_id: str,
        *,
        space: Space,
        rows: Mapping[int, Embedding],
    ) -> None:
        lengths = {row.shape for row in rows.values()}
        connection.execute(
            "INSERT OR IGNORE INTO spaces (model, space, dim) VALUES (?, ?, ?)",
            (model, space, next(iter(lengths))[-1]),
        )
        dim, _ = space_of(connection, model, space)
        wrong = lengths - {(dim,)}
        if wrong:
            message = (
                f"vectors of {model_id} in space {space} have {dim} dims, got shape {wrong.pop()}"
            )
            raise ValueError(message)

    def _write_rows(
        self,
        connection: sqlite3.Connection,
        model: int,
        model_id: str,
        *,
        space: Space,
        rows: Mapping[int, Embedding],
    ) -> None:
        version = next_version(connection, model)
        positions = dict(
            zip(rows, _free_positions(connection, model, space, len(rows)), strict=True)
        )
        path = self._vector_folder.path(model, model_id, space)
        self._vector_folder.write(path, {positions[seq]: row for seq, row in rows.items()})
        # A row that is replaced is let go of, not overwritten: a crash would leave half of it.
        connection.executemany(
            "UPDATE vectors SET seq = NULL, is_blank = 0, version = ?"
            " WHERE seq = ? AND model = ? AND space = ?",
            [(version, seq, model, space) for seq in rows],
        )
        connection.executemany(
            "INSERT OR REPLACE INTO vectors (model, space, position, seq, version)"
            " VALUES (?, ?, ?, ?, ?)",
            [(model, space, position, seq, version) for seq, position in positions.items()],
        )
        connection.execute(
            "UPDATE spaces SET row_count = max(row_count, ?) WHERE model = ? AND space = ?",
            (max(positions.values()) + 1, model, space),
        )


def _let_go(
    connection: sqlite3.Connection, model: int, model_id: str, *, space: Space, there: int
) -> set[int]:
    """Let go of the rows from ``there`` on, and send their clips back; which these are."""
    rows = connection.execute(
        "SELECT seq FROM vectors"
        " WHERE model = ? AND space = ? AND position >= ? AND seq IS NOT NULL",
        (model, space, there),
    ).fetchall()
    connection.execute(
        "UPDATE vectors SET seq = NULL, is_blank = 1, version = ?"
        " WHERE model = ? AND space = ? AND position >= ?",
        (next_version(connection, model), model, space, there),
    )
    sets = connection.execute("SELECT model, id FROM models WHERE has_steps").fetchall()
    using = [number for number, set_id in sets if model_id in ModelSet.parse(set_id).names]
    connection.executemany(
        "UPDATE stages SET stage = 0, due_us = 0, tries = 0, reason = ''"
        " WHERE seq = ? AND model = ?",
        [(seq, number) for (seq,) in rows for number in using],
    )
    return {seq for (seq,) in rows}


def _size_bytes(vectors: Mapping[Space, Embedding], picture: Picture | None) -> int:
    thumbnail = len(picture.thumbnail) if picture else 0
    return thumbnail + sum(FLOAT_BYTES * row.size for row in vectors.values())


def _merged(
    connection: sqlite3.Connection,
    batch: Sequence[tuple[UUID, Mapping[Space, Embedding], Picture | None]],
    model: int,
) -> tuple[dict[int, Mapping[Space, Embedding]], list[str]]:
    """The vectors to store by clip, equal pixels merged, and blobs that may be unused now."""
    kept: dict[int, Mapping[Space, Embedding]] = {}
    unused: list[str] = []
    for clip_id, vectors, picture in batch:
        seq = _seq_if_there(connection, clip_id)
        if seq is None:
            continue
        merge = Merge(seq) if picture is None else merged_by_pixels(connection, seq, picture)
        unused += merge.blobs
        if merge.gone is not None:
            kept.pop(merge.gone, None)
        # An earlier clip that has its vectors keeps them.
        if merge.gone != seq or stage_of(connection, merge.kept, model) == CAPTURED:
            kept[merge.kept] = vectors
    return kept, unused


def _seq_if_there(connection: sqlite3.Connection, clip_id: UUID) -> int | None:
    """A clip's number; None when it was forgotten, or expires and so has no vectors."""
    found = connection.execute(
        "SELECT seq FROM names JOIN clips USING (seq) WHERE names.id = ? AND expires_us IS NULL",
        (clip_id.bytes,),
    ).fetchone()
    return None if found is None else int(found[0])


def _survivors(connection: sqlite3.Connection, clip_ids: Sequence[UUID]) -> dict[UUID, UUID]:
    found = {}
    for places, values in batches(clip_ids):
        for asked, clip_id in connection.execute(
            "SELECT names.id, clips.id FROM names JOIN clips USING (seq)"  # noqa: S608
            f" WHERE names.id IN ({places})",
            values,
        ):
            found[UUID(bytes=asked)] = UUID(bytes=clip_id)
    return found


def _free_positions(
    connection: sqlite3.Connection, model: int, space: Space, wanted: int
) -> list[int]:
    free = connection.execute(
        "SELECT position FROM vectors INDEXED BY vectors_free"
        " WHERE model = ? AND space = ? AND seq IS NULL LIMIT ?",
        (model, space, wanted),
    ).fetchall()
    _, row_count = space_of(connection, model, space)
    new = range(row_count, row_count + wanted - len(free))
    return [*(position for (position,) in free), *new]
