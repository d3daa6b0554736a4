"""The journal's ports: the truth on disk, and its vectors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime
    from uuid import UUID

    import numpy as np
    from numpy.typing import NDArray

    from weavclip.domain.clip import Added, Clip, Draft, Stage
    from weavclip.domain.query import Filter, Space
    from weavclip.domain.vectors import Embedding, Embeddings, Picture


class Journal(Protocol):
    """The truth on disk. Every write is durable when the call returns, but what is found again.

    Several processes may have it open at once. Stages are kept per set of models (``model_id``:
    the id of a :class:`~weavclip.domain.models.ModelSet`, or of a model that works alone), raw
    vectors per model: sets that share a model share its vectors.
    """

    def add(self, draft: Draft) -> Added:
        """Keep a copy, or count it when an equal clip is there.

        Raises:
            DiskReserveError: If free space would fall under the reserve.
            JournalError: If it cannot be written.
        """
        ...

    def stands_last(self, draft: Draft) -> bool:
        """Whether ``draft`` is what was copied last, or may be what was forgotten then.

        So that what is on the clipboard when watching begins is not counted once more.
        """
        ...

    def check_writable(self) -> None:
        """Write a note, durably, to see whether a copy could be written.

        Raises:
            DiskReserveError: If free space is under the reserve.
            JournalError: If it cannot be written.
        """
        ...

    def get(self, clip_id: UUID) -> Clip:
        """The clip with this id, or the one it was merged into.

        Raises:
            UnknownClipError: If there is none.
        """
        ...

    def get_many(self, clip_ids: Sequence[UUID]) -> dict[UUID, Clip]:
        """Those that exist, by the id that was asked for; merged ids lead to their clip."""
        ...

    def resolve(self, prefix: str) -> UUID:
        """The id of the one clip that ``prefix`` names.

        Args:
            prefix: A whole id, the beginning of one, or its end of at least 4 hex digits as
                :meth:`short_ids` gives it; hyphens and letter case ignored.

        Raises:
            UnknownClipError: If none fits.
            AmbiguousIdError: If several do.
        """
        ...

    def short_ids(self, clip_ids: Sequence[UUID]) -> dict[UUID, str]:
        """For each id its shortest end, of at least 4 hex digits, that no other clip's id has.

        The end, not the beginning: ids begin with the time, which neighbours share.
        """
        ...

    def clips(
        self, *, where: Filter, limit: int | None = None, before: UUID | None = None
    ) -> Iterator[Clip]:
        """Clips that pass, the last copied first; ``before`` goes on after that clip."""
        ...

    def count(self, where: Filter | None = None) -> int:
        """How many clips pass; without a filter all, hidden ones too."""
        ...

    def representations(self, clip_id: UUID) -> dict[str, bytes]:
        """All that was kept of a clip, bytes by MIME type."""
        ...

    def text(self, clip_id: UUID) -> str:
        """The words that can be searched; empty for pictures."""
        ...

    def ocr_text(self, clip_id: UUID) -> str:
        """The words found in the picture; empty when there are none."""
        ...

    def thumbnail(self, clip_id: UUID) -> bytes | None:
        """A small JPEG of a picture, once it was embedded."""
        ...

    def pin(self, clip_id: UUID, *, pinned: bool) -> None:
        """Pin or unpin."""
        ...

    def read_in_picture(self, clip_id: UUID, ocr_text: str) -> None:
        """Store the words that were found in a picture, instead of those before.

        It goes into the indexes again, and what a text model made of its words is made anew.
        """
        ...

    def forget(self, clip_ids: Sequence[UUID]) -> int:
        """Remove clips, blobs, vectors and words, and note that the indexes must too.

        Returns:
            How many there were. Call :meth:`scrub` afterwards to have the bytes gone from disk.
        """
        ...

    def scrub(self) -> None:
        """Make forgotten bytes unreadable: FTS5 optimised, free pages and WAL overwritten."""
        ...

    def pending(
        self, model_id: str, stage: Stage, *, limit: int, now: datetime | None = None
    ) -> list[Clip]:
        """The oldest clips at ``stage`` for this model that are due, failed ones when due again.

        ``CAPTURED`` asks for those to embed (failed embeddings that are due included),
        ``EMBEDDED`` for those to index.
        """
        ...

    def embedded(
        self,
        clip_id: UUID,
        model_id: str,
        vectors: Mapping[Space, Embedding],
        *,
        picture: Picture | None = None,
    ) -> UUID:
        """Store raw vectors, those that the clip lacked; captured -> embedded.

        With ``picture`` its size, thumbnail and pixel digest are stored too. If an earlier clip
        has the same pixels, this one is merged into it.

        Returns:
            The id of the clip that stands for it now: the earlier one after a merge.
        """
        ...

    def embedded_many(
        self,
        batch: Sequence[tuple[UUID, Mapping[Space, Embedding], Picture | None]],
        model_id: str,
    ) -> dict[UUID, UUID]:
        """:meth:`embedded` for several clips, one fsync a file and one transaction in all.

        Returns:
            The id of the clip that stands for each now; those forgotten meanwhile are left out.
        """
        ...

    def indexed(self, clip_ids: Sequence[UUID], model_id: str) -> None:
        """Embedded -> indexed, for those that did not change since they were handed out."""
        ...

    def failed(
        self, clip_id: UUID, model_id: str, reason: str, *, retry_at: datetime | None
    ) -> None:
        """Note why a step failed and when to try again; never, with None.

        When it is due again it is pending at EMBEDDED if its vectors are stored, else at CAPTURED.
        """
        ...

    def tries(self, clip_id: UUID, model_id: str) -> int:
        """How often in a row the clip's next step has failed."""
        ...

    def reset(self, model_id: str, *, to: Stage) -> int:
        """Send every clip of this model back to ``to`` (CAPTURED or EMBEDDED); how many."""
        ...

    def stage_counts(self, model_id: str) -> dict[Stage, int]:
        """How many clips are at each stage for this model."""
        ...

    def failures(self, model_id: str, *, limit: int = 20) -> list[tuple[Clip, str]]:
        """Clips at FAILED, with the reason."""
        ...

    def vectors(self, clip_id: UUID, model_id: str) -> dict[Space, Embedding]:
        """The raw vectors of one clip."""
        ...

    def vectors_of(
        self, clip_ids: Sequence[UUID], model_id: str, space: Space
    ) -> dict[UUID, Embedding]:
        """The raw vectors of several clips in one space; those that have none are left out."""
        ...

    def spaces(self, clip_ids: Sequence[UUID], model_id: str) -> dict[UUID, frozenset[Space]]:
        """In which spaces clips have vectors by these models; those with none are left out."""
        ...

    def meta(self, key: str) -> str | None:
        """A note kept beside the clips, or None; ``journal_id`` is there from the start."""
        ...

    def set_meta(self, key: str, value: str) -> None:
        """Keep a note beside the clips."""
        ...

    def forgotten(self, model_id: str, *, limit: int) -> list[UUID]:
        """Ids that this model's index still has to delete."""
        ...

    def forgotten_done(self, clip_ids: Sequence[UUID], model_id: str) -> None:
        """The index has deleted these."""
        ...

    def index_words(self) -> int:
        """Index the words of the clips that are there now, so that no search has to; how many.

        Not needed for a right answer: a search does it where it was not done.
        """
        ...

    def collect(self) -> int:
        """Delete files that a crash left without a row; how many. For quiet moments."""
        ...


class VectorStore(Protocol):
    """The journal's raw vectors of one model and space, for the exact index."""

    def rows(self, model_id: str, space: Space) -> tuple[Sequence[UUID], Embeddings]:
        """All vectors of a space.

        Returns:
            The clips' ids, and a memory-mapped array of shape (n, dim), float32, read-only, in
            the same order. Rows without a clip have the id ``UUID(int=0)``.
        """
        ...

    def version(self, model_id: str) -> int:
        """A number that changes whenever :meth:`rows` would answer otherwise."""
        ...

    def admitted_rows(
        self, model_id: str, space: Space, where: Filter
    ) -> NDArray[np.int64] | None:
        """Which rows of a space have a clip that passes.

        Returns:
            Positions as in :meth:`rows`, ascending, shape (m,); None when the filter is empty and
            every clip does. Past those rows, too, when the journal has grown since.
        """
        ...
