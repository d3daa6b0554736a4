"""Which models work together."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from weavclip.domain.query import Space

if TYPE_CHECKING:
    from typing import Self

_BESIDE = "+"
"""Between the two ids of a set's own; no model's id has it."""


class ModelKind(StrEnum):
    """What a model reads."""

    CLIP = "clip"
    SENTENCE = "sentence"


@dataclass(frozen=True, slots=True)
class ModelSet:
    """CLIP, and a text model beside it where one is in use: what a *line* stands for.

    Steps and indexes go by the set's id; vectors by the id of the model that made them, so that
    sets which share a model share its vectors.

    Attributes:
        clip: Id of the model of pictures and texts; empty for none at all.
        text: Id of the text model; empty for none.
    """

    clip: str
    text: str = ""

    @classmethod
    def parse(cls, set_id: str) -> Self:
        """The set that an id stands for.

        >>> ModelSet.parse("ViT-B-16+all-MiniLM-L6-v2").text
        'all-MiniLM-L6-v2'
        """
        clip, _, text = set_id.partition(_BESIDE)
        return cls(clip, text)

    @property
    def id(self) -> str:
        """Its id: the model's own where there is one only; empty without CLIP.

        >>> ModelSet("ViT-B-16", "all-MiniLM-L6-v2").id
        'ViT-B-16+all-MiniLM-L6-v2'
        >>> ModelSet("", "all-MiniLM-L6-v2").id
        ''
        """
        return _BESIDE.join(self.names) if self.clip else ""

    @property
    def names(self) -> tuple[str, ...]:
        """The ids of its models, CLIP's first."""
        return (self.clip, self.text) if self.text else (self.clip,)

    def of(self, space: Space) -> str:
        """The id of the model that makes a space's vectors; that of a single one for every space.

        >>> ModelSet("ViT-B-16", "all-MiniLM-L6-v2").of(Space.IMAGE)
        'ViT-B-16'
        """
        return self.text if space is Space.SENTENCE and self.text else self.clip

    def __str__(self) -> str:
        """As a person reads it."""
        return " and ".join(self.names)
