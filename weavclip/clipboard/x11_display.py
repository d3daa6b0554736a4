"""A connection to an X server, in the few requests and events that a clipboard needs.

xcffib turns every property into a list of numbers (16 times its bytes) and packs what is sent
byte by byte (130 ms a megabyte), so both are done here on the wire's own bytes.
"""

from __future__ import annotations

import importlib
import io
import os
import select
import struct
import time
from typing import TYPE_CHECKING, Any

from weavclip.clipboard.x11_events import (
    Answer,
    Event,
    Lost,
    OwnerChanged,
    Property,
    PropertyChanged,
    Request,
    WindowGone,
)
from weavclip.domain.errors import NoClipboardError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import TracebackType
    from typing import Self

_CHANGE_PROPERTY, _SELECTION_NOTIFY = 18, 31  # numbers of the core protocol
_CLIENT_PID = 2  # X-Resource 1.2, LocalClientPID
_REPLY_HEAD = struct.Struct("=xBxxIIII")  # format, length, type, bytes_after, value_len
_MOST_EVENTS = 10_000
# Any type may have a name of 64 KB, and an offer thousands of them. Nobody's has 1 KB.
_LONGEST_NAME, _NAMES_AT_ONCE, _MOST_NAMES = 1_024, 64, 20_000


class Display:
    """One connection; not to be shared between threads."""

    def __init__(self, name: str | None) -> None:
        """Connect.

        Args:
            name: Such as ``:0``; the environment's DISPLAY when None.

        Raises:
            NoClipboardError: If there is no such server, or no library to reach it with.
        """
        self._name = name or os.environ.get("DISPLAY", "$DISPLAY")
        self._load()
        try:
            self._x: Any = self._xcffib.connect(name)
            self._fixes: Any = self._x(self._xfixes.key)
            self._fixes.QueryVersion(5, 0).reply()
        except self._xcffib.XcffibException as error:
            message = f"no X server with XFixes answers at {self._name}"
            raise NoClipboardError(message, hint="start it, or set DISPLAY to its name") from error
        screen = self._x.get_setup().roots[self._x.pref_screen]
        self._root, self._visual = screen.root, screen.root_visual
        self._file: int = self._x.get_file_descriptor()
        self._atoms: dict[str, int] = {}
        self._names: dict[int, str] = {}
        self._waiting: list[Event] = []
        # Asking an extension that is not there ends the connection.
        present = self._x.core.QueryExtension(len("X-Resource"), "X-Resource").reply().present
        self._has_resources = bool(present)

    def _load(self) -> None:
        try:
            self._xcffib: Any = importlib.import_module("xcffib")
            self._xproto: Any = importlib.import_module("xcffib.xproto")
            self._xfixes: Any = importlib.import_module("xcffib.xfixes")
            # Before connecting: a connection knows the events of loaded extensions only.
            self._res: Any = importlib.import_module("xcffib.res")
        except (ImportError, OSError) as error:
            message = f"xcffib or libxcb cannot be loaded: {error}"
            raise NoClipboardError(
                message, hint="pip install xcffib, and install libxcb"
            ) from None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._x.disconnect()

    def fileno(self) -> int:
        """The socket's descriptor, for select()."""
        return self._file

    def atom(self, name: str) -> int:
        """The server's number for ``name``."""
        found = self._atoms.get(name)
        if found is None:
            cookie = self._x.core.InternAtom(False, len(name.encode()), name)
            found = self._atoms[name] = int(self._ask(cookie.reply).atom)
            self._names[found] = name
        return found

    def names(self, atoms: Sequence[int]) -> tuple[str, ...]:
        """The names of ``atoms``, in their order; unknown ones and endless ones are left out."""
        if len(self._names) > _MOST_NAMES:
            self._names = {number: name for name, number in self._atoms.items()}
        unknown = [each for each in dict.fromkeys(atoms) if each not in self._names]
        for at in range(0, len(unknown), _NAMES_AT_ONCE):
            batch = unknown[at : at + _NAMES_AT_ONCE]
            for number, cookie in [(each, self._x.core.GetAtomName(each)) for each in batch]:
                reply = self._optional(cookie.reply)
                if reply is not None and reply.name_len <= _LONGEST_NAME:
                    self._names[number] = bytes(reply.name.buf()).decode("latin-1")
        return tuple(self._names[each] for each in atoms if each in self._names)

    def window(self) -> int:
        """A new window of ours, never shown, that hears of changes of its properties."""
        number = int(self._x.generate_id())
        create, heard = self._x.core.CreateWindow, self._xproto.EventMask.PropertyChange
        kind, mask = self._xproto.WindowClass.InputOutput, self._xproto.CW.EventMask
        create(0, number, self._root, 0, 0, 1, 1, 0, kind, self._visual, mask, [heard])
        return number

    def listen(self, window: int, selection: int) -> None:
        """Have ``window`` told of every change of the selection's owner."""
        masks = self._xfixes.SelectionEventMask
        every = masks.SetSelectionOwner | masks.SelectionWindowDestroy | masks.SelectionClientClose
        self._fixes.SelectSelectionInput(window, selection, every)
        self.flush()

    def hear_of(self, window: int) -> None:
        """Be told of another client's window: its properties and its end."""
        masks = self._xproto.EventMask
        values = [masks.PropertyChange | masks.StructureNotify]
        self._x.core.ChangeWindowAttributes(window, self._xproto.CW.EventMask, values)

    def owner(self, selection: int) -> int:
        """The window that owns the selection; 0 when there is none."""
        return int(self._ask(self._x.core.GetSelectionOwner(selection).reply).owner)

    def own(self, window: int, *, selection: int, at_ms: int) -> bool:
        """Take the selection; whether ``window`` has it now."""
        self._x.core.SetSelectionOwner(window, selection, at_ms)
        return self.owner(selection) == window

    def convert(self, window: int, *, selection: int, target: int, atom: int, at_ms: int) -> None:
        """Ask the owner to put ``target`` into the property ``atom`` of ``window``.

        For MULTIPLE the property says what is asked for; else it is best gone before.
        """
        self._x.core.ConvertSelection(window, selection, target, atom, at_ms)
        self.flush()

    def answer(self, request: Request, *, atom: int) -> None:
        """Tell a requestor that ``atom`` holds what it asked for; 0 refuses."""
        words = (request.at_ms, request.requestor, request.selection, request.target, atom)
        event = struct.pack("=BxHIIIII8x", _SELECTION_NOTIFY, 0, *words)
        self._x.core.SendEvent(False, request.requestor, 0, event)

    def get(self, window: int, atom: int, *, most_bytes: int, delete: bool = True) -> Property:
        """Read a property in one reply, and delete it unless it has more than ``most_bytes``.

        Raises:
            KeyError: If the window is gone.
        """
        words = most_bytes // 4 + 1
        cookie = self._x.core.GetProperty(delete, window, atom, 0, 0, words)
        reply = self._optional(lambda: self._x.wait_for_reply(cookie.sequence))
        if reply is None:
            raise KeyError(window)
        bits, _, type_atom, bytes_left, items = _REPLY_HEAD.unpack_from(reply.buf)
        content = bytes(reply.buf[32 : 32 + items * bits // 8])
        if delete and not bytes_left:
            self.flush()
        return Property(type_atom, content, bytes_left)

    def size_of(self, window: int, atom: int) -> int:
        """The bytes that a property of ours holds, without fetching them."""
        cookie = self._x.core.GetProperty(False, window, atom, 0, 0, 0)
        return int(self._ask(cookie.reply).bytes_after)

    def drop(self, window: int, atom: int) -> None:
        """Delete a property."""
        self._x.core.DeleteProperty(window, atom)
        self.flush()

    def put(
        self, window: int, atom: int, *, type_name: str, content: bytes, bits: int = 8
    ) -> None:
        """Write a property, of items of 8 or 32 bits, on any client's window."""
        items = len(content) * 8 // bits
        head = (0, window, atom, self.atom(type_name), bits, items)
        request = io.BytesIO(struct.pack("=xB2xIIIB3xI", *head) + content)
        request.seek(0, io.SEEK_END)
        self._x.core.send_request(_CHANGE_PROPERTY, request)

    def now_ms(self, window: int) -> int:
        """The server's time, from an empty change of a property of ``window``.

        Raises:
            NoClipboardError: If the server does not answer within 5 s, or went away.
        """
        atom = self.atom("_WEAVCLIP_TIME")
        self.put(window, atom, type_name="STRING", content=b"")
        self.flush()
        end = time.monotonic() + 5.0
        while time.monotonic() < end:
            for event in self.events():
                if isinstance(event, PropertyChanged) and (event.window, event.atom) == (
                    window,
                    atom,
                ):
                    return event.at_ms
                self._waiting.append(event)
            select.select([self], [], [], 0.1)
        raise self._gone()

    def flush(self) -> None:
        """Send what is still held back."""
        self._ask(self._x.flush)

    def events(self) -> list[Event]:
        """All that have come, without waiting; errors of windows long gone are passed over.

        Raises:
            NoClipboardError: If the server went away.
        """
        found, self._waiting = self._waiting, []
        while len(found) < _MOST_EVENTS:
            try:
                raw = self._x.poll_for_event()
            except self._xcffib.ConnectionException as error:
                raise self._gone() from error
            except (self._xcffib.XcffibException, LookupError, StopIteration):
                continue
            if raw is None:
                break
            event = self._event(raw)
            if event:
                found.append(event)
        if self._x.has_error():
            raise self._gone()
        return found

    def _event(self, raw: Any) -> Event | None:  # noqa: ANN401 - xcffib's
        core, fixes = self._xproto, self._xfixes
        if isinstance(raw, fixes.SelectionNotifyEvent):
            has_died = raw.subtype != fixes.SelectionEvent.SetSelectionOwner
            return OwnerChanged(raw.selection, raw.owner, raw.selection_timestamp, has_died)
        if isinstance(raw, core.SelectionNotifyEvent):
            return Answer(raw.requestor, raw.target, raw.property)
        if isinstance(raw, core.PropertyNotifyEvent):
            is_deleted = raw.state == core.Property.Delete
            return PropertyChanged(raw.window, raw.atom, raw.time, is_deleted)
        if isinstance(raw, core.SelectionRequestEvent):
            atom = raw.property or raw.target  # ICCCM 2.2: obsolete clients name no property
            return Request(raw.requestor, raw.selection, raw.target, atom, raw.time)
        if isinstance(raw, core.SelectionClearEvent):
            return Lost(raw.selection)
        return WindowGone(raw.window) if isinstance(raw, core.DestroyNotifyEvent) else None

    def root_property(self, name: str) -> bytes:
        """The first bytes of a property of the root window; empty when it has no such."""
        return self.get(self._root, self.atom(name), most_bytes=4, delete=False).content

    def client_pid(self, window: int) -> int:
        """The process that a window belongs to, on this machine; 0 when there is no saying."""
        if not self._has_resources:
            return 0
        spec = self._res.ClientIdSpec.synthetic(window, _CLIENT_PID)
        ask = self._x(self._res.key).QueryClientIds
        reply = self._optional(lambda: ask(1, [spec]).reply())
        found = reply.ids if reply else ()
        return next((int(each.value[0]) for each in found if each.length), 0)

    def _ask(self, ask: Callable[[], Any]) -> Any:  # noqa: ANN401 - xcffib has no types
        try:
            return ask()
        except self._xcffib.ConnectionException as error:
            raise self._gone() from error

    def _optional(self, ask: Callable[[], Any]) -> Any:  # noqa: ANN401 - as above
        """The reply, or None when what was asked about is gone."""
        try:
            return self._ask(ask)
        except self._xcffib.XcffibException:
            return None

    def _gone(self) -> NoClipboardError:
        message = f"the X server at {self._name} went away"
        return NoClipboardError(message, hint="start weavclip again from a running session")
