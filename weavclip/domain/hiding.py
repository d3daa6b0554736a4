"""Pictures that are kept out of what is shown, by words that describe them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from weavclip.domain.stores import Journal, VectorStore

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from weavclip.domain.query import Space
    from weavclip.domain.vectors import Embedding, Embeddings

THRESHOLD = 0.5
"""Least probability of a picture that is hidden, where nothing else is said."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Hiding:
    """What a person wants hidden.

    Attributes:
        words: They describe the pictures.
        threshold: Least probability in [0, 1] by the model at which a picture is hidden.
        model_id: Of the model that looked at the pictures.
        version: Of that model's vectors, up to which it has.
        prompt: The words' raw vector by that model, shape (dim,).
        clips: How many are hidden by it.
    """

    words: str = field(repr=False)
    threshold: float
    model_id: str
    version: int
    prompt: Embedding = field(repr=False)
    clips: int = 0


class HidingJournal(Journal, VectorStore, Protocol):
    """A journal that hides clips. What is hidden leaves the indexes, and comes back."""

    def hidings(self) -> list[Hiding]:
        """Everything that a person wants hidden, by its words."""
        ...

    def hide(
        self, hiding: Hiding, clip_ids: Sequence[UUID], *, instead_of: Hiding | None = None
    ) -> None:
        """Keep what is wanted, with the clips that it hides now, instead of the same words'.

        A picture that the same words hid and that has no vector of ``hiding.model_id`` up to
        ``hiding.version`` was not looked at: it stays hidden.

        Args:
            hiding: What is wanted.
            clip_ids: What it hides.
            instead_of: What it was made of; nothing is done if that was taken back or changed
                meanwhile.
        """
        ...

    def hide_more(
        self, hiding: Hiding, clip_ids: Sequence[UUID], *, looked_at: Sequence[UUID]
    ) -> None:
        """Have the same words hide some clips, and note that pictures up to a version were seen.

        Nothing is done if the words were taken back meanwhile.

        Args:
            hiding: What is wanted.
            clip_ids: Those that it hides.
            looked_at: Out of these: the words hide none of the others any more.
        """
        ...

    def unhide(self, words: str) -> int | None:
        """Take words back; how many clips are shown again by that. None if they hid nothing."""
        ...

    def show_in_spite(self, words: str, clip_ids: Sequence[UUID]) -> int | None:
        """Let words hide these clips no more, whoever looks at them.

        Returns:
            How many are shown again by that; None if the words hide nothing.

        Raises:
            UnknownClipError: If a clip is gone.
        """
        ...

    def vectors_since(
        self, model_id: str, space: Space, version: int
    ) -> tuple[Sequence[UUID], Embeddings, int]:
        """Vectors that came after a version of a model's.

        Returns:
            Clips, their raw vectors of shape (n, dim) in that order, and the version now.
        """
        ...
