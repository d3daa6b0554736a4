"""Following GNOME's clipboard by event, several copies at a time."""

from __future__ import annotations

import logging
import os
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from weavclip.clipboard.mutter_bus import InhibitedError
from weavclip.clipboard.mutter_events import Changed, Closed, Handed, Unlocked
from weavclip.clipboard.mutter_reading import Reading
from weavclip.clipboard.reowned import UNREAD, Memory, Successor
from weavclip.clipboard.rules import Contents
from weavclip.clipboard.watching import Watching, now

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from weavclip.clipboard.mutter_bus import Bus
    from weavclip.clipboard.mutter_events import Event
    from weavclip.clipboard.pipes import Incoming
    from weavclip.clipboard.rules import Rules

logger = logging.getLogger(__name__)

# Copies that may be read at once, each by a session; the oldest gives way to a fourth. All are
# opened before anything is read: Mutter may be waiting for a pipe of ours to be read on, and a
# call to it would wait for Mutter.
_SEATS = 3
# A spreadsheet offers about 40. What is not looked at may be the hint that forbids reading.
_MOST_TYPES = 4_096
# GNOME Shell ends every session when the screen is locked, and may take a moment to unlock.
_LOCKED_PAUSE_S, _UNLOCKED_PAUSE_S = 10.0, 1.0


@dataclass(slots=True, kw_only=True, eq=False)
class _Capture:
    """One copy that is being read."""

    reading: Reading
    successor: Successor
    at: datetime
    on_start: bool

    @property
    def deadline(self) -> float:
        """Until when to wait for it, in monotonic seconds."""
        return self.reading.deadline

    @property
    def size(self) -> int:
        """Bytes that it holds."""
        return self.reading.size


class Watch(Watching[_Capture]):
    """Events of GNOME's clipboard in, offers out."""

    def __init__(self, bus: Bus, rules: Rules) -> None:
        """Ask to be told of changes.

        Args:
            bus: Open; used by this loop alone.
            rules: What every read obeys.

        Raises:
            NoClipboardError: If Mutter gives no access, or went away.
        """
        super().__init__(bus, rules)
        self._bus = bus
        self._memory = Memory()
        self._open_at: float | None = None  # when a locked clipboard is tried again
        self._listening, self._free = "", list[str]()
        self._present: list[Event] = []
        self._open()

    def _open(self) -> None:
        """Follow the clipboard; its present content is told at once."""
        self._free = [self._bus.open_session() for _ in range(_SEATS)]
        self._listening, self._open_at = self._free[0], None
        self._present = self._bus.events()

    def _pipes(self) -> list[Incoming]:
        return [pipe for each in self._captures if (pipe := each.reading.pipe())]

    def _took(self) -> None:
        self._make_room()
        self._advance()

    def _alarms(self) -> list[float]:
        return [] if self._open_at is None else [self._open_at]

    def _dispatch(self) -> bool:
        present, self._present = self._present, []
        self._take(present, on_start=True)
        events = self._bus.events()
        self._take(events, on_start=False)
        self._advance()
        return bool(events or present)

    def _take(self, events: Sequence[Event], *, on_start: bool) -> None:
        changes = [each for each in events if isinstance(each, Changed)]
        # Every session is told; those that only read would tell each copy again.
        heard = [each for each in changes if each.session == self._listening]
        newest = next((each for each in reversed(heard) if each.types), None)
        for event in events:
            if event in heard:
                self._change(event, is_newest=event is newest, on_start=on_start)
            elif isinstance(event, Handed):
                self._hand(event)
            elif isinstance(event, Closed):
                self._close(event)
            elif isinstance(event, Unlocked) and self._open_at is not None:
                self._open_at = time.monotonic()

    def _hand(self, event: Handed) -> None:
        if not any(each.reading.handed(event) for each in self._captures) and (
            event.descriptor >= 0
        ):
            os.close(event.descriptor)

    def _change(self, change: Changed, *, is_newest: bool, on_start: bool) -> None:
        """End the asking for the copy before, and begin to read the new one.

        One that is superseded already is not asked for: its owner cannot be reached any more.
        """
        for each in self._captures:
            each.reading.supersede(has_left=not change.types)
        self._advance()
        if not change.types:
            self._memory.leave()
            return
        has_left = self._memory.has_left()
        successor = Successor(types=change.types, has_left=has_left, may_have_left=on_start)
        if is_newest:
            self._begin(successor, on_start=on_start)
            return
        problem = "its content was superseded by a newer copy"
        missed = Contents(types=change.types, problems=(problem,))
        if not self._memory.repeats(successor, missed):
            self._tell(missed, on_start=on_start)

    def _begin(self, successor: Successor, *, on_start: bool) -> None:
        types = successor.types
        if len(types) > _MOST_TYPES:
            problem = "the list of types is too long to be looked at"
            self._tell(Contents(problems=(problem,)), on_start=on_start)
            return
        if not self._rules.reads_own and self._memory.forbids(successor):
            self._tell(Contents(types=types, problems=(UNREAD,)), on_start=on_start)
            return
        reading = Reading(self._bus, self._seat(), types, self._rules)
        self._captures.append(
            _Capture(reading=reading, successor=successor, at=now(), on_start=on_start)
        )

    def _seat(self) -> str:
        """A session that reads nothing now."""
        if not self._free:
            self._give_way()
        return self._free.pop(0)

    def _close(self, closed: Closed) -> None:
        """A session was ended: with the one that listens, everything waits to be let in again."""
        if closed.session != self._listening:
            return
        logger.info("GNOME ended access to its clipboard, as it does when the screen is locked")
        for each in list(self._captures):
            self._give_up(each, "was not read: access to the clipboard ended")
        self._listening, self._free = "", []
        self._open_at = time.monotonic() + _UNLOCKED_PAUSE_S

    def _expire(self) -> bool:
        is_due = self._open_at is not None and self._open_at <= time.monotonic()
        if is_due:
            self._try_to_open()
        return super()._expire() or is_due

    def _expire_one(self, capture: _Capture) -> None:
        capture.reading.expire()
        self._advance()

    def _give_up(self, capture: _Capture, problem: str) -> None:
        capture.reading.give_up(problem)
        self._advance()

    def _try_to_open(self) -> None:
        try:
            self._open()
        except InhibitedError:
            self._open_at = time.monotonic() + _LOCKED_PAUSE_S
        else:
            logger.info("GNOME gives access to its clipboard again")

    def _advance(self) -> None:
        """Let every reading go on, and tell of those that have ended."""
        for each in list(self._captures):
            each.reading.advance()
            contents = each.reading.contents
            if contents:
                self._captures.remove(each)
                self._free.append(each.reading.session)
                self._finished(each, contents)

    def _finished(self, capture: _Capture, contents: Contents) -> None:
        if self._memory.repeats(capture.successor, contents):
            logger.debug("a copy whose program has left is offered in its place")
            return
        self._tell(contents, at=capture.at, on_start=capture.on_start)

    def _tell(self, contents: Contents, *, at: datetime | None = None, on_start: bool) -> None:
        self._memory.keep(contents, unread_types=self._rules.unread_types)
        self._offers.append(contents.offer(at=at or now(), source_app="", on_start=on_start))
