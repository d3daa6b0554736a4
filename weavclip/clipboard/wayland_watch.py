"""Following the selections of every seat of one compositor by event, several copies at a time."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from weavclip.clipboard.formats import RESTORED
from weavclip.clipboard.rules import Contents
from weavclip.clipboard.watching import Watching, now
from weavclip.clipboard.wayland_app import program_of
from weavclip.clipboard.wayland_events import Answered, Finished, SeatCame, SeatGone, Selected
from weavclip.clipboard.wayland_reading import Reading
from weavclip.domain.errors import NoClipboardError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from weavclip.clipboard.pipes import Incoming
    from weavclip.clipboard.rules import Rules
    from weavclip.clipboard.wayland_display import Display
    from weavclip.clipboard.wayland_events import Event

# Copies whose content may still be coming at once; then the oldest gives way.
_MOST_CAPTURES = 16


@dataclass(slots=True, kw_only=True, eq=False)
class _Capture:
    """One copy that is being read."""

    reading: Reading
    selected: Selected
    at: datetime
    on_start: bool
    source_app: str = ""

    @property
    def deadline(self) -> float:
        """Until when to wait for it, in monotonic seconds."""
        return self.reading.deadline

    @property
    def size(self) -> int:
        """Bytes that it holds."""
        return self.reading.size


@dataclass(slots=True, kw_only=True)
class _Device:
    """One seat's clipboards.

    The first selections that come before ``begun`` is answered are what was there already.
    """

    seat: int
    begun: int
    has_begun: bool = False
    told: set[bool]  # whether it was the primary selection


class Watch(Watching[_Capture]):
    """Events of every seat in, offers out."""

    def __init__(self, display: Display, rules: Rules, *, primary: bool) -> None:
        """Follow every seat that there is.

        Args:
            display: Open; used by this loop alone.
            rules: What every read obeys.
            primary: Also what is only selected.

        Raises:
            NoClipboardError: If the compositor has no data-control, or no seat.
        """
        super().__init__(display, rules)
        self._display = display
        self._primary = primary
        self._devices: dict[int, _Device] = {}
        for seat in display.seats():
            self._follow(seat)
        if not self._devices:
            message = f"the compositor at {display.path} has no seat"
            raise NoClipboardError(message, hint="log in to a desktop")
        display.wait_for(list(self._devices.values())[-1].begun)

    def _follow(self, seat: int) -> None:
        if any(each.seat == seat for each in self._devices.values()):
            return
        device = self._display.device(seat)
        self._devices[device] = _Device(seat=seat, begun=self._display.sync(), told=set())

    def _pipes(self) -> list[Incoming]:
        return [pipe for each in self._captures for pipe in each.reading.pipes()]

    def _took(self) -> None:
        self._make_room()
        self._advance()

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
            self._offers.append(missed.offer(at=now(), source_app="", on_start=on_start))

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
            self._give_way()
        reading = Reading(self._display, selected.offer, selected.types, self._rules)
        capture = _Capture(reading=reading, selected=selected, at=now(), on_start=on_start)
        self._captures.append(capture)
        # While the owner writes.
        capture.source_app = "" if on_start else program_of(self._display)

    def _expire_one(self, capture: _Capture) -> None:
        capture.reading.expire()
        self._advance()

    def _give_up(self, capture: _Capture, problem: str) -> None:
        capture.reading.give_up(problem)
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
