"""A compositor that has seats and data-control and nothing else, in a thread of the test.

It speaks ext_data_control_v1, which no compositor of Debian 12 does, and misbehaves when asked.
"""

from __future__ import annotations

import os
import select
import socket
import threading
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.folders import runtime_folder
from tests.waiting import WITHIN_S
from weavclip.clipboard.wayland_wire import Arguments, Message, Wire, WireError, text, words

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

EXT, WLR = "ext_data_control_manager_v1", "zwlr_data_control_manager_v1"
_FIRST_SERVER_ID = 0xFF000000
_MANAGER = 1
_FIRST_SEAT = 10


@dataclass(slots=True, eq=False)
class _Source:
    """What is selected: a client's source, or a content of the test's."""

    types: list[str] = field(default_factory=list)
    client: _Client | None = None
    object_id: int = 0
    content: Mapping[str, bytes] | None = None


@dataclass(slots=True, eq=False)
class _Client:
    """A connection and its objects."""

    wire: Wire
    kinds: dict[int, str]
    seats: dict[int, int] = field(default_factory=dict)  # of bound seats and of devices
    sources: dict[int, _Source] = field(default_factory=dict)
    offers: dict[int, _Source] = field(default_factory=dict)

    def send(
        self, object_id: int, opcode: int, body: bytes = b"", *, descriptors: Sequence[int] = ()
    ) -> None:
        """Tell it something, unless it is just leaving."""
        with suppress(OSError):
            self.wire.send(object_id, opcode, body, descriptors=descriptors)

    def devices(self, seat: int) -> list[int]:
        found = [each for each, kind in self.kinds.items() if kind == "device"]
        return [each for each in found if self.seats[each] == seat]


class TinyCompositor:
    """What a test tells the compositor to do.

    Attributes:
        path: Of its socket.
        asked: The types that were asked for, in order.
        is_deaf: Takes no request any more.
        is_forgetful: Closes what is asked for, as if it had been replaced.
        is_torn: Sends byte by byte.
    """

    def __init__(self, path: str, *, manager: str = EXT, seats: int = 1) -> None:
        self.path = path
        self.asked: list[str] = []
        self.is_deaf = self.is_forgetful = self.is_torn = False
        self._globals = {_MANAGER: (manager, 2)} if manager else {}
        self._globals |= {_FIRST_SEAT + number: ("wl_seat", 7) for number in range(seats)}
        self._selected: dict[tuple[int, bool], _Source] = {}
        self._clients: list[_Client] = []
        self._next_offer = _FIRST_SERVER_ID
        self._lock = threading.RLock()
        self._listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listening.bind(path)
        self._listening.listen()
        self._wake, self._woken = socket.socketpair()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def copy(
        self, content: Mapping[str, bytes], *, seat: int = 0, is_primary: bool = False
    ) -> None:
        """Select a content that the compositor serves by itself."""
        source = _Source(types=list(content), content=content)
        with self._lock:
            self._select(_FIRST_SEAT + seat, source, is_primary=is_primary)

    def clear(self, *, seat: int = 0) -> None:
        """Select nothing."""
        with self._lock:
            self._select(_FIRST_SEAT + seat, None, is_primary=False)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Let nobody be heard meanwhile."""
        with self._lock:
            yield

    def send(self, object_id: int, opcode: int, body: bytes = b"") -> None:
        """Send every client an event, whatever it is."""
        with self._lock:
            for client in self._clients:
                client.send(object_id, opcode, body)

    def send_raw(self, content: bytes) -> None:
        """Send every client these bytes, as they are."""
        with self._lock:
            for client in self._clients:
                os.write(client.wire.fileno(), content)

    def device(self) -> int:
        """The id that the first client that follows selections has for its device."""
        with self._lock:
            every = [each for client in self._clients for each in client.devices(_FIRST_SEAT)]
            return every[0] if every else 0

    def add_seat(self) -> None:
        """Somebody sits down."""
        with self._lock:
            seats = [each for each in self._globals if each >= _FIRST_SEAT]
            number = max(seats, default=_FIRST_SEAT - 1) + 1
            self._globals[number] = ("wl_seat", 7)
            self._each_registry(0, words(number) + text("wl_seat") + words(7))

    def remove_seat(self, seat: int = 0) -> None:
        """Somebody leaves."""
        with self._lock:
            del self._globals[_FIRST_SEAT + seat]
            self._each_registry(1, words(_FIRST_SEAT + seat))

    def followers(self, seat: int = 0) -> int:
        """How many devices there are for a seat."""
        with self._lock:
            return sum(len(each.devices(_FIRST_SEAT + seat)) for each in self._clients)

    def die(self) -> None:
        """End without a word."""
        with suppress(OSError):
            self._wake.send(b"\0")
        self._thread.join(WITHIN_S)
        with self._lock:
            for each in self._clients:
                each.wire.close()
            self._clients.clear()
        for connection in (self._listening, self._wake, self._woken):
            connection.close()
        Path(self.path).unlink(missing_ok=True)

    def _run(self) -> None:
        while True:
            clients = [] if self.is_deaf else [each.wire for each in self._clients]
            heard: list[socket.socket | Wire] = [self._listening, self._woken, *clients]
            readable, _, _ = select.select(heard, [], [], 0.05)
            if self._woken in readable:
                return
            with self._lock:
                if self._listening in readable:
                    wire = Wire(self._listening.accept()[0])
                    self._clients.append(_Client(wire, {1: "display"}))
                for each in [each for each in self._clients if each.wire in readable]:
                    self._hear(each)

    def _hear(self, client: _Client) -> None:
        try:
            for message in client.wire.receive():
                self._obey(client, message, Arguments(message.body))
        except (EOFError, OSError, WireError):
            self._clients.remove(client)
            client.wire.close()
            for place, source in list(self._selected.items()):
                if source.client is client:
                    self._select(place[0], None, is_primary=place[1])

    def _obey(self, client: _Client, message: Message, arguments: Arguments) -> None:
        kind = client.kinds.get(message.object_id, "")
        if message.opcode == 1 and kind in ("source", "device", "offer"):
            self._destroy(client, message.object_id)
            return
        obeyed = {
            ("display", 0): self._sync,
            ("display", 1): self._list_globals,
            ("registry", 0): self._bind,
            ("manager", 0): self._begin_source,
            ("manager", 1): self._follow,
            ("source", 0): self._add_type,
            ("device", 0): self._select_clipboard,
            ("device", 2): self._select_primary,
            ("offer", 0): self._receive,
        }.get((kind, message.opcode))
        if obeyed:
            obeyed(client, message.object_id, arguments)

    def _sync(self, client: _Client, _object_id: int, arguments: Arguments) -> None:
        callback = arguments.word()
        client.send(callback, 0, words(0))
        client.send(1, 1, words(callback))

    def _list_globals(self, client: _Client, _object_id: int, arguments: Arguments) -> None:
        registry = arguments.word()
        client.kinds[registry] = "registry"
        for number, (name, version) in self._globals.items():
            client.send(registry, 0, words(number) + text(name) + words(version))

    def _begin_source(self, client: _Client, _object_id: int, arguments: Arguments) -> None:
        source = arguments.word()
        client.kinds[source] = "source"
        client.sources[source] = _Source(client=client, object_id=source)

    def _add_type(self, client: _Client, source: int, arguments: Arguments) -> None:
        client.sources[source].types.append(arguments.text())

    def _select_clipboard(self, client: _Client, device: int, arguments: Arguments) -> None:
        source = client.sources.get(arguments.word())
        self._select(client.seats[device], source, is_primary=False)

    def _select_primary(self, client: _Client, device: int, arguments: Arguments) -> None:
        source = client.sources.get(arguments.word())
        self._select(client.seats[device], source, is_primary=True)

    def _bind(self, client: _Client, _object_id: int, arguments: Arguments) -> None:
        number, name = arguments.word(), arguments.text()
        _, bound = arguments.word(), arguments.word()
        assert self._globals[number][0] == name
        client.kinds[bound] = "manager" if number == _MANAGER else "seat"
        client.seats[bound] = number

    def _follow(self, client: _Client, _object_id: int, arguments: Arguments) -> None:
        device, seat = arguments.word(), client.seats[arguments.word()]
        client.kinds[device] = "device"
        client.seats[device] = seat
        for (place, is_primary), source in self._selected.items():
            if place == seat:
                self._tell(client, device, source, is_primary=is_primary)

    def _select(self, seat: int, source: _Source | None, *, is_primary: bool) -> None:
        before = self._selected.pop((seat, is_primary), None)
        if source:
            self._selected[seat, is_primary] = source
        for client in self._clients:
            client.offers = {
                number: each for number, each in client.offers.items() if each is not before
            }
            for device in client.devices(seat):
                self._tell(client, device, source, is_primary=is_primary)
        if before and before.client in self._clients:
            before.client.send(before.object_id, 1)

    def _tell(
        self, client: _Client, device: int, source: _Source | None, *, is_primary: bool
    ) -> None:
        opcode = 3 if is_primary else 1
        if source is None:
            client.send(device, opcode, words(0))
            return
        offer, self._next_offer = self._next_offer, self._next_offer + 1
        client.kinds[offer] = "offer"
        client.offers[offer] = source
        send = partial(_send_torn, client.wire) if self.is_torn else client.send
        send(device, 0, words(offer))
        for name in source.types:
            send(offer, 0, text(name))
        send(device, opcode, words(offer))

    def _receive(self, client: _Client, offer: int, arguments: Arguments) -> None:
        name, descriptor = arguments.text(), client.wire.take_descriptor()
        source = None if self.is_forgetful else client.offers.get(offer)
        self.asked.append(name)
        if source and source.content is not None:
            writing = (descriptor, source.content[name])
            threading.Thread(target=_write, args=writing, daemon=True).start()
            return
        if source and source.client in self._clients:
            source.client.send(source.object_id, 0, text(name), descriptors=[descriptor])
        os.close(descriptor)

    def _destroy(self, client: _Client, object_id: int) -> None:
        client.kinds.pop(object_id)
        client.offers.pop(object_id, None)
        client.sources.pop(object_id, None)
        if object_id < _FIRST_SERVER_ID:
            client.send(1, 1, words(object_id))

    def _each_registry(self, opcode: int, body: bytes) -> None:
        for client in self._clients:
            for registry in [each for each, kind in client.kinds.items() if kind == "registry"]:
                client.send(registry, opcode, body)


def _send_torn(wire: Wire, object_id: int, opcode: int, body: bytes) -> None:
    message = words(object_id, (8 + len(body)) << 16 | opcode) + body
    with suppress(OSError):  # it may be just leaving
        for byte in message:
            os.write(wire.fileno(), bytes([byte]))
            time.sleep(0.001)  # so that it is read byte by byte, too


def _write(descriptor: int, content: bytes) -> None:
    with suppress(OSError), os.fdopen(descriptor, "wb") as pipe:
        pipe.write(content)


@contextmanager
def tiny_compositor(*, manager: str = EXT, seats: int = 1) -> Iterator[TinyCompositor]:
    """Start one, and end it."""
    with runtime_folder() as folder:
        compositor = TinyCompositor(str(folder / "wayland-0"), manager=manager, seats=seats)
        try:
            yield compositor
        finally:
            compositor.die()


@pytest.fixture
def tiny() -> Iterator[TinyCompositor]:
    """One with a seat and ext_data_control_v1."""
    with tiny_compositor() as compositor:
        yield compositor
