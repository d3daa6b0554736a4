"""Telling a new copy from one that is offered again for a program that has left.

A compositor or a clipboard manager keeps what a program offered and offers it in its place once
that program ends or clears the clipboard: in one type (Mutter) or a few, and without the hints
that the program gave. So a password that was marked as such comes again, 1 ms after its mark is
gone (Mutter 43, natively and through Xwayland), and a text is counted as copied twice.
"""

from __future__ import annotations

import hashlib
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from weavclip.clipboard.rules import Contents

# From an owner's end to the next: measured 1 ms; a clipboard manager is a process of its own.
_SOON_S = 1.0
UNREAD = "its content was not read: it stands in for a copy that was not to be read"


class Memory:
    """What one selection's last copy was, in digests."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Remember nothing yet.

        Args:
            clock: Monotonic seconds.
        """
        self._clock = clock
        self._left_at: float | None = None
        self._was_unread = False
        self._digests: dict[str, bytes] = {}

    def leave(self) -> None:
        """The owner ended, or cleared the clipboard."""
        self._left_at = self._clock()

    def succeeds(self) -> bool:
        """Whether a copy that comes now may stand in for one whose owner has just left."""
        left_at, self._left_at = self._left_at, None
        return left_at is not None and self._clock() - left_at < _SOON_S

    def was_unread(self) -> bool:
        """Whether the last copy was not to be read: marked as a secret, or weavclip's own."""
        return self._was_unread

    def repeats(self, contents: Contents) -> bool:
        """Whether everything in ``contents`` was in the last copy, byte by byte."""
        found = _digests(contents.representations)
        return bool(found) and found.items() <= self._digests.items()

    def keep(self, contents: Contents, *, unread_types: Collection[str]) -> None:
        """Remember a copy.

        Args:
            contents: What was read of it.
            unread_types: Types that forbid reading.
        """
        is_marked = any(each in unread_types for each in contents.types)
        is_own = contents.own_id is not None
        self._was_unread = is_marked or is_own or UNREAD in contents.problems
        self._digests = _digests(contents.representations)


def _digests(representations: Mapping[str, bytes]) -> dict[str, bytes]:
    return {
        name: hashlib.blake2b(content, digest_size=16).digest()
        for name, content in representations.items()
    }
