"""The port of the index, which finds clips by vector and by words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from weavclip.domain.query import Filter, Match, Space
    from weavclip.domain.vectors import Embedding, Entry

JOURNAL_HOME = "journal"


class Index(Protocol):
    """Finds clips by vector and by words. Holds one model's spaces."""

    @property
    def name(self) -> str:
        """As a person reads it, such as ``Weaviate 1.39.0`` or ``exact``."""
        ...

    @property
    def home(self) -> str:
        """Where its entries are kept, such as server and collection: another home is empty.

        :data:`JOURNAL_HOME` for an index that reads the journal itself, and so never lags.
        """
        ...

    @property
    def is_current(self) -> bool:
        """Whether what is written to was complete once, so that it may answer."""
        ...

    def upsert(self, entries: Sequence[Entry]) -> None:
        """Store or replace entries; a batch is not atomic.

        Raises:
            PartialWriteError: If some were refused; the others are stored.
            IndexUnavailableError: If it cannot be reached.
            ValueError: If a vector's length is not the model's.
        """
        ...

    def nearest(self, space: Space, query: Embedding, *, limit: int, where: Filter) -> list[Match]:
        """Clips whose vector in ``space`` is nearest by cosine, nearest first.

        Args:
            space: Which vectors to look at.
            query: Shape (dim,), float32, norm 1, mean already out.
            limit: Most matches, 1 to 1,000.
            where: Which clips may answer.
        """
        ...

    def matching(self, words: str, *, limit: int, where: Filter) -> list[Match]:
        """Clips with any of the words in text or OCR text, by BM25, best first."""
        ...

    def delete(self, clip_ids: Sequence[UUID]) -> int:
        """Remove clips; how many were there. Unknown ids are no error."""
        ...

    def count(self) -> int:
        """How many clips it holds."""
        ...

    def begin_anew(self) -> None:
        """Write into a fresh store from now on; the old one answers until :meth:`complete`."""
        ...

    def complete(self) -> None:
        """Everything is in: answer from what was written, and drop what it stands in for."""
        ...

    def close(self) -> None:
        """Give connections and memory back."""
        ...
