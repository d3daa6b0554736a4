"""The ports in which rooms meet: each names what one room offers and another needs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from uuid import UUID

    import numpy as np
    from numpy.typing import NDArray

    from weavclip.domain.clip import Draft, Offer, Ruling
    from weavclip.domain.query import Answer, Query
    from weavclip.domain.seen import Greys, Pixels, Seen
    from weavclip.domain.vectors import Embeddings, ModelCard, Picture


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

        Each comes as soon as it is whole, a small one before a large one that was made before it:
        their times say in which order they were made.

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


class Paster(Protocol):
    """Pastes what is on the clipboard into the window that has the focus."""

    def paste(self) -> str:
        """Press the keys; which they were, as a person reads it, such as ``Ctrl+V``.

        Raises:
            PasteError: If this session lets no program press keys, saying what to do instead.
            NoClipboardError: If there is no session.
        """
        ...


class Gate(Protocol):
    """Decides by where a copy comes from, before anything is written, whether it may be kept."""

    @property
    def unread_types(self) -> frozenset[str]:
        """Types whose presence in an offer forbids reading any content."""
        ...

    def refusal(self, offer: Offer) -> str | None:
        """Why ``offer`` may not be kept, without a word of its content; None when it may."""
        ...


class Inspector(Protocol):
    """Decides by what a copy holds, after the gate and before anything is written."""

    def ruling(self, draft: Draft, texts: Iterable[str]) -> Ruling:
        """Whether ``draft`` may be kept, and for how long.

        Args:
            draft: What the copy is.
            texts: Every text that its representations hold; may be read once.
        """
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
    """A text tower, or a text model. It loads on its first use."""

    @property
    def card(self) -> ModelCard:
        """What is known of the model."""
        ...

    @property
    def provider(self) -> str:
        """What really runs it, such as ``CPU`` or ``CUDA``; empty while nothing is loaded."""
        ...

    def embed_texts(self, texts: Sequence[str]) -> Embeddings:
        """Embed texts of any length.

        Returns:
            Shape (n, dim), float32, L2 norm 1; (0, dim) for none.
        """
        ...

    def close(self) -> None:
        """Give the model's memory back."""
        ...


class SentenceEmbedder(TextEmbedder, Protocol):
    """A text model beside CLIP. Some of them read questions in another way than answers."""

    def embed_questions(self, texts: Sequence[str]) -> Embeddings:
        """Embed texts that ask, as :meth:`embed_texts` does those that may answer."""
        ...


class Embedder(ImageEmbedder, TextEmbedder, Protocol):
    """Both towers of one model. Each loads on its first use."""


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

    def whole(self, encoded: bytes) -> Pixels:
        """All pixels of one picture, averaged down where they are over 24 million.

        Raises:
            PictureError: As for :meth:`decode`.
        """
        ...

    def greys(self, encoded: bytes) -> Greys:
        """One picture in small, as it is compared.

        Raises:
            PictureError: As for :meth:`decode`.
        """
        ...

    def close(self) -> None:
        """End the children."""
        ...


class WordReader(Protocol):
    """Reads the words and codes that are in pictures. Starts at its first picture."""

    def read(self, pixels: Pixels) -> Seen:
        """Everything that is written in one picture.

        Raises:
            PictureError: If it cannot be read within the limits.
            ModelError: If what reads cannot be started.
        """
        ...

    def close(self) -> None:
        """Give all memory back; the next picture starts it again."""
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
