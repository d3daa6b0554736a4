"""What a set of models makes of a clip: the vectors that it lacks, and no others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from weavclip.domain.clip import Kind
from weavclip.domain.models import ModelSet
from weavclip.domain.query import Space

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from weavclip.domain.clip import Clip
    from weavclip.domain.ports import Embedder, SentenceEmbedder
    from weavclip.domain.vectors import Embedding, Embeddings, Picture

Seen = TypeVar("Seen")


@dataclass(frozen=True, slots=True)
class Lacking:
    """A clip, and what is to be made of it.

    Attributes:
        clip: The clip.
        spaces: In which spaces it lacks a vector.
        words: Its text, or the words that were found in the picture.
        picture: Its decoding, where a picture is embedded.
    """

    clip: Clip
    spaces: frozenset[Space]
    words: str = ""
    picture: Picture | None = None


class Models:
    """CLIP, and a text model where one is in use: they make the vectors of one line."""

    def __init__(self, clip: Embedder, text: SentenceEmbedder | None = None) -> None:
        """Keep both; each loads on its first use."""
        self.clip, self.text = clip, text
        self.ids = ModelSet(clip.card.id, text.card.id if text else "")

    def wanted(self, kind: Kind, words: str) -> frozenset[Space]:
        """The spaces in which a clip of this kind with these words has a vector."""
        own = Space.IMAGE if kind is Kind.IMAGE else Space.TEXT
        return frozenset({own, Space.SENTENCE} if self.text and words.strip() else {own})

    def embed(self, clips: Sequence[Lacking]) -> list[dict[Space, Embedding]]:
        """The vectors that each lacks, in order; a picture among copied files comes with them.

        Raises:
            ModelError: If a model fails at one of them.
        """
        made: list[dict[Space, Embedding]] = [{} for _ in clips]
        squares = [(at, each.picture.square) for at, each in enumerate(clips) if each.picture]
        _put(made, Space.IMAGE, squares, self.clip.embed_images)
        _put(made, Space.TEXT, _words(clips, Space.TEXT), self.clip.embed_texts)
        if self.text is not None:
            _put(made, Space.SENTENCE, _words(clips, Space.SENTENCE), self.text.embed_texts)
        return made

    def close(self) -> None:
        """Give the models' memory back."""
        self.clip.close()
        if self.text is not None:
            self.text.close()


def _words(clips: Sequence[Lacking], space: Space) -> list[tuple[int, str]]:
    """The words of those that lack a vector in a space, with their places."""
    return [(at, each.words) for at, each in enumerate(clips) if space in each.spaces]


def _put(
    made: list[dict[Space, Embedding]],
    space: Space,
    seen: Iterable[tuple[int, Seen]],
    embed: Callable[[Sequence[Seen]], Embeddings],
) -> None:
    """Embed what was seen at some places, and put the vectors there."""
    placed = list(seen)
    if placed:
        for (at, _), vector in zip(placed, embed([each for _, each in placed]), strict=True):
            made[at][space] = vector
