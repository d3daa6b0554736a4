"""Clips that are nearly equal: one stands for all of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from weavclip.domain.stores import Journal

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from weavclip.domain.clip import Clip
    from weavclip.domain.query import Filter


@dataclass(frozen=True, slots=True, kw_only=True)
class Likeness:
    """What a picture is found by.

    Attributes:
        shape: Width by height.
        outline: 64 numbers, float16 in little-endian bytes: the product of two pictures' is never
            under the correlation of their grey values, but for rounding.
    """

    shape: float
    outline: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """What came of comparing a clip with those before it.

    Attributes:
        id: The clip's.
        like: What stands for it; itself when it is like none before it.
        marks: Of a text that stands for itself: 64-bit numbers, signed, at least one of which a
            nearly equal text has, too.
        likeness: Of a picture that stands for itself; None for one that shows nothing.
    """

    id: UUID
    like: UUID
    marks: tuple[int, ...] = field(default=(), repr=False)
    likeness: Likeness | None = None


class AlikeStore(Protocol):
    """Tells which clips are nearly equal, without comparing anything."""

    def stand_ins(self, clip_ids: Sequence[UUID]) -> dict[UUID, UUID]:
        """For each clip that exists the one that stands for it and all that are like that one.

        Clips with the same answer are nearly equal to what it names. One that is like none, or
        was not compared yet, stands for itself.
        """
        ...

    def alike(self, clip_id: UUID) -> list[Clip]:
        """Other clips that the same one stands for, the last copied first.

        Raises:
            UnknownClipError: If there is no such clip.
        """
        ...

    def groups(self, where: Filter) -> list[list[Clip]]:
        """Clips that pass, two or more that one stands for, whether or not that one passes."""
        ...


class AlikeJournal(AlikeStore, Journal, Protocol):
    """A journal that notes which clips are nearly equal. An expiring one is compared with none."""

    def uncompared(self, *, limit: int) -> list[Clip]:
        """The oldest clips that are to be compared: texts at once, pictures once embedded.

        When what stands for a clip is forgotten, the clip is to be compared again.
        """
        ...

    def count_uncompared(self) -> int:
        """How many :meth:`uncompared` has in all."""
        ...

    def compared(self, found: Sequence[Compared]) -> None:
        """Store what was found, in one transaction.

        Clips that are gone are left out; one whose stand-in is gone is compared again.
        """
        ...

    def marked(self, marks: Sequence[int], *, limit: int) -> list[UUID]:
        """Texts that stand for themselves and have any of the marks, most of them first."""
        ...

    def outlines(self) -> tuple[Sequence[UUID], Sequence[float], bytes]:
        """Of all pictures that stand for themselves: ids, shapes, and outlines in one piece."""
        ...
