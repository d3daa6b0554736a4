"""The ports in which rooms meet: each names what one room offers and another needs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime
    from uuid import UUID

    import numpy as np
    from numpy.typing import NDArray

    from weavclip.domain.clip import Added, Clip, Draft, Offer, Stage
    from weavclip.domain.query import Answer, Filter, Match, Query, Space
    from weavclip.domain.vectors import Embedding, Embeddings, Entry, ModelCard, Picture

JOURNAL_HOME = "journal"


class StopSignal(Protocol):
    """Something that says when to end; ``threading.Event`` is one."""

    def is_set(self) -> bool:
        """Whether it is time to end."""
        ...

    def wait(self, timeout: float | None = None) -> bool:
        """Wait up to ``timeout`` seconds; whether it is time to end."""
        ...


class ClipboardSource(Protocol):
    """Where copies come from."""

    @property
    def name(self) -> str:
        """Such as ``x11``, as doctor and the log say it."""
        ...

    def watch(self, stop: StopSignal) -> Iterator[Offer]:
        """Yield every copy, the present one first; ends within 1 s of ``stop``.

        Where copies are told by event, each that is made after the call has returned is seen.

        Raises:
            NoClipboardError: If there is no clipboard to watch, or it went away.
        """
        ...


class ClipboardWriter(Protocol):
    """Puts a clip back on the clipboard."""

    def put(self, representations: Mapping[str, bytes], *, clip_id: UUID) -> None:
        """Own the selection until somebody else does, also after this process has ended.

        Returns once the selection is really owned.

        Args:
            representations: Bytes by MIME type, all of which are offered.
            clip_id: Offered too, as a marker, so that the watcher takes the copy for our own.

        Raises:
            ClipboardError: If the selection could not be taken.
        """
        ...


class Gate(Protocol):
    """Decides, before anything is written, whether a copy may be kept."""

    @property
    def unread_types(self) -> frozenset[str]:
        """Types whose presence in an offer forbids reading any content."""
        ...

    def refusal(self, offer: Offer) -> str | None:
        """Why ``offer`` may not be kept, without a word of its content; None when it may."""
        ...


class Journal(Protocol):
    """The truth on disk. Every write is durable when the call returns.

    Several processes may have it open at once. Stages and vectors are kept per model id.
    """

    def add(self, draft: Draft) -> Added:
        """Keep a copy, or count it when an equal clip is there.

        Raises:
            DiskReserveError: If free space would fall under the reserve.
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
        """How many clips pass."""
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

    def label(self, clip_id: UUID, labels: Sequence[str]) -> None:
        """Replace a clip's labels."""
        ...

    def read_in_picture(self, clip_id: UUID, ocr_text: str) -> None:
        """Store the words that were found in a picture, instead of those before."""
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
        """Store raw vectors; captured -> embedded.

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

    def changes(self) -> int:
        """A number that differs from the last one when any process wrote; cheap to ask."""
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


class WordStore(Protocol):
    """The journal's words, for the exact index and for exact strings."""

    def match_words(self, words: str, *, limit: int, where: Filter) -> list[Match]:
        """BM25 over text and OCR text; any of the words, best first; value is BM25 >= 0."""
        ...

    def containing(self, phrase: str, *, limit: int, where: Filter) -> list[UUID]:
        """Clips whose text contains ``phrase``, letter case ignored, the last copied first."""
        ...

    def admitted(self, where: Filter) -> frozenset[UUID] | None:
        """Ids that pass; None when the filter is empty and every clip does."""
        ...


class ImageEmbedder(Protocol):
    """A picture tower."""

    @property
    def card(self) -> ModelCard:
        """What is known of the model."""
        ...

    @property
    def provider(self) -> str:
        """What really runs it, such as ``CPU`` or ``CUDA``; empty while nothing is loaded."""
        ...

    def embed_images(self, squares: Sequence[NDArray[np.uint8]]) -> Embeddings:
        """Embed decoded pictures.

        Args:
            squares: Each of shape (resolution, resolution, 3), uint8, RGB (``Picture.square``).

        Returns:
            Shape (n, dim), float32, L2 norm 1; (0, dim) for none.
        """
        ...


class TextEmbedder(Protocol):
    """A text tower."""

    @property
    def card(self) -> ModelCard:
        """What is known of the model."""
        ...

    def embed_texts(self, texts: Sequence[str]) -> Embeddings:
        """Embed texts of any length.

        Returns:
            Shape (n, dim), float32, L2 norm 1; (0, dim) for none.
        """
        ...


class Embedder(ImageEmbedder, TextEmbedder, Protocol):
    """Both towers of one model. Each loads on its first use."""

    def close(self) -> None:
        """Give the models' memory back."""
        ...


class PictureDecoder(Protocol):
    """Decodes what may be hostile, where it can take nothing with it."""

    def decode(self, encoded: bytes, *, size_px: int) -> Picture:
        """Decode one picture.

        Args:
            encoded: The file's bytes, of any format that is known.
            size_px: Side of the square that the model takes.

        Raises:
            PictureError: If it is damaged, of no known format, over a limit, or took too long.
        """
        ...

    def decode_many(
        self, encoded: Iterable[bytes], *, size_px: int
    ) -> Iterator[Picture | Exception]:
        """Decode several side by side, in order; a PictureError stands for one that failed."""
        ...

    def close(self) -> None:
        """End the children."""
        ...


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


class Searcher(Protocol):
    """Answers a question: in this process, or by the engine."""

    def run(self, query: Query) -> Answer:
        """Find the clips that fit, best first.

        Raises:
            QueryError: If there is nothing to ask with.
            UnknownClipError: If ``query.like`` names no clip.
        """
        ...
