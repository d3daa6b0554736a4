"""Which pictures are the same but for size and encoding."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from weavclip.domain.alike import Likeness
from weavclip.domain.seen import COARSE_PX, FINE_PX

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from uuid import UUID

    from numpy.typing import NDArray

    from weavclip.domain.seen import Greys

Name = TypeVar("Name")

NEARLY_EQUAL = 0.97
"""Least correlation of two pictures in 32 x 32 grey values.

Of 564 pieces of real pictures that are found again in another size and quality the least has
0.970, one in a hundred less than 0.987. Alone it is not enough: so have screenshots of one program
with different dialogs (0.99), and pages of one layout with different words (0.97).
"""
MOST_APART = 14.0
"""Of 255, between a grey value in 96 x 96 and the nearest of the other picture's nine around.

Of 49 pairs of different pictures that correlate that well it is 16 at least. Of 292 pictures all
are found as JPEG of quality 60, 0.99 at 1.5 of their size, 0.95 at half of it, as JPEG or not
(``scripts/bench alike``). One with 1 % of its edges cut off is mostly another one (23 in the
middle).
"""
SMALL_PX = 192
"""A picture with a shorter side is compared in 48 x 48: it has no more details than that."""
NEARLY_AS_WIDE = 0.03
"""Largest difference of the logarithms of width by height."""
OUTLINE = 64
"""Numbers of an outline: the coarsest waves of a picture, and how much is left beside them."""
MOST_STANDING = 1_000
"""Looks of one group that are held to find what is like them."""
_ROUNDED = 0.005
"""By how much an outline's 16-bit numbers may lower a product at the most."""
_LEAST_CONTRAST = 2.0
"""Standard deviation of the grey values, of 255, under which a picture shows nothing."""


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """A picture in small.

    Attributes:
        likeness: What it is found by.
        coarse: Shape (1024,), float32, mean 0 and norm 1: the product of two is their
            correlation.
        fine: Shape (96, 96), float32, grey values of 255.
        short_px: The shorter side of the picture itself.
    """

    likeness: Likeness
    coarse: NDArray[np.float32] = field(repr=False)
    fine: NDArray[np.float32] = field(repr=False)
    short_px: int


def look_of(small: Greys, *, width_px: int, height_px: int) -> Look | None:
    """What a picture looks like.

    Args:
        small: Its thumbnail's grey values.
        width_px: Of the picture itself.
        height_px: Likewise.

    Returns:
        None for a picture of one colour, which is like nothing.
    """
    coarse = np.frombuffer(small.coarse, np.uint8).astype(np.float32)
    coarse -= coarse.mean()
    if coarse.std() < _LEAST_CONTRAST:
        return None
    coarse /= np.linalg.norm(coarse)
    outline = _outline(coarse).astype("<f2").tobytes()
    return Look(
        Likeness(shape=width_px / height_px, outline=outline),
        coarse,
        np.frombuffer(small.fine, np.uint8).astype(np.float32).reshape(FINE_PX, FINE_PX),
        min(width_px, height_px),
    )


def are_nearly_equal(one: Look, other: Look) -> bool:
    """Whether two pictures show the same, also in their details.

    A grey value may be any of the nine around its place in the other picture, since another size
    moves edges by a part of a pixel.
    """
    return (
        abs(np.log(one.likeness.shape / other.likeness.shape)) <= NEARLY_AS_WIDE
        and float(one.coarse @ other.coarse) >= NEARLY_EQUAL
        and _details_apart(one, other) <= MOST_APART
    )


def groups(looks: Iterable[tuple[Name, Look]]) -> list[tuple[Name, tuple[Name, ...]]]:
    """Pictures that are nearly equal to one that stands for them.

    Args:
        looks: In the order in which they would be kept: the first of a group stands for it. Only
            looks that stand for themselves are held, 1,000 at the most (40 MB): what comes after
            so many and is like none of them is compared with no other.

    Returns:
        What stands for each group, and those that are nearly equal to that one: never by way of
        a third, so that whoever keeps the first loses nothing.
    """
    standing: list[tuple[Name, Look, list[Name]]] = []
    for name, look in looks:
        same = (behind for _, first, behind in standing if are_nearly_equal(first, look))
        behind = next(same, None)
        if behind is not None:
            behind.append(name)
        elif len(standing) < MOST_STANDING:
            standing.append((name, look, []))
    return [(first, tuple(behind)) for first, _, behind in standing if behind]


class Album:
    """The pictures that stand for themselves, so that those are found that a new one may equal.

    100,000 of them take 26 MB.
    """

    def __init__(self, ids: Sequence[UUID], shapes: Sequence[float], outlines: bytes) -> None:
        """Take what the journal keeps of each."""
        self._ids = list(ids)
        rows = np.frombuffer(outlines, "<f2").reshape(-1, OUTLINE)
        self._rows = _roomy(rows, len(rows))
        self._logs = _roomy(np.log(np.array(shapes, np.float32)), len(rows))

    def add(self, clip_id: UUID, found: Likeness) -> None:
        """Take in one more."""
        place = len(self._ids)
        if place == len(self._rows):
            self._rows = _roomy(self._rows, 2 * place)
            self._logs = _roomy(self._logs, 2 * place)
        self._rows[place] = np.frombuffer(found.outline, "<f2")
        self._logs[place] = np.log(found.shape)
        self._ids.append(clip_id)

    def candidates(self, found: Likeness, *, limit: int) -> list[UUID]:
        """Those that may be nearly equal to a picture, the likeliest first.

        Only these can be: a product of outlines is an upper bound of the correlation. What the
        coarsest waves leave of two pictures has a product of its lengths at the most.
        """
        count = len(self._ids)
        outline = np.frombuffer(found.outline, "<f2").astype(np.float32)
        bounds = self._rows[:count] @ outline
        bounds[np.abs(self._logs[:count] - np.log(found.shape)) > NEARLY_AS_WIDE] = -1.0
        near = np.flatnonzero(bounds >= NEARLY_EQUAL - _ROUNDED)
        ordered = near[np.argsort(-bounds[near], kind="stable")][:limit]
        return [self._ids[place] for place in ordered.tolist()]


def _details_apart(one: Look, other: Look) -> float:
    fine, other_fine = one.fine, other.fine
    if min(one.short_px, other.short_px) < SMALL_PX:
        fine, other_fine = _halved(fine), _halved(other_fine)
    return max(_apart(fine, other_fine), _apart(other_fine, fine))


def _halved(fine: NDArray[np.float32]) -> NDArray[np.float32]:
    side = len(fine) // 2
    return np.asarray(fine.reshape(side, 2, side, 2).mean(axis=(1, 3)))


def _apart(fine: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    """How far a value is from what is around its place in the other picture, at the most."""
    wide = np.pad(other, 1, mode="edge")
    over = fine - _around(wide, np.maximum)
    under = _around(wide, np.minimum) - fine
    return float(max(over.max(), under.max()))


def _around(wide: NDArray[np.float32], most: np.ufunc) -> NDArray[np.float32]:
    """The most of the nine values around each place: of three rows, then of three columns."""
    rows = most(most(wide[:-2], wide[1:-1]), wide[2:])
    return np.asarray(most(most(rows[:, :-2], rows[:, 1:-1]), rows[:, 2:]))


def _outline(coarse: NDArray[np.float32]) -> NDArray[np.float32]:
    """Shape (64,): the coarsest waves of a picture, and the length of what they leave."""
    low = coarse @ _waves()
    return np.append(low, np.sqrt(max(0.0, 1.0 - float(low @ low)))).astype(np.float32)


@cache
def _waves() -> NDArray[np.float32]:
    """The coarsest 63 of the cosine transform's waves without the constant one: (1024, 63)."""
    places, counts = np.arange(COARSE_PX) + 0.5, np.arange(COARSE_PX)[:, None]
    each = np.sqrt(2 / COARSE_PX) * np.cos(np.pi * places * counts / COARSE_PX)
    each[0] /= np.sqrt(2)
    both = sorted((down + across, down, across) for down in counts.flat for across in counts.flat)
    coarse = both[1:OUTLINE]
    waves = [np.outer(each[down], each[across]).ravel() for _, down, across in coarse]
    return np.stack(waves, axis=1).astype(np.float32)


def _roomy(rows: NDArray[np.floating], room: int) -> NDArray[np.float32]:
    """A copy with room for so many rows, and some more."""
    found = np.zeros((max(room, 64), *rows.shape[1:]), np.float32)
    found[: len(rows)] = rows
    return found
