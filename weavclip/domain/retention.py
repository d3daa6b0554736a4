"""What is kept for how long: the person's limits, and what a journal says and does about them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Keep:
    """How much is kept. What goes is always the oldest by ``last_copied_at``, never a pinned clip.

    Attributes:
        days: Clips that were not copied for longer go; 0 for never.
        clips: Over so many clips the oldest go; 0 for no limit.
        size_bytes: Over so much content the oldest go; 0 for no limit. Content is what was
            captured, all types of it; what weavclip made of it (thumbnails, vectors, the index
            of words) is not counted.
    """

    days: float = 0.0
    clips: int = 0
    size_bytes: int = 0

    def __bool__(self) -> bool:
        """Whether anything is ever to go."""
        return bool(self.days or self.clips or self.size_bytes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Surplus:
    """What is over the limits now.

    Attributes:
        clips: How many go next.
        size_bytes: Of their content.
        total: Clips in all, without those that expire.
        why: The limit that asks for most of it: ``over 365 days``; empty when nothing goes.
        until: The last of them, as the journal orders clips by time; None when nothing goes.
    """

    clips: int = 0
    size_bytes: int = 0
    total: int = 0
    why: str = ""
    until: tuple[int, bytes] | None = None

    def __bool__(self) -> bool:
        """Whether anything goes."""
        return bool(self.clips)


class TidyJournal(Protocol):
    """A journal that lets go of clips by itself, a little at a time."""

    def surplus(self, keep: Keep) -> Surplus:
        """What is over the limits now; it costs a look at the time index."""
        ...

    def trim(self, surplus: Surplus, *, limit: int, within_s: float) -> int:
        """Remove some of it, the oldest first, in one transaction; how many.

        Clips that were copied or pinned since stay.

        Args:
            surplus: From :meth:`surplus`.
            limit: Most clips.
            within_s: The transaction ends after so many seconds: other writers wait for it.
        """
        ...

    def tidying(self, *, within_s: float) -> Iterator[None]:
        """Give the freed space back, one transaction of so many seconds a step."""
        ...

    def next_expiry(self) -> datetime | None:
        """When the next clip is to be forgotten by itself; None when none is."""
        ...

    def sweep(self) -> int:
        """Forget those whose time has come, content and all; how many."""
        ...

    def forget_expiring(self) -> int:
        """Forget every expiring clip before its time; how many."""
        ...

    def when_expiring(self, tell: Callable[[], None]) -> None:
        """Have ``tell`` called, from any thread, when this object kept an expiring clip."""
        ...

    def scrub_if_due(self) -> bool:
        """Scrub where something was forgotten and not yet; whether it was needed."""
        ...

    def collect(self) -> int:
        """Delete files that a crash left without a row; how many."""
        ...
