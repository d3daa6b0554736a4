"""The clipboards of a Wayland compositor, through data-control.

ext_data_control_v1 and zwlr_data_control_v1 differ in their names alone.

References:
    ext-data-control-v1.xml of wayland-protocols 1.39; wlr-data-control-unstable-v1.xml, whose
    version 2 added the primary selection.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from weavclip.clipboard.wayland_connection import SEAT, Connection
from weavclip.clipboard.wayland_events import Cancelled, Event, Finished, Requested, Selected
from weavclip.clipboard.wayland_wire import Arguments, Message, text, words
from weavclip.domain.errors import NoClipboardError

if TYPE_CHECKING:
    from collections.abc import Iterable

# In order of preference, with the newest version of each that is spoken here.
MANAGERS = {"ext_data_control_manager_v1": 1, "zwlr_data_control_manager_v1": 2}

# Requests, by their place in the protocol.
_CREATE_SOURCE, _GET_DEVICE = 0, 1
_SELECT, _DROP_DEVICE, _SELECT_PRIMARY = 0, 1, 2
_OFFER_TYPE, _RECEIVE, _DROP = 0, 0, 1
# Events: of a device, then of a source.
_OFFERED, _SELECTED, _FINISHED, _PRIMARY = range(4)
_CANCELLED = 1

# A spreadsheet offers about 40 types. Beyond these an offer is not read: what is not looked at
# may be the hint that forbids it.
_MOST_TYPES, _MOST_TYPES_CHARS = 4_096, 256 * 1024
_MOST_PENDING_OFFERS = 64


class Display(Connection):
    """One connection that follows selections or makes them; not for several threads."""

    def __init__(self, path: str) -> None:
        """Connect; nothing is followed yet.

        Args:
            path: Of the compositor's socket.

        Raises:
            NoClipboardError: If no compositor answers there.
        """
        self._pending: dict[int, _Types] = {}  # offers whose types are still coming
        self._manager = 0
        super().__init__(path)

    @property
    def manager_name(self) -> str:
        """The interface that gives access to the clipboard; empty when there is none."""
        offered = {name for name, _ in self.globals.values()}
        return next((each for each in MANAGERS if each in offered), "")

    def seats(self) -> list[int]:
        """The seats that there are, by the compositor's number for each."""
        return [number for number, (name, _) in self.globals.items() if name == SEAT]

    def device(self, seat: int) -> int:
        """Be told of a seat's selections, the present ones first.

        Raises:
            NoClipboardError: If the compositor has no data-control, or is gone.
        """
        manager, bound = self._managed(), self.bind(seat, newest=1)
        device = self.new("device")
        self.send(manager, _GET_DEVICE, words(device, bound))
        return device

    def drop_device(self, device: int) -> None:
        """Be told no more."""
        self.send(device, _DROP_DEVICE)

    def receive(self, offer: int, name: str) -> int:
        """Have an offer's owner write a type; the descriptor to read it from.

        Not blocking; the caller closes it. Nothing comes where the offer was replaced before.

        Raises:
            NoClipboardError: If the compositor is gone.
        """
        reading, writing = os.pipe2(os.O_CLOEXEC)
        try:
            self.send(offer, _RECEIVE, text(name), writing)
        except NoClipboardError:
            os.close(reading)
            raise
        finally:
            os.close(writing)
        os.set_blocking(reading, False)
        return reading

    def drop(self, offer: int) -> None:
        """Be done with an offer."""
        if self._kinds.pop(offer, None):
            self.send(offer, _DROP)

    def source(self, types: Iterable[str]) -> int:
        """Something of ours that can be selected, once.

        Raises:
            NoClipboardError: If the compositor has no data-control, or is gone.
        """
        manager, source = self._managed(), self.new("source")
        self.send(manager, _CREATE_SOURCE, words(source))
        for name in types:
            self.send(source, _OFFER_TYPE, text(name))
        return source

    def select(self, device: int, source: int, *, is_primary: bool = False) -> None:
        """Make a source the selection; 0 clears it."""
        self.send(device, _SELECT_PRIMARY if is_primary else _SELECT, words(source))

    def event_of(self, kind: str, message: Message) -> Event | None:
        """What a message to a device, an offer or a source tells."""
        arguments = Arguments(message.body)
        if kind == "device":
            return self._changed(message, arguments)
        if kind == "source":
            return self._asked(message, arguments)
        if kind == "offer" and message.object_id in self._pending:
            self._pending[message.object_id].add(arguments.text())
        return None

    def _managed(self) -> int:
        """The clipboard's manager, bound once.

        Raises:
            NoClipboardError: If the compositor has none.
        """
        if not self._manager:
            name = self.manager_name
            if not name:
                message = f"the compositor at {self.path} has no data-control"
                raise NoClipboardError(message, hint="set WEAVCLIP_SOURCE=auto")
            number = next(n for n, (each, _) in self.globals.items() if each == name)
            self._manager = self.bind(number, newest=MANAGERS[name])
        return self._manager

    def _changed(self, message: Message, arguments: Arguments) -> Event | None:
        """A device: an offer, a selection, or its end."""
        if message.opcode == _FINISHED:
            return Finished(message.object_id)
        offer = arguments.word()
        if message.opcode == _OFFERED:
            self._begin_offer(offer)
            return None
        if offer and offer not in self._pending:
            return None  # told before
        types = self._pending.pop(offer).bounded() if offer else ()
        return Selected(message.object_id, offer, types, is_primary=message.opcode == _PRIMARY)

    def _begin_offer(self, offer: int) -> None:
        self._kinds[offer] = "offer"
        self._pending[offer] = _Types()
        if len(self._pending) > _MOST_PENDING_OFFERS:
            oldest = next(iter(self._pending))
            del self._pending[oldest]
            self.drop(oldest)

    def _asked(self, message: Message, arguments: Arguments) -> Event:
        """A source: somebody reads it, or it is over."""
        if message.opcode == _CANCELLED:
            return Cancelled(message.object_id)
        return Requested(message.object_id, arguments.text(), self._wire.take_descriptor())


class _Types:
    """The types of one offer, up to a number that nobody means."""

    def __init__(self) -> None:
        self._names: list[str] = []
        self._left_chars = _MOST_TYPES_CHARS

    def add(self, name: str) -> None:
        self._left_chars -= len(name)
        if self._left_chars < 0 or len(self._names) == _MOST_TYPES:
            self._names.clear()
            self._left_chars = -1
        else:
            self._names.append(name)

    def bounded(self) -> tuple[str, ...] | None:
        """All of them; None when there were more."""
        return tuple(self._names) if self._left_chars >= 0 else None
