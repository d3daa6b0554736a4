"""Following the selections of every seat of one compositor by event, several copies at a time."""

from __future__ import annotations

import contextlib
import select
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from weavclip.clipboard.formats import RESTORED
from weavclip.clipboard.rules import Contents
from weavclip.clipboard.wayland_app import program_of
from weavclip.clipboard.wayland_events import Answered, Finished, SeatCame, SeatGone, Selected
from weavclip.clipboard.wayland_reading import Reading
from weavclip.domain.errors import NoClipboardError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from weavclip.clipboard.pipes import Incoming
    from weavclip.clipboard.rules import Rules
    from weavclip.clipboard.waking import Waker
    from weavclip.clipboard.wayland_display import Display
    from weavclip.clipboard.wayland_events import Event
    from weavclip.domain.clip import Offer

# Copies whose content may still be coming at once; then the oldest gives way.
_MOST_CAPTURES = 16
# After the stop a read that has begun may end; the port allows 1 s in all.
_GRACE_S = 0.3


@dataclass(slots=True, kw_only=True, eq=False)
class _Capture:
    """One copy that is being read."""

    reading: Reading
    selected: Selected
    at: datetime
    on_start: bool
    source_app: str = ""


@dataclass(slots=True, kw_only=True)
class _Device:
    """One seat's clipboards.

    The first selections that come before ``begun`` is answered are what was there already.
    """

    seat: int
    begun: int
    has_begun: bool = False
    told: set[bool]  # whether it was the primary selection


class Watch:
    """The loop: events in, offers out."""

    def __init__(self, display: Display, rules: Rules, *, primary: bool) -> None:
        """Follow every seat that there is.

        Args:
            display: Open; used by this loop alone.
            rules: What every read obeys.
            primary: Also what is only selected.

        Raises:
            NoClipboardError: If the compositor has no data-control, or no seat.
        """
        self._display = display
        self._rules = rules
        self._primary = primary
        self._devices: dict[int, _Device] = {}
        self._captures: list[_Capture] = []
        self._offers: list[Offer] = []
        for seat in display.seats():
            self._follow(seat)
        if not self._devices:
            message = f"the compositor at {display.path} has no seat"
            raise NoClipboardError(message, hint="log in to a desktop")
        display.wait_for(list(self._devices.values())[-1].begun)

    def run(self, emit: Callable[[Offer], None], waker: Waker) -> None:
        """Emit what is on the clipboard, then every copy, until woken.

        Raises:
            NoClipboardError: If the compositor went away.
        """
        try:
            while not waker.is_woken():
                self._turn(emit, waker, until=None)
            self._finish(emit, within_s=_GRACE_S)
        finally:
            self._give_up("was not read: watching ended")
            self._emit_all(emit)

    def present(self) -> list[Offer]:
        """What is on the clipboards now, read once: at most one offer a selection."""
        found: list[Offer] = []
        self._dispatch()
        while any(each.on_start for each in self._captures):
            self._turn(found.append, None, until=None)
        self._emit_all(found.append)
        return [each for each in found if each.on_start]

    def _follow(self, seat: int) -> None:
        if any(each.seat == seat for each in self._devices.values()):
            return
        device = self._display.device(seat)
        self._devices[device] = _Device(seat=seat, begun=self._display.sync(), told=set())

    def _finish(self, emit: Callable[[Offer], None], *, within_s: float) -> None:
        end = time.monotonic() + within_s
        self._dispatch()
        while self._captures and time.monotonic() < end:
            self._turn(emit, None, until=end)

    def _turn(
        self, emit: Callable[[Offer], None], waker: Waker | None, until: float | None
    ) -> None:
        is_busy = self._dispatch() or self._expire()
        if not is_busy and not self._offers:
            self._wait(waker, until)
        self._emit_all(emit)

    def _wait(self, waker: Waker | None, until: float | None) -> None:
        """Sleep until something comes, and take what owners wrote."""
        pipes = [pipe for each in self._captures for pipe in each.reading.pipes()]
        ends = [each.reading.deadline for each in self._captures] + ([until] if until else [])
        timeout_s = max(0.0, min(ends) - time.monotonic()) if ends else None
        heard: list[Incoming | Display | Waker] = [*pipes, self._display]
        readable, _, _ = select.select([*heard, *([waker] if waker else [])], [], [], timeout_s)
        for each in pipes:
            if each in readable:
                each.take()
        self._make_room()
        self._advance()

    def _make_room(self) -> None:
        """Hold no more at once than one copy may have."""
        limits = self._rules.limits
        most_bytes = limits.max_image_bytes + 2 * limits.max_text_bytes
        for each in self._captures[:-1]:
            if sum(each.reading.size for each in self._captures) > most_bytes:
                each.reading.give_up("was given up: newer copies came while it was read")

    def _emit_all(self, emit: Callable[[Offer], None]) -> None:
        offers, self._offers = self._offers, []
        for each in offers:
            emit(each)

    def _dispatch(self) -> bool:
        events = self._display.events()
        newest = {
            (each.device, each.is_primary): place
            for place, each in enumerate(events)
            if isinstance(each, Selected)
        }
        for place, event in enumerate(events):
            if isinstance(event, Selected):
                key = (event.device, event.is_primary)
                self._change(event, is_newest=newest[key] == place)
            else:
                self._hear(event)
        self._advance()
        return bool(events)

    def _hear(self, event: Event) -> None:
        if isinstance(event, Answered):
            for device in self._devices.values():
                device.has_begun |= device.begun == event.sync
            for each in self._captures:
                each.reading.answered(event.sync)
        elif isinstance(event, SeatCame):
            self._follow(event.seat)
        elif isinstance(event, SeatGone):
            self._end([d for d, each in self._devices.items() if each.seat == event.seat])
        elif isinstance(event, Finished):
            self._end([event.device])

    def _end(self, devices: Sequence[int]) -> None:
        """A seat went; when it was the last one there is nothing left to watch.

        Raises:
            NoClipboardError: When it was.
        """
        for each in devices:
            if self._devices.pop(each, None):
                self._display.drop_device(each)
        if not self._devices:
            message = f"the compositor at {self._display.path} ended access to its clipboard"
            raise NoClipboardError(message, hint="start weavclip again from a running session")

    def _change(self, event: Selected, *, is_newest: bool) -> None:
        """A selection changed: the copy before is superseded, and the new one read.

        One that is superseded already is not asked for: there is nobody left to answer.
        """
        device = self._devices.get(event.device)
        if device is None or (event.is_primary and not self._primary):
            self._display.drop(event.offer)
            return
        was_there = not device.has_begun and event.is_primary not in device.told
        on_start = was_there or RESTORED in (event.types or ())
        device.told.add(event.is_primary)
        self._replace(event)
        if event.offer and is_newest:
            self._begin(event, on_start=on_start)
        elif event.offer:
            self._display.drop(event.offer)
            problem = "its content was superseded by a newer copy"
            missed = Contents(types=event.types or (), problems=(problem,))
            self._offers.append(missed.offer(at=_now(), source_app="", on_start=on_start))

    def _replace(self, event: Selected) -> None:
        for each in self._captures:
            selected = each.selected
            if (selected.device, selected.is_primary) == (event.device, event.is_primary):
                if event.offer:
                    each.reading.supersede()
                else:
                    each.reading.leave()

    def _begin(self, selected: Selected, *, on_start: bool) -> None:
        if len(self._captures) == _MOST_CAPTURES:
            gave_way = f"was given up: {_MOST_CAPTURES} newer copies came while it was read"
            self._captures[0].reading.give_up(gave_way)
            self._advance()
        reading = Reading(self._display, selected.offer, selected.types, self._rules)
        capture = _Capture(reading=reading, selected=selected, at=_now(), on_start=on_start)
        self._captures.append(capture)
        # While the owner writes.
        capture.source_app = "" if on_start else program_of(self._display)

    def _expire(self) -> bool:
        now = time.monotonic()
        late = [each.reading for each in self._captures if each.reading.deadline <= now]
        for each in late:
            each.expire()
        self._advance()
        return bool(late)

    def _give_up(self, problem: str) -> None:
        for each in self._captures:
            each.reading.give_up(problem)
        self._advance()

    def _advance(self) -> None:
        """Let every reading go on, and tell of those that have ended."""
        for each in list(self._captures):
            each.reading.advance()
            contents = each.reading.contents
            if contents:
                self._captures.remove(each)
                with contextlib.suppress(NoClipboardError):  # gone: what was read is told
                    self._display.drop(each.selected.offer)
                self._offers.append(
                    contents.offer(at=each.at, source_app=each.source_app, on_start=each.on_start)
                )


def _now() -> datetime:
    return datetime.now(tz=UTC)
