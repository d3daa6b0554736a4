"""What a reader of a history yields, and what all readers keep to."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from weavclip.domain.clip import Offer
from weavclip.domain.errors import ArchiveError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

MOST_CONTENT_BYTES = 256 * 1024 * 1024
"""Of one item's content in one type; a length over it is a lie or a mistake."""

MOST_TYPES = 1000
"""Of one item."""

SECRET = "x-kde-passwordManagerHint"  # noqa: S105 - a type's name
"""The type that marks a secret for every part of weavclip that looks at offers."""

_WHICH = "docs/archive.md says which file to name; what comes through a pipe goes to '-'"
_STEP = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One entry of a history.

    Attributes:
        offer: As if it were copied now, with the time at which it was, as far as that is known.
        again_at: When it was last copied, where that is known and another time.
        pinned: Whether it was marked as one that is to stay.
    """

    offer: Offer
    again_at: datetime | None = None
    pinned: bool = field(default=False)


def offer_of(
    contents: Mapping[str, bytes],
    *,
    at: datetime,
    source_app: str = "",
    hints: tuple[str, ...] = (),
) -> Offer:
    """An offer of these contents; where a type is a hint, what it says counts, not its bytes."""
    return Offer(types=(*contents, *hints), representations=contents, at=at, source_app=source_app)


def time_of(path: Path, *, place: int) -> datetime:
    """A time for the entry at ``place`` from the newest, in a history that keeps none.

    The file's own, less a millisecond a place: the order stays, and the same file gives the same
    times again.
    """
    return datetime.fromtimestamp(path.stat().st_mtime, UTC) - place * _STEP


@contextmanager
def faults(path: Path, what: str, *errors: type[Exception]) -> Iterator[None]:
    """Say of whatever goes wrong in the block that the file is damaged, without a word of it.

    Args:
        path: Of the file.
        what: It should be, such as ``CopyQ's export``.
        errors: What may be raised, besides OSError.

    Raises:
        ArchiveError: For each of them.
    """
    try:
        yield
    except OSError as error:
        message = f"{path} cannot be read: {error.strerror or type(error).__name__}"
        raise ArchiveError(message, hint=_WHICH) from error
    except errors as error:
        message = f"{path} is damaged, or no {what} ({type(error).__name__})"
        raise ArchiveError(message) from None
