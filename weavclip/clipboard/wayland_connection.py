"""A connection to a Wayland compositor: who is there, what it offers, and whose turn it is.

References:
    wayland.xml: wl_display, wl_registry and wl_callback, which every client begins with.
"""

from __future__ import annotations

import select
import socket
import time
from typing import TYPE_CHECKING

from weavclip.clipboard.wayland_events import Answered, Event, SeatCame, SeatGone
from weavclip.clipboard.wayland_wire import Arguments, Message, Wire, WireError, text, words
from weavclip.domain.errors import NoClipboardError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType
    from typing import Self

SEAT = "wl_seat"
_DISPLAY, _REGISTRY, _FIRST_FREE = 1, 2, 3
_FIRST_SERVER_ID = 0xFF000000
_SYNC, _GET_REGISTRY, _BIND = 0, 1, 0  # requests, by their place in wayland.xml
_ANSWER_S = 5.0


def socket_path(environ: Mapping[str, str]) -> str:
    """The compositor's socket in this session; empty when it has none.

    >>> socket_path({"WAYLAND_DISPLAY": "wayland-1", "XDG_RUNTIME_DIR": "/run/user/1000"})
    '/run/user/1000/wayland-1'
    """
    name, folder = environ.get("WAYLAND_DISPLAY", ""), environ.get("XDG_RUNTIME_DIR", "")
    if not name or name.startswith("/"):
        return name
    return f"{folder}/{name}" if folder else ""


class Connection:
    """What every client of a compositor does; not to be shared between threads."""

    def __init__(self, path: str) -> None:
        """Connect, and learn what the compositor offers.

        Args:
            path: Of its socket.

        Raises:
            NoClipboardError: If no compositor answers there.
        """
        self.path = path
        self.socket = _connected(path)
        self.globals: dict[int, tuple[str, int]] = {}
        self._wire = Wire(self.socket)
        self._next_id, self._free_ids = _FIRST_FREE, list[int]()
        self._kinds = {_DISPLAY: "display", _REGISTRY: "registry"}
        self._events: list[Event] = []
        try:
            self.send(_DISPLAY, _GET_REGISTRY, words(_REGISTRY))
            self.wait_for(self.sync())
        except NoClipboardError:
            self.close()
            raise

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
        return self.socket.fileno()

    def send(self, object_id: int, opcode: int, body: bytes = b"", *descriptors: int) -> None:
        """Ask for something.

        Raises:
            NoClipboardError: If the compositor is gone, or takes nothing any more.
        """
        try:
            self._wire.send(object_id, opcode, body, descriptors=descriptors)
        except OSError as error:
            raise self._gone() from error

    def bind(self, number: int, *, newest: int) -> int:
        """An object of one of the globals, of version ``newest`` or the compositor's own."""
        name, version = self.globals[number]
        bound = self.new(name)
        body = words(number) + text(name) + words(min(newest, version), bound)
        self.send(_REGISTRY, _BIND, body)
        return bound

    def new(self, kind: str) -> int:
        """An id for an object of ours, until the compositor gives it back."""
        if self._free_ids:
            found = self._free_ids.pop()
        else:
            found, self._next_id = self._next_id, self._next_id + 1
        self._kinds[found] = kind
        return found

    def sync(self) -> int:
        """Ask for :class:`Answered` once everything before it was done."""
        callback = self.new("callback")
        # An id comes round: the answer to an older sync of this number is not this one's.
        self._events = [each for each in self._events if each != Answered(callback)]
        self.send(_DISPLAY, _SYNC, words(callback))
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
                message = f"the compositor at {self.path} did not answer within {_ANSWER_S} s"
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

    def _come(self) -> list[Event]:
        try:
            found = [self._event(each) for each in self._wire.receive()]
        except (OSError, EOFError) as error:
            raise self._gone() from error
        except WireError as error:
            message = f"the compositor at {self.path} speaks no Wayland: {error}"
            raise NoClipboardError(message, hint="log in again") from error
        return [each for each in found if each]

    def _event(self, message: Message) -> Event | None:
        kind = self._kinds.get(message.object_id)
        if kind == "display":
            self._obey(message)
            return None
        if kind == "registry":
            return self._seen(message)
        if kind == "callback":
            return Answered(message.object_id)
        return self.event_of(kind, message) if kind else None

    def event_of(self, kind: str, message: Message) -> Event | None:  # noqa: ARG002
        """What a message to an object of another kind tells; for those who know such."""
        return None

    def _obey(self, message: Message) -> None:
        """wl_display: an error, which ends the connection, or an id that is free again."""
        arguments = Arguments(message.body)
        object_id = arguments.word()
        if message.opcode == 0:
            kind = self._kinds.get(object_id, "an object that is gone")
            told = f"the compositor refused a request to {kind} (error {arguments.word()})"
            raise NoClipboardError(told, hint="report it with the name of your desktop")
        if self._kinds.pop(object_id, None) and object_id < _FIRST_SERVER_ID:
            self._free_ids.append(object_id)

    def _seen(self, message: Message) -> Event | None:
        """wl_registry: something came or went."""
        arguments = Arguments(message.body)
        number = arguments.word()
        if message.opcode == 0:
            name = arguments.text()
            self.globals[number] = (name, arguments.word())
            return SeatCame(number) if name == SEAT else None
        name, _ = self.globals.pop(number, ("", 0))
        return SeatGone(number) if name == SEAT else None

    def _gone(self) -> NoClipboardError:
        message = f"the compositor at {self.path} went away"
        return NoClipboardError(message, hint="start weavclip again from a running session")


def _connected(path: str) -> socket.socket:
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.settimeout(_ANSWER_S)
    try:
        connection.connect(path)
    except OSError as error:
        connection.close()
        message = f"no Wayland compositor answers at {path} ({error.strerror or error})"
        hint = "run it inside a Wayland session, or set WAYLAND_DISPLAY to its socket"
        raise NoClipboardError(message, hint=hint) from None
    return connection
