"""Reading one offer of a Wayland selection: each wanted type through a pipe of its own.

Nothing waits: the watch hands on what is readable, so a slow, hung or dying owner costs its
own copy and no other.

A pipe's end does not say whether all has come. When the last one has ended the compositor is
asked for a sign; what it told before it answers shows whether the offer was replaced before its
owner could be asked (the pipe is then empty), or its owner ended while it was still writing. An
owner's end may be told too late for that, so pictures must also have their end.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING
from uuid import UUID

from weavclip.clipboard.endings import is_torn
from weavclip.clipboard.formats import MARKER, normalised, wanted
from weavclip.clipboard.pipes import Incoming
from weavclip.clipboard.rules import Contents

if TYPE_CHECKING:
    from weavclip.clipboard.formats import Wanted
    from weavclip.clipboard.rules import Rules
    from weavclip.clipboard.wayland_display import Display

_MARKER_BYTES = 64
# What fits a pipe is written in one go: an owner that ended after it did not cut it short.
_ONE_WRITE_BYTES = 64 * 1024


class Reading:
    """One offer that is being read; ``contents`` are there once it is over.

    Attributes:
        contents: What came of it; None while it goes on.
    """

    def __init__(
        self, display: Display, offer: int, types: tuple[str, ...] | None, rules: Rules
    ) -> None:
        """Ask the owner for what is to be read.

        Args:
            display: Where the offer is from.
            offer: Selected now.
            types: That it has; None when there are more than anybody means.
            rules: What the reading obeys.
        """
        self._display = display
        self._offer = offer
        self._rules = rules
        self._types = types or ()
        self._marker: Incoming | None = None
        self._incoming: dict[Wanted, Incoming] = {}
        self._sync = 0
        self._sync_deadline = 0.0
        self._is_superseded = self._has_left = False
        self.contents: Contents | None = None
        self._begin(is_bounded=types is not None)

    def pipes(self) -> list[Incoming]:
        """What is still to come, to wait for."""
        every = [*self._incoming.values(), *([self._marker] if self._marker else [])]
        return [each for each in every if not each.is_over]

    @property
    def size(self) -> int:
        """Bytes that have come."""
        return sum(each.size for each in self._incoming.values())

    @property
    def deadline(self) -> float:
        """Until when to wait, on the monotonic clock."""
        return min((each.deadline for each in self.pipes()), default=self._sync_deadline)

    def expire(self) -> None:
        """Take no more of what has had its time."""
        if self._sync and self._sync_deadline <= time.monotonic():
            self.give_up("")
        for each in self.pipes():
            each.expire()

    def advance(self) -> None:
        """Go on after pipes were read or have expired."""
        if self.contents or self._sync or self.pipes():
            return
        if self._marker:
            own_id = _uuid(self._marker)
            self._marker = None
            if own_id:
                self._end(own_id=own_id)
            else:
                self._ask_for_content()
        else:
            self._sync = self._display.sync()
            self._sync_deadline = time.monotonic() + self._rules.read_timeout_s

    def answered(self, sync: int) -> None:
        """The compositor has told everything up to ``sync``."""
        if sync == self._sync and not self.contents:
            self._end()

    def supersede(self) -> None:
        """Another copy was made. What its owner was asked for already still comes."""
        self._is_superseded = True

    def leave(self) -> None:
        """The owner ended, or took the copy back."""
        self._has_left = True

    def give_up(self, problem: str) -> None:
        """End now: what is still coming was not read, and what came may not be all."""
        self._has_left = True
        for each in self.pipes():
            each.close(problem)
        if not self.contents:
            self._end()

    def _begin(self, *, is_bounded: bool) -> None:
        if not is_bounded:
            self.contents = Contents(problems=("the list of types is too long to be looked at",))
        elif not self._rules.unread_types.isdisjoint(self._types):
            self._end()
        elif MARKER in self._types and not self._rules.reads_own:
            self._marker = self._asked(MARKER, _MARKER_BYTES)
        else:
            self._ask_for_content()

    def _ask_for_content(self) -> None:
        chosen = wanted(self._types)
        if not chosen:
            self._end()
        for each in chosen:
            most_bytes = self._rules.limits.most(each.mime_type)
            self._incoming[each] = self._asked(each.native, most_bytes)

    def _asked(self, name: str, most_bytes: int) -> Incoming:
        descriptor = self._display.receive(self._offer, name)
        timeout_s = self._rules.read_timeout_s
        return Incoming(descriptor, most_bytes=most_bytes, timeout_s=timeout_s)

    def _end(self, *, own_id: UUID | None = None) -> None:
        found: dict[str, bytes] = {}
        problems = []
        for each, incoming in self._incoming.items():
            problem = self._problem(each, incoming)
            if problem:
                problems.append(problem)
            else:
                found[each.mime_type] = normalised(each.native, incoming.content())
        self._incoming.clear()
        self.contents = Contents(
            types=self._types, representations=found, problems=tuple(problems), own_id=own_id
        )

    def _problem(self, asked: Wanted, incoming: Incoming) -> str:
        """Why there is no content of a type; empty when there is."""
        if incoming.is_too_long:
            return self._rules.limits.problem(asked.mime_type)
        why = incoming.problem or self._doubt(asked, incoming)
        return f"{asked.mime_type} {why}" if why else ""

    def _doubt(self, asked: Wanted, incoming: Incoming) -> str:
        """Why a pipe that ended by itself did not bring everything; empty when it did."""
        if self._has_left and not 0 < incoming.size <= _ONE_WRITE_BYTES:
            return "was cut short: its owner ended"
        if not incoming.size:
            return "was superseded by a newer copy" if self._is_superseded else "came empty"
        is_picture = asked.mime_type.startswith("image/")
        return "was cut short" if is_picture and is_torn(incoming.content()) else ""


def _uuid(marker: Incoming) -> UUID | None:
    """The clip that the marker names; None when it names none."""
    try:
        return UUID(marker.content().decode("ascii"))
    except ValueError:
        return None
