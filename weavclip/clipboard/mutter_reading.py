"""Reading one copy through Mutter: each wanted type after the other, by a session of its own.

Nothing waits: the watch hands on what is answered and readable, so a slow, hung or dying owner
costs its own copy and no other.
"""

from __future__ import annotations

import os
import time
from collections import deque
from typing import TYPE_CHECKING
from uuid import UUID

from weavclip.clipboard.formats import MARKER, Wanted, normalised, wanted
from weavclip.clipboard.pipes import Incoming
from weavclip.clipboard.rules import Contents

if TYPE_CHECKING:
    from collections.abc import Iterable

    from weavclip.clipboard.mutter_bus import Bus
    from weavclip.clipboard.mutter_events import Handed
    from weavclip.clipboard.rules import Rules

_SUPERSEDED = "was superseded by a newer copy"
_LEFT = "was cut short: its owner ended"
_MARKER_BYTES = 64
# What fits a pipe is written in one go: an owner that ended after it did not cut it short.
_ONE_WRITE_BYTES = 64 * 1024
# Mutter lets go of a pipe that was closed early a few milliseconds later.
_BUSY_PAUSE_S = 0.01


class Reading:
    """One copy that is being read.

    Attributes:
        contents: What came of it; None while it goes on.
    """

    def __init__(self, bus: Bus, session: str, types: tuple[str, ...], rules: Rules) -> None:
        """Ask the owner for the first of what is to be read.

        Args:
            bus: Where the copy is offered.
            session: Reads nothing else until this is over.
            types: That the copy has.
            rules: What the reading obeys.
        """
        self._bus = bus
        self._rules = rules
        self._types = types
        self.session = session
        self.contents: Contents | None = None
        self._end_reason = ""
        self._has_left = False
        self._found: dict[str, bytes] = {}
        self._unsure: list[str] = []  # Mutter passes content on: a pipe ends when it dies, too
        self._problems: list[str] = []
        self._asked: Wanted | None = None
        self._call, self._answer_by = 0, 0.0
        self._ask_again_at: float | None = None
        self._incoming: Incoming | None = None
        self._left = deque[Wanted]()
        if rules.unread_types.isdisjoint(types):
            self._left.extend(wanted(types))
            if MARKER in types and not rules.reads_own:
                self._left.appendleft(Wanted(MARKER, MARKER))
        self.advance()

    def pipe(self) -> Incoming | None:
        """What is to be waited for, once the owner was asked."""
        return self._incoming

    @property
    def size(self) -> int:
        """Bytes that have come."""
        coming = self._incoming.size if self._incoming else 0
        return coming + sum(len(each) for each in self._found.values())

    @property
    def deadline(self) -> float:
        """When :meth:`expire` has something to do, in monotonic seconds."""
        if self._incoming:
            return self._incoming.deadline
        return self._ask_again_at or self._answer_by

    def handed(self, event: Handed) -> bool:
        """Take an answer; whether it was to this reading.

        Mutter reads of who owns the clipboard when it is asked. A change that was told before
        the answer may have been before the asking, too: what comes may be the newer copy's.
        """
        if event.call != self._call:
            return False
        self._call = 0
        self._unsure.clear()  # it lives, so that what ended before was whole
        now = time.monotonic()
        if self._asked is None:
            self._end()
        elif event.is_busy and not self._end_reason and now < self._answer_by:
            self._ask_again_at = now + _BUSY_PAUSE_S
        elif event.descriptor < 0:
            self._skip(self._end_reason or "was refused by its owner")
        elif self._end_reason:
            os.close(event.descriptor)
            self._skip(self._end_reason)
        else:
            os.set_blocking(event.descriptor, False)
            self._incoming = Incoming(
                event.descriptor,
                most_bytes=self._most_bytes(),
                timeout_s=self._rules.read_timeout_s,
            )
        self.advance()
        return True

    def advance(self) -> None:
        """Go on after the pipe was read or has expired."""
        if self._incoming and self._incoming.is_over:
            self._take(self._incoming)
        while not (self.contents or self._call or self._incoming or self._ask_again_at):
            self._ask_for_next()

    def expire(self) -> None:
        """Wait no longer for an owner that had its time."""
        if self._incoming:
            self._incoming.expire()
        elif self._ask_again_at and self._asked:
            self._ask_again_at = None
            self._call = self._bus.ask(self.session, self._asked.native)
        elif self._call and self._answer_by <= time.monotonic():
            self._call = 0  # a late answer is nobody's: the watch closes its pipe
            if self._asked is None:
                self._end()
            self._skip(f"was not answered within {self._rules.read_timeout_s} s")
        self.advance()

    def supersede(self, *, has_left: bool) -> None:
        """Another copy was made, or the owner ended. A pipe that is there still brings its own."""
        self._end_reason = self._end_reason or (_LEFT if has_left else _SUPERSEDED)
        self._has_left |= has_left
        if (self._call or self._ask_again_at) and self._asked:
            self._call, self._ask_again_at = 0, None
            self._skip(self._end_reason)
        self.advance()

    def give_up(self, problem: str) -> None:
        """Take no more of what is still coming, and end."""
        self._end_reason = problem
        self._call, self._ask_again_at = 0, None
        self._drop(self._unsure, problem)
        self._unsure.clear()
        if self._incoming:
            self._incoming.close(problem)
        elif self._asked:
            self._skip(problem)
        self.advance()

    def _ask_for_next(self) -> None:
        self._asked = self._left.popleft() if self._left else None
        if self._asked and self._end_reason:
            self._skip(self._end_reason)
        elif self._asked:
            self._call = self._bus.ask(self.session, self._asked.native)
        elif self._unsure:
            # Had its owner or Mutter itself ended, that is told before the answer.
            self._call = self._bus.sync()
        else:
            self._end()
        self._answer_by = time.monotonic() + self._rules.read_timeout_s

    def _take(self, incoming: Incoming) -> None:
        self._incoming = None
        asked = self._asked
        assert asked
        if incoming.is_too_long:
            self._problems.append(self._rules.limits.problem(asked.mime_type))
        elif incoming.problem:
            self._skip(incoming.problem)
        elif not incoming.size:
            self._skip(self._end_reason or "is empty, or was refused by its owner")
        elif asked.native == MARKER:
            own_id = _uuid(incoming.content())
            if own_id:
                self._end(own_id)
        else:
            self._found[asked.mime_type] = normalised(asked.native, incoming.content())
            self._unsure.append(asked.mime_type)

    def _skip(self, problem: str) -> None:
        if self._asked and self._asked.native != MARKER:
            self._problems.append(f"{self._asked.mime_type} {problem}")

    def _end(self, own_id: UUID | None = None) -> None:
        self._left.clear()
        if self._has_left:
            self._drop_what_was_cut()
        self.contents = Contents(
            types=self._types,
            representations=self._found,
            problems=tuple(self._problems),
            own_id=own_id,
        )

    def _drop_what_was_cut(self) -> None:
        long = [name for name, each in self._found.items() if len(each) > _ONE_WRITE_BYTES]
        self._drop(long, _LEFT)

    def _drop(self, names: Iterable[str], problem: str) -> None:
        for name in names:
            del self._found[name]
            self._problems.append(f"{name} {problem}")

    def _most_bytes(self) -> int:
        assert self._asked
        if self._asked.native == MARKER:
            return _MARKER_BYTES
        return self._rules.limits.most(self._asked.mime_type)


def _uuid(content: bytes) -> UUID | None:
    """The clip that the marker names; None when it names none."""
    try:
        return UUID(content.decode("ascii"))
    except ValueError:
        return None
