"""Following the selections of one X server by event, several copies at a time."""

from __future__ import annotations

import logging
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from weavclip.clipboard.reowned import Memory, Successor
from weavclip.clipboard.rules import Contents
from weavclip.clipboard.watching import Watching, now
from weavclip.clipboard.x11_app import is_passed_on, program_of
from weavclip.clipboard.x11_events import Answer, OwnerChanged, PropertyChanged
from weavclip.clipboard.x11_reading import ReadError, Requestor, SupersededError
from weavclip.domain.errors import NoClipboardError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from weavclip.clipboard.rules import Rules
    from weavclip.clipboard.x11_display import Display
    from weavclip.clipboard.x11_events import Event
    from weavclip.clipboard.x11_reading import Steps

logger = logging.getLogger(__name__)

# Copies whose pieces may still be coming at once; the oldest gives way to a fifth.
_SEATS = 4


@dataclass(slots=True, kw_only=True, eq=False)
class _Capture:
    """One copy that is being read."""

    requestor: Requestor
    change: OwnerChanged
    steps: Steps[Contents]
    at: datetime
    on_start: bool
    successor: Callable[..., Successor]
    source_app: str = ""
    deadline: float = 0.0
    is_superseded: bool = False

    @property
    def size(self) -> int:
        """Bytes that it holds."""
        return self.requestor.size


class Watch(Watching[_Capture]):
    """Events of selections in, offers out."""

    def __init__(self, display: Display, selections: Sequence[str], rules: Rules) -> None:
        """Ask to be told of the selections' changes.

        Args:
            display: Open; used by this loop alone.
            selections: Such as ``CLIPBOARD`` and ``PRIMARY``.
            rules: What every read obeys.
        """
        super().__init__(display, rules)
        self._display = display
        self._selections = [display.atom(each) for each in selections]
        self._free = [Requestor(display) for _ in range(_SEATS)]
        self._memories = {each: Memory() for each in self._selections}
        self._window = display.window()
        for each in self._selections:
            display.listen(self._window, each)
        display.now_ms(self._window)  # an answer from the server: from here on it tells

    def _start(self) -> None:
        """Read what was copied before; a change that has come by now says it better."""
        at_ms = self._display.now_ms(self._window)
        owners = {each: self._display.owner(each) for each in self._selections}
        pending = self._display.events()
        changed = {each.selection for each in pending if isinstance(each, OwnerChanged)}
        for selection, owner in owners.items():
            if owner and selection not in changed:
                change = OwnerChanged(selection, owner, at_ms, has_died=False)
                self._begin(change, self._successor(change), on_start=True)
        self._take(pending)

    def _dispatch(self) -> bool:
        events = self._display.events()
        self._take(events)
        self._make_room()
        return bool(events)

    def _take(self, events: Sequence[Event]) -> None:
        newest = {
            each.selection: place
            for place, each in enumerate(events)
            if isinstance(each, OwnerChanged) and each.owner
        }
        for place, event in enumerate(events):
            if isinstance(event, OwnerChanged):
                self._change(event, is_newest=newest.get(event.selection, place) <= place)
            elif isinstance(event, Answer | PropertyChanged):
                self._deliver(event)

    def _change(self, change: OwnerChanged, *, is_newest: bool) -> None:
        """End the reads of the copy before, and begin that of the new one.

        One that is superseded already is not asked for: its owner would answer with the
        newer content, or not at all.
        """
        for each in [each for each in self._captures if each.change.selection == change.selection]:
            error = _end_of(each, change)
            each.is_superseded = True
            self._interrupt(each, error)
        if not change.owner:
            self._memories[change.selection].leave()
            return
        successor = self._successor(change)
        if is_newest:
            self._begin(change, successor, on_start=False)
            return
        missed = Contents(problems=("the list of types was superseded by a newer copy",))
        if not self._memories[change.selection].repeats(successor(types=()), missed):
            self._offers.append(missed.offer(at=now(), source_app="", on_start=False))

    def _successor(self, change: OwnerChanged) -> Callable[..., Successor]:
        """What the copy is to the one before; its types are known later."""
        has_left = self._memories[change.selection].has_left()
        passed_on = is_passed_on(self._display, change.owner)
        return partial(Successor, has_left=has_left, may_have_left=passed_on)

    def _begin(
        self, change: OwnerChanged, successor: Callable[..., Successor], *, on_start: bool
    ) -> None:
        if not self._free:
            self._give_way()
        requestor, memory = self._free.pop(0), self._memories[change.selection]
        steps = requestor.read(
            change,
            self._rules,
            is_forbidden=lambda types: (
                not self._rules.reads_own and memory.forbids(successor(types=types))
            ),
        )
        capture = _Capture(
            requestor=requestor,
            change=change,
            steps=steps,
            at=now(),
            on_start=on_start,
            successor=successor,
        )
        self._captures.append(capture)
        self._advance(capture, lambda: next(steps))
        # While the owner makes up its answer.
        capture.source_app = program_of(self._display, change.owner)

    def _deliver(self, event: Answer | PropertyChanged) -> None:
        for each in [each for each in self._captures if each.requestor.window == event.window]:
            self._send(each, event)

    def _expire_one(self, capture: _Capture) -> None:
        self._send(capture, None)

    def _give_up(self, capture: _Capture, problem: str) -> None:
        with suppress(NoClipboardError):  # gone: the next look at its events says so
            self._interrupt(capture, capture.requestor.give_up(problem))

    def _send(self, capture: _Capture, event: Event | None) -> None:
        self._advance(capture, lambda: capture.steps.send(event))

    def _interrupt(self, capture: _Capture, error: ReadError) -> None:
        self._advance(capture, lambda: capture.steps.throw(error))

    def _advance(self, capture: _Capture, step: Callable[[], float]) -> None:
        try:
            capture.deadline = step()
        except StopIteration as end:
            self._captures.remove(capture)
            self._free.append(capture.requestor)
            self._finished(capture, end.value)

    def _finished(self, capture: _Capture, contents: Contents) -> None:
        memory = self._memories[capture.change.selection]
        if memory.repeats(capture.successor(types=contents.types), contents):
            logger.debug("a copy whose program has left is offered in its place")
            return
        memory.keep(contents, unread_types=self._rules.unread_types)
        offer = contents.offer(
            at=capture.at, source_app=capture.source_app, on_start=capture.on_start
        )
        self._offers.append(offer)


def _end_of(capture: _Capture, change: OwnerChanged) -> ReadError:
    """What a change means for a copy that is being read: its owner ended, or a newer one came.

    A capture whose pieces are coming outlives being superseded, not its owner.
    """
    if change.has_died and not capture.is_superseded:
        return ReadError("was cut short: its owner ended")
    return SupersededError("was superseded by a newer copy")
