"""Telling a new copy from one that is offered again for a program that has left.

A compositor or a clipboard manager keeps what a program offered and offers it in its place once
that program ends or clears the clipboard: in one type (Mutter) or a few, and without the hints
that the program gave. So a password that was marked as such comes again, 1 ms after its mark is
gone (Mutter 43, natively and through Xwayland), and a text is counted as copied twice.
"""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from weavclip.clipboard.formats import MARKER

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from weavclip.clipboard.rules import Contents

# From an owner's end to the next: measured 1 ms; a clipboard manager is a process of its own.
_SOON_S = 1.0
_MUTTERS_NAMES = {"UTF8_STRING": "text/plain;charset=utf-8", "STRING": "text/plain"}
UNREAD = "its content was not read: it may stand in for a copy that was not to be read"


class Memory:
    """What one selection's last copy was: the names of its types, and digests."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Remember nothing yet.

        Args:
            clock: Monotonic seconds.
        """
        self._clock = clock
        self._left_at: float | None = None
        self._was_unread: bool | None = None
        self._types = frozenset[str]()
        self._digests: dict[str, bytes] = {}

    def leave(self) -> None:
        """The owner ended, or cleared the clipboard."""
        self._left_at = self._clock()

    def has_left(self) -> bool:
        """Whether that was just before the copy that comes now; asked once of each copy."""
        left_at, self._left_at = self._left_at, None
        return left_at is not None and self._clock() - left_at < _SOON_S

    def stands_in(self, copy: Successor) -> bool:
        """Whether a copy may be offered for a program that has left."""
        is_one = _is_kept_by_mutter(copy.types) and _named(copy.types) <= _named(self._types)
        return copy.has_left or (copy.may_have_left and is_one)

    def forbids(self, copy: Successor) -> bool:
        """Whether it must not be read: the last one was a secret, or weavclip's own.

        Of the first copy that is not known: what may have been either is taken for it.
        """
        if self._was_unread is None:
            is_text = not any(each.startswith("image/") for each in copy.types)
            return copy.may_have_left and is_text and _is_kept_by_mutter(copy.types)
        return self._was_unread and self.stands_in(copy)

    def repeats(self, copy: Successor, contents: Contents) -> bool:
        """Whether it stands in for the last copy, and all that it has was in that one.

        Of one that was replaced before it could be read its types say so.
        """
        found = _digests(contents.representations)
        if found:
            return found.items() <= self._digests.items() and self.stands_in(copy)
        if not contents.problems or UNREAD in contents.problems:
            return False
        if not copy.types:
            return copy.has_left and copy.may_have_left
        return _named(copy.types) <= _named(self._types) and self.stands_in(copy)

    def keep(self, contents: Contents, *, unread_types: Collection[str]) -> None:
        """Remember a copy.

        Args:
            contents: What was read of it.
            unread_types: Types that forbid reading.
        """
        is_secret = any(each in unread_types for each in contents.types)
        # One of ours says so by its type, too, where its owner left before it could be asked.
        is_unread_of_ours = MARKER in contents.types and not contents.representations
        self._was_unread = is_secret or is_unread_of_ours or contents.own_id is not None
        self._types = frozenset(contents.types)
        self._digests = _digests(contents.representations)


@dataclass(frozen=True, slots=True, kw_only=True)
class Successor:
    """A copy that comes after another one.

    Attributes:
        types: That it has.
        has_left: The other one's owner left just before.
        may_have_left: It may have, without being told: a Wayland compositor owns what it passes
            on to an X server itself, again and again; and nobody was there before the start.
    """

    types: tuple[str, ...]
    has_left: bool
    may_have_left: bool = False


def _is_kept_by_mutter(types: Collection[str]) -> bool:
    """Mutter keeps a picture or a plain text, in one type (meta-clipboard-manager.c)."""
    offered = {each for each in types if "/" in each}
    return len(offered) == 1 and all(each.startswith(("image/", "text/plain")) for each in offered)


def _named(types: Collection[str]) -> set[str]:
    """MIME types, X11's names for texts as Mutter translates them; other names are not content."""
    found = {_MUTTERS_NAMES.get(each, each) for each in types}
    return {each for each in found if "/" in each}


def _digests(representations: Mapping[str, bytes]) -> dict[str, bytes]:
    return {
        name: hashlib.blake2b(content, digest_size=16).digest()
        for name, content in representations.items()
    }
