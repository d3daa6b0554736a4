"""A connection to a Wayland compositor, in the few requests and events that a clipboard needs.

ext_data_control_v1 and zwlr_data_control_v1 differ in their names alone.

References:
    wayland.xml (wl_display, wl_registry, wl_callback, wl_seat); ext-data-control-v1.xml of
    wayland-protocols; wlr-data-control-unstable-v1.xml, whose version 2 added the primary
    selection.
"""

from __future__ import annotations

import os
import select
import socket
import time
from typing import TYPE_CHECKING

from weavclip.clipboard.wayland_events import (
    Answered,
    Cancelled,
    Event,
    Finished,
    Requested,
    SeatCame,
    SeatGone,
    Selected,
)
from weavclip.clipboard.wayland_wire import Arguments, Message, Wire, WireError, text, words
from weavclip.domain.errors import NoClipboardError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from types import TracebackType
    from typing import Self

# In order of preference, with the newest version of each that is spoken here.
MANAGERS = {"ext_data_control_manager_v1": 1, "zwlr_data_control_manager_v1": 2}

_SEAT = "wl_seat"
_DISPLAY, _REGISTRY, _FIRST_FREE = 1, 2, 3
_FIRST_SERVER_ID = 0xFF000000
# Requests, by their place in the protocols.
_SYNC, _GET_REGISTRY, _BIND = 0, 1, 0
_CREATE_SOURCE, _GET_DEVICE = 0, 1
_SELECT, _DROP_DEVICE, _SELECT_PRIMARY = 0, 1, 2
_OFFER_TYPE, _RECEIVE, _DROP = 0, 0, 1
# A device's events.
_OFFERED, _SELECTED, _FINISHED, _PRIMARY = range(4)
_ANSWER_S = 5.0
# A spreadsheet offers about 40 types. Beyond these an offer is not read: what is not looked at
# may be the hint that forbids it.
_MOST_TYPES, _MOST_TYPES_CHARS = 4_096, 256 * 1024
_MOST_PENDING_OFFERS = 64


def socket_path(environ: Mapping[str, str]) -> str:
    """The compositor's socket in this session; empty when it has none.

    >>> socket_path({"WAYLAND_DISPLAY": "wayland-1", "XDG_RUNTIME_DIR": "/run/user/1000"})
    '/run/user/1000/wayland-1'
    """
    name, folder = environ.get("WAYLAND_DISPLAY", ""), environ.get("XDG_RUNTIME_DIR", "")
    if not name or name.startswith("/"):
        return name
    return f"{folder}/{name}" if folder else ""


class _Types:
    """The types of one offer, up to a number that nobody means."""

    def __init__(self) -> None:
        self._names: list[str] = []
        self._left_chars = _MOST_TYPES_CHARS

    def add(self, name: str) -> None:
        self._left_chars -= len(name)
        if self._is_bounded():
            self._names.append(name)
        else:
            self._names.clear()
            self._left_chars = -1

    def all(self) -> tuple[str, ...] | None:
        return tuple(self._names) if self._is_bounded() else None

    def _is_bounded(self) -> bool:
        return self._left_chars >= 0 and len(self._names) < _MOST_TYPES


class Display:
    """One connection; not to be shared between threads."""

    def __init__(self, path: str) -> None:
        """Connect, and learn what the compositor offers.

        Args:
            path: Of its socket.

        Raises:
            NoClipboardError: If no compositor answers there.
        """
        self._path = path
        self._socket = self._connected()
        self._wire = Wire(self._socket)
        self._next_id, self._free_ids = _FIRST_FREE, list[int]()
        self._kinds = {_DISPLAY: "display", _REGISTRY: "registry"}
        self._globals: dict[int, tuple[str, int]] = {}
        self._pending: dict[int, _Types] = {}  # of offers that are not selected yet
        self._events: list[Event] = []
        self._manager = 0
        self._send(_DISPLAY, _GET_REGISTRY, words(_REGISTRY))
        try:
            self.wait_for(self.sync())
        except NoClipboardError:
            self.close()
            raise

    def _connected(self) -> socket.socket:
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.settimeout(_ANSWER_S)
        try:
            connection.connect(self._path)
        except OSError as error:
            connection.close()
            why = error.strerror or "it does not take the connection"
            message = f"no Wayland compositor answers at {self._path} ({why})"
            hint = "run it inside a Wayland session, or set WAYLAND_DISPLAY to its socket"
            raise NoClipboardError(message, hint=hint) from None
        return connection

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the connection."""
        self._wire.close()

    def fileno(self) -> int:
        """The socket's descriptor, for select()."""
        return self._wire.fileno()

    @property
    def socket(self) -> socket.socket:
        """The connection, to be asked who is at its other end."""
        return self._socket

    @property
    def manager_name(self) -> str:
        """The interface that gives access to the clipboard; empty when there is none."""
        offered = {name for name, _ in self._globals.values()}
        return next((each for each in MANAGERS if each in offered), "")

    def seats(self) -> list[int]:
        """The seats that there are, by the compositor's number for each."""
        return [number for number, (name, _) in self._globals.items() if name == _SEAT]

    def device(self, seat: int) -> int:
        """Be told of a seat's selections, the present ones first.

        Raises:
            NoClipboardError: If the compositor has no data-control, or is gone.
        """
        bound = self._bind(seat, 1)
        device = self._new("device")
        self._send(self._managed(), _GET_DEVICE, words(device, bound))
        return device

    def drop_device(self, device: int) -> None:
        """Be told no more."""
        self._send(device, _DROP_DEVICE)

    def receive(self, offer: int, name: str) -> int:
        """Have an offer's owner write a type; the descriptor to read it from.

        Not blocking; the caller closes it. It is empty where the offer was replaced before.
        """
        reading, writing = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        os.set_blocking(writing, True)  # the owner's end: few programs expect otherwise
        try:
            self._send(offer, _RECEIVE, text(name), writing)
        except NoClipboardError:
            os.close(reading)
            raise
        finally:
            os.close(writing)
        return reading

    def drop(self, offer: int) -> None:
        """Be done with an offer."""
        if self._kinds.pop(offer, None):
            self._send(offer, _DROP)

    def source(self, types: Iterable[str]) -> int:
        """Something of ours that can be selected.

        Raises:
            NoClipboardError: If the compositor has no data-control, or is gone.
        """
        source = self._new("source")
        self._send(self._managed(), _CREATE_SOURCE, words(source))
        for name in types:
            self._send(source, _OFFER_TYPE, text(name))
        return source

    def select(self, device: int, source: int, *, is_primary: bool = False) -> None:
        """Make a source, which serves only once, the selection."""
        self._send(device, _SELECT_PRIMARY if is_primary else _SELECT, words(source))

    def sync(self) -> int:
        """Ask for :class:`Answered` once everything before it was done."""
        callback = self._new("callback")
        self._send(_DISPLAY, _SYNC, words(callback))
        return callback

    def wait_for(self, sync: int) -> None:
        """Wait for the answer to a sync; the events until then stay for :meth:`events`.

        Raises:
            NoClipboardError: If it does not come within 5 s, or the compositor is gone.
        """
        end = time.monotonic() + _ANSWER_S
        while Answered(sync) not in self._events:
            readable, _, _ = select.select([self], [], [], max(0.0, end - time.monotonic()))
            if not readable:
                message = f"the compositor at {self._path} did not answer within {_ANSWER_S} s"
                raise NoClipboardError(message, hint="see whether the desktop hangs")
            self._events += self._come()

    def events(self) -> list[Event]:
        """All that have come, without waiting.

        Raises:
            NoClipboardError: If the compositor is gone.
        """
        found, self._events = self._events, []
        readable, _, _ = select.select([self], [], [], 0)
        return found + self._come() if readable else found

    def _managed(self) -> int:
        """The clipboard's manager, bound once.

        Raises:
            NoClipboardError: If the compositor has none.
        """
        if not self._manager:
            name = self.manager_name
            number = next((n for n, (each, _) in self._globals.items() if each == name), None)
            if number is None:
                message = f"the compositor at {self._path} has no data-control"
                raise NoClipboardError(message, hint="set WEAVCLIP_SOURCE=auto")
            self._manager = self._bind(number, MANAGERS[name])
        return self._manager

    def _bind(self, number: int, newest: int) -> int:
        name, version = self._globals[number]
        bound = self._new(name)
        body = words(number) + text(name) + words(min(newest, version), bound)
        self._send(_REGISTRY, _BIND, body)
        return bound

    def _new(self, kind: str) -> int:
        """An id of ours; the compositor frees it with ``delete_id``."""
        if self._free_ids:
            found = self._free_ids.pop()
        else:
            found, self._next_id = self._next_id, self._next_id + 1
        self._kinds[found] = kind
        return found

    def _send(self, object_id: int, opcode: int, body: bytes = b"", *descriptors: int) -> None:
        try:
            self._wire.send(object_id, opcode, body, descriptors=descriptors)
        except OSError as error:
            raise self._gone() from error

    def _come(self) -> list[Event]:
        try:
            found = [self._event(each) for each in self._wire.receive()]
        except (OSError, EOFError) as error:
            raise self._gone() from error
        except WireError as error:
            message = f"the compositor at {self._path} speaks no Wayland: {error}"
            raise NoClipboardError(message, hint="log in again") from error
        return [each for each in found if each]

    def _event(self, message: Message) -> Event | None:
        arguments = Arguments(message.body)
        match self._kinds.get(message.object_id), message.opcode:
            case "display", opcode:
                return self._told(opcode, arguments)
            case "registry", opcode:
                return self._seen(opcode, arguments)
            case "callback", 0:
                return Answered(message.object_id)
            case "device", opcode:
                return self._changed(message.object_id, opcode, arguments)
            case "offer", 0:
                if message.object_id in self._pending:
                    self._pending[message.object_id].add(arguments.text())
            case "source", 0:
                name = arguments.text()
                return Requested(message.object_id, name, self._wire.take_descriptor())
            case "source", 1:
                return Cancelled(message.object_id)
        return None

    def _told(self, opcode: int, arguments: Arguments) -> None:
        """wl_display: an error, which ends the connection, or an id that is free again."""
        object_id, number = arguments.word(), 0
        if opcode == 0:
            number = arguments.word()
            kind = self._kinds.get(object_id, "an object")
            message = f"the compositor refused what was asked of its {kind} (error {number})"
            raise NoClipboardError(message, hint="report it with the name of your desktop")
        if self._kinds.pop(object_id, None) and object_id < _FIRST_SERVER_ID:
            self._free_ids.append(object_id)

    def _seen(self, opcode: int, arguments: Arguments) -> Event | None:
        """wl_registry: something came or went."""
        number = arguments.word()
        if opcode == 0:
            name = arguments.text()
            self._globals[number] = (name, arguments.word())
            return SeatCame(number) if name == _SEAT else None
        name, _ = self._globals.pop(number, ("", 0))
        return SeatGone(number) if name == _SEAT else None

    def _changed(self, device: int, opcode: int, arguments: Arguments) -> Event | None:
        """A device: an offer, a selection, or its end."""
        if opcode == _FINISHED:
            return Finished(device)
        number = arguments.word()
        if opcode == _OFFERED:
            self._begin_offer(number)
            return None
        types = self._pending.pop(number, _Types()).all()
        return Selected(device, number, types, is_primary=opcode == _PRIMARY)

    def _begin_offer(self, number: int) -> None:
        self._kinds[number] = "offer"
        self._pending[number] = _Types()
        if len(self._pending) > _MOST_PENDING_OFFERS:
            oldest = next(iter(self._pending))
            del self._pending[oldest]
            self.drop(oldest)

    def _gone(self) -> NoClipboardError:
        message = f"the compositor at {self._path} went away"
        return NoClipboardError(message, hint="start weavclip again from a running session")
