"""The exact index: every vector of the journal is compared, and its words are FTS5's.

It is the reference for recall, and what answers where no Weaviate does.
"""

from __future__ import annotations

import mmap
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from uuid import UUID

from weavclip.domain.index import JOURNAL_HOME
from weavclip.domain.query import Match, Space

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from weavclip.domain.query import Filter
    from weavclip.domain.stores import VectorStore
    from weavclip.domain.vectors import Embedding, Embeddings, Entry
    from weavclip.domain.words import WordStore

_NOBODY = UUID(int=0)
_BLOCK_ROWS = 512  # 1 MB of 512 floats, which stays in the cache: 12 ms for 60,000, 60 by 8,192
_SPARSE = 4  # rows are picked one by one when fewer than one of four is wanted
_LEAST_LENGTH = 1e-6


@dataclass(frozen=True, slots=True)
class _Known:
    """One space as it was at a version.

    Attributes:
        version: The vector store's.
        ids: Whose each row is.
        rows: Raw vectors, shape (n, dim), memory-mapped.
        lengths: Of each row once its modality's mean is out, shape (n,), float32; 0 where the row
            has no clip.
    """

    version: int
    ids: Sequence[UUID] = field(repr=False)
    rows: Embeddings = field(repr=False)
    lengths: NDArray[np.float32] = field(repr=False)


class ExactIndex:
    """Compares a query with all raw vectors of the journal, the means taken out on the way.

    With q of length 1 and its mean out, v raw and m the mean of v's modality:
    ``cos(v - m, q) = (v . q - m . q) / |v - m|``; only the lengths are kept, 4 bytes a row. What
    is in the journal is in this index, so nothing is written or deleted here.
    """

    def __init__(
        self,
        vectors: VectorStore,
        words: WordStore,
        *,
        model_id: str,
        means: Mapping[Space, Embedding],
    ) -> None:
        """Be handed the journal; nothing is read yet.

        Args:
            vectors: The journal's raw vectors.
            words: The journal's words.
            model_id: Of the models whose vectors they are; empty for none.
            means: What is taken out of each space's vectors; nothing where a space is absent.
        """
        self._vectors, self._words = vectors, words
        self._model_id = model_id
        self._means = dict(means)
        self._known: dict[Space, _Known] = {}
        self._locks = {space: threading.Lock() for space in Space}

    @property
    def name(self) -> str:
        """What a person reads."""
        return "exact"

    @property
    def home(self) -> str:
        """The journal itself."""
        return JOURNAL_HOME

    @property
    def is_current(self) -> bool:
        """Always: the journal is never behind itself."""
        return True

    def upsert(self, entries: Sequence[Entry]) -> None:
        """Do nothing: what was embedded is in the journal already."""

    def delete(self, clip_ids: Sequence[UUID]) -> int:
        """Count those that are still in the journal; it is the journal that forgets."""
        asked = set(clip_ids)
        return len(asked & self._present())

    def begin_anew(self) -> None:
        """Do nothing: there is one journal."""

    def complete(self) -> None:
        """Do nothing: it always is."""

    def count(self) -> int:
        """How many clips have a vector."""
        return len(self._present())

    def nearest(self, space: Space, query: Embedding, *, limit: int, where: Filter) -> list[Match]:
        """Clips whose vector in ``space`` is nearest by cosine; exact to about 1e-6."""
        import numpy as np

        known = self._current(space)
        if known.rows.shape[0] == 0:
            return []
        admitted = self._vectors.admitted_rows(self._model_id, space, where)
        at, cosines = _cosines(known, query, mean=self._means.get(space), admitted=admitted)
        if limit < len(at):
            nearest = np.argpartition(-cosines, limit - 1)[:limit]
            at, cosines = at[nearest], cosines[nearest]
        order = np.lexsort((at, -cosines))
        distances = np.clip(1.0 - cosines[order], 0.0, 2.0)
        return [
            Match(known.ids[row], float(distance))
            for row, distance in zip(at[order].tolist(), distances.tolist(), strict=True)
        ]

    def matching(self, words: str, *, limit: int, where: Filter) -> list[Match]:
        """Clips with any of the words in text or OCR text, by BM25, best first."""
        return self._words.match_words(words, limit=limit, where=where)

    def close(self) -> None:
        """Let go of the maps and the lengths."""
        self._known.clear()

    def _present(self) -> set[UUID]:
        spaces = (self._current(space) for space in Space)
        return {each for known in spaces for each in known.ids} - {_NOBODY}

    def _current(self, space: Space) -> _Known:
        with self._locks[space]:
            version = self._vectors.version(self._model_id)
            known = self._known.get(space)
            if known is None or known.version != version:
                known = self._read(space, version, before=known)
                self._known[space] = known
            return known

    def _read(self, space: Space, version: int, *, before: _Known | None) -> _Known:
        """Read a space anew; only rows that changed hands are measured again."""
        import numpy as np

        ids, rows = self._vectors.rows(self._model_id, space)
        lengths = np.zeros(len(ids), np.float32)
        same = 0
        if before is not None:
            same = min(len(before.ids), len(ids))
            lengths[:same] = before.lengths[:same]
        changed = [
            row
            for row, clip_id in enumerate(ids)
            if row >= same or before is None or clip_id != before.ids[row]
        ]
        for start in range(0, len(changed), _BLOCK_ROWS):
            block = changed[start : start + _BLOCK_ROWS]
            lengths[block] = self._lengths(space, rows[block])
        lengths[[row for row in changed if ids[row] == _NOBODY]] = 0.0
        _let_go(rows)
        return _Known(version, ids, rows, lengths)

    def _lengths(self, space: Space, rows: Embeddings) -> NDArray[np.float32]:
        import numpy as np

        mean = self._means.get(space)
        centred = rows if mean is None else rows - mean
        length: NDArray[np.float32] = np.linalg.norm(centred, axis=1)
        # A row that is its modality's mean points nowhere; it must not divide by nothing.
        return np.maximum(length, np.float32(_LEAST_LENGTH))


def _cosines(
    known: _Known,
    query: Embedding,
    *,
    mean: Embedding | None,
    admitted: NDArray[np.int64] | None,
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Cosines of the rows that may answer.

    Returns:
        Their positions, ascending, and cosines, each of shape (m,).
    """
    import numpy as np

    if admitted is None:
        at = np.flatnonzero(known.lengths)
    else:
        # The store may have grown since it was read.
        inside = admitted[: np.searchsorted(admitted, len(known.lengths))]
        at = inside[known.lengths[inside] > 0]
    products = _products(known.rows, at, query)
    _let_go(known.rows)
    offset = np.float32(0.0) if mean is None else np.dot(mean, query)
    return at, (products - offset) / known.lengths[at]


def _products(rows: Embeddings, at: NDArray[np.int64], query: Embedding) -> NDArray[np.float32]:
    """Inner products with the rows at ascending positions ``at``, a block at a time."""
    import numpy as np

    found = np.empty(len(at), np.float32)
    if len(at) * _SPARSE < len(rows):
        for start in range(0, len(at), _BLOCK_ROWS):
            part = slice(start, start + _BLOCK_ROWS)
            found[part] = rows[at[part]] @ query
        return found
    for first in range(0, len(rows), _BLOCK_ROWS):
        start, end = np.searchsorted(at, (first, first + _BLOCK_ROWS))
        found[start:end] = (rows[first : first + _BLOCK_ROWS] @ query)[at[start:end] - first]
    return found


def _let_go(rows: Embeddings) -> None:
    """Give the pages that were read back; they stay in the system's cache."""
    base: object = rows
    while base is not None and not isinstance(base, mmap.mmap):
        base = getattr(base, "base", None)
    if isinstance(base, mmap.mmap) and hasattr(mmap, "MADV_DONTNEED"):
        base.madvise(mmap.MADV_DONTNEED)
