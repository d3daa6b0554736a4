"""The journal's port for words in pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from weavclip.domain.stores import Journal

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from weavclip.domain.clip import Clip
    from weavclip.domain.seen import Box, Seen


class SeenJournal(Journal, Protocol):
    """A journal that knows which pictures were read. An expiring one never is."""

    def unread(self, *, limit: int, now: datetime | None = None) -> list[Clip]:
        """The oldest pictures that are to be read, failed ones when due again."""
        ...

    def count_unread(self) -> int:
        """How many are still to be read, those that failed for good left out."""
        ...

    def seen_in_picture(self, clip_id: UUID, seen: Seen) -> None:
        """Store what was read, instead of what was read before; words go into the indexes."""
        ...

    def boxes(self, clip_id: UUID) -> tuple[Box, ...]:
        """Where each word of ``ocr_text`` is, in its order; none when that is not known."""
        ...

    def unreadable(self, clip_id: UUID, reason: str, *, retry_at: datetime | None) -> None:
        """Note why a picture could not be read, and when to try again; never, with None."""
        ...

    def reading_tries(self, clip_id: UUID) -> int:
        """How often in a row reading a picture has failed."""
        ...

    def reading_failures(self, *, limit: int = 20) -> list[tuple[Clip, str]]:
        """Pictures that could not be read, with the reason, the oldest first."""
        ...
