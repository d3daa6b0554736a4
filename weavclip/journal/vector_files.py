"""Raw vectors as rows of float32 in one file a model and space, read through a memory map."""

from __future__ import annotations

import os
import re
import shutil
from typing import TYPE_CHECKING

from weavclip.journal.blobs import WRITING, make_private_folder, sync_folder, write_all
from weavclip.journal.database import PRIVATE_FILE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from weavclip.domain.query import Space
    from weavclip.domain.vectors import Embedding, Embeddings

FLOAT_BYTES = 4


class VectorFolder:
    """The files of all models. Which rows count is for the database to say."""

    def __init__(self, root: Path) -> None:
        """Keep files below ``root``, which is made with the first one."""
        self._root = root

    def path(self, model: int, model_id: str, space: Space) -> Path:
        """The file of one space; any model id gives a safe name."""
        return self.folder(model, model_id) / f"{space}.f32"

    def folder(self, model: int, model_id: str) -> Path:
        """The folder of one model's files."""
        # The number keeps apart the ids that read the same once cleaned.
        cleaned = re.sub(r"[^A-Za-z0-9-]+", "-", model_id)[:40]
        return self._root / f"{model}-{cleaned}"

    def remove_all_but(self, folders: Iterable[Path]) -> None:
        """Delete the other models' files; who has one mapped can still read it."""
        wanted = set(folders)
        if self._root.is_dir():
            for folder in self._root.glob("*/"):
                if folder not in wanted:
                    shutil.rmtree(folder)
            sync_folder(self._root)

    def write(self, path: Path, rows: Mapping[int, Embedding]) -> None:
        """Write rows at their positions; durable, the file's name too, when this returns.

        Args:
            path: From :meth:`path`.
            rows: Vectors of shape (dim,), float32, all of one dim, by position.
        """
        import numpy as np

        content = {at: np.ascontiguousarray(row, np.float32).tobytes() for at, row in rows.items()}
        self._write(path, content)

    def blank(self, path: Path, positions: Iterable[int], *, dim: int) -> None:
        """Overwrite rows with zeros, durably."""
        if path.exists():
            self._write(path, dict.fromkeys(positions, bytes(dim * FLOAT_BYTES)))

    def _write(self, path: Path, rows: Mapping[int, bytes]) -> None:
        is_new = not path.exists()
        if is_new:
            make_private_folder(self._root)
            make_private_folder(path.parent)
        handle = os.open(path, WRITING, PRIVATE_FILE)
        try:
            for position, content in rows.items():
                os.lseek(handle, position * len(content), os.SEEK_SET)
                write_all(handle, content)
            os.fsync(handle)
        finally:
            os.close(handle)
        if is_new:
            sync_folder(path.parent)

    def read(self, path: Path, position: int, *, dim: int) -> Embedding:
        """One row, shape (dim,), float32."""
        import numpy as np

        return np.fromfile(path, np.float32, count=dim, offset=position * dim * FLOAT_BYTES)

    def mapped(self, path: Path, *, row_count: int, dim: int) -> Embeddings:
        """The first rows, shape (row_count, dim), float32, read-only and memory-mapped."""
        import numpy as np

        if not row_count:
            return np.empty((0, dim), np.float32)
        return np.memmap(path, np.float32, mode="r", shape=(row_count, dim))

    def row_count(self, path: Path, *, dim: int) -> int:
        """How many whole rows a file has."""
        return path.stat().st_size // (dim * FLOAT_BYTES) if path.exists() else 0

    def lengthen(self, path: Path, *, row_count: int, dim: int) -> None:
        """Make a file as long as it should be, with zeros; durable when this returns."""
        make_private_folder(self._root)
        make_private_folder(path.parent)
        handle = os.open(path, WRITING, PRIVATE_FILE)
        try:
            os.ftruncate(handle, row_count * dim * FLOAT_BYTES)
            os.fsync(handle)
        finally:
            os.close(handle)
        sync_folder(path.parent)

    def cut(self, path: Path, *, row_count: int, dim: int) -> None:
        """Drop what a crash left behind the last row."""
        wanted = row_count * dim * FLOAT_BYTES
        if path.exists() and path.stat().st_size > wanted:
            os.truncate(path, wanted)
