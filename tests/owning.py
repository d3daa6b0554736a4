"""The process of ``tests.owners`` that owns an X selection: ``python -m tests.owning``."""

# ruff: noqa: ANN401 - xcffib has no types

from __future__ import annotations

import importlib
import io
import os
import select
import struct
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

from tests.obeying import obey

if TYPE_CHECKING:
    from collections.abc import Callable

xcffib: Any = importlib.import_module("xcffib")
core: Any = importlib.import_module("xcffib.xproto")

_PAUSE = threading.Event()
_CHUNK_BYTES = 256 * 1024 - 1024
_BYTE = 8


class _Owning:
    def __init__(self) -> None:
        self._x: Any = xcffib.connect()
        screen = self._x.get_setup().roots[self._x.pref_screen]
        self._window = self._x.generate_id()
        kind, mask = core.WindowClass.InputOutput, core.CW.EventMask
        values = [core.EventMask.PropertyChange]
        root, visual = screen.root, screen.root_visual
        create = self._x.core.CreateWindow
        create(0, self._window, root, 0, 0, 1, 1, 0, kind, visual, mask, values)
        self._atoms: dict[str, int] = {}
        self._names: dict[int, str] = {}
        self._content: dict[str, bytes] = {}
        self._faults: dict[str, Any] = {}
        self._time_ms = 0
        self._pieces: dict[tuple[int, int], list[Any]] = {}
        self.served: list[str] = []
        self._atom("TARGETS")
        self._tell_class(os.environ.get("OWNER_WM_CLASS", ""))

    def _tell_class(self, name: str) -> None:
        if name:
            value = f"{name.lower()}\0{name}\0".encode()
            self._put(self._window, self._atom("WM_CLASS"), self._atom("STRING"), value)
            self._x.flush()

    def copy(self, content: dict[str, bytes], faults: dict[str, Any]) -> None:
        for name in content:
            self._atom(name)
        selection = self._atom(faults.get("selection", "CLIPBOARD"))
        self._time_ms = self._now_ms()
        self._content, self._faults = content, faults
        self._x.core.SetSelectionOwner(self._window, selection, self._time_ms)
        assert self._x.core.GetSelectionOwner(selection).reply().owner == self._window

    def clear(self) -> None:
        self._content = {}
        self._x.core.SetSelectionOwner(0, self._atom("CLIPBOARD"), self._now_ms())
        self._x.flush()

    def pump(self, seconds: float, *also: int) -> bool:
        """Serve for so long, or until one of ``also`` is readable."""
        end = time.monotonic() + seconds
        while True:
            while (event := self._next(self._x.poll_for_event)) is not None:
                self._handle(event)
            left = end - time.monotonic()
            if left <= 0:
                return False
            readable, _, _ = select.select([self._x.get_file_descriptor(), *also], [], [], left)
            if set(readable) & set(also):
                return True

    def _next(self, ask: Callable[[], Any]) -> Any:
        """The next event; errors of windows whose program was killed are passed over."""
        while True:
            try:
                return ask()
            except xcffib.ConnectionException:
                raise
            except xcffib.XcffibException:
                continue

    def _atom(self, name: str) -> int:
        if name not in self._atoms:
            number = self._x.core.InternAtom(False, len(name), name).reply().atom
            self._atoms[name], self._names[number] = number, name
        return self._atoms[name]

    def _now_ms(self) -> int:
        atom = self._atom("_OWNING_TIME")
        self._put(self._window, atom, self._atom("STRING"), b"")
        self._x.flush()
        while True:
            event = self._next(self._x.wait_for_event)
            if isinstance(event, core.PropertyNotifyEvent) and event.atom == atom:
                return int(event.time)
            self._handle(event)

    def _put(self, window: int, atom: int, kind: int, value: bytes, bits: int = 8) -> None:
        items = len(value) * 8 // bits
        head = struct.pack("=xB2xIIIB3xI", 0, window, atom, kind, bits, items)
        self._x.core.send_request(18, io.BytesIO(head + value))

    def _handle(self, event: Any) -> None:
        if isinstance(event, core.SelectionRequestEvent):
            name = self._names.get(event.target, "?")
            self.served.append(name)
            if name not in self._faults.get("hang", ()):
                self._reply(event, event.property if self._converted(event, name) else 0)
        elif isinstance(event, core.PropertyNotifyEvent) and event.state == core.Property.Delete:
            self._next_piece(event)

    def _converted(self, event: Any, name: str) -> bool:
        if name in self._faults.get("die_on", ()):
            os._exit(9)
        if name in self._faults.get("absent", ()):
            return True
        if name == "TARGETS":
            self._begin(event, self._targets(), self._atom("ATOM"), 32)
            return True
        if name in self._faults.get("refuse", ()) or name not in self._content:
            return False
        kind = self._atom("STRING") if name in self._faults.get("latin1", ()) else event.target
        value = self._content[name] * int(self._faults.get("times", 1))
        self._begin(event, value, kind, int(self._faults.get("bits", 8)))
        return True

    def _targets(self) -> bytes:
        atoms = [self._atom(each) for each in ("TARGETS", "TIMESTAMP", *self._content)]
        atoms *= int(self._faults.get("targets", 1))
        return struct.pack(f"={len(atoms)}I", *atoms)

    def _begin(self, event: Any, value: bytes, kind: int, bits: int) -> None:
        chunk = int(self._faults.get("chunk_bytes", _CHUNK_BYTES))
        is_cut = self._names[event.target] in self._faults.get("in_pieces", ())
        if not is_cut and (len(value) <= chunk or bits != _BYTE):
            self._put(event.requestor, event.property, kind, value, bits)
            return
        mask, values = core.CW.EventMask, [core.EventMask.PropertyChange]
        self._x.core.ChangeWindowAttributes(event.requestor, mask, values)
        size = struct.pack("=I", self._faults.get("announced", len(value)))
        self._put(event.requestor, event.property, self._atom("INCR"), size, 32)
        self._pieces[event.requestor, event.property] = [kind, value, 0, chunk, self._faults, 0]

    def _next_piece(self, event: Any) -> None:
        state = self._pieces.get((event.window, event.atom))
        if state is None:
            return
        kind, value, offset, chunk, faults, sent = state
        if sent >= faults.get("die_after", 1 << 30):
            os._exit(9)
        if sent >= faults.get("stall_after", 1 << 30):
            return
        _PAUSE.wait(faults.get("slow_s", 0.0))
        piece = value[offset : offset + chunk]
        self._put(event.window, event.atom, kind, piece)
        self._x.flush()
        state[2], state[5] = offset + len(piece), sent + 1
        if faults.get("endless"):
            state[2] %= len(value)
        if not piece:
            del self._pieces[event.window, event.atom]

    def _reply(self, event: Any, atom: int) -> None:
        words = (event.time, event.requestor, event.selection, event.target, atom)
        note = struct.pack("=BxHIIIII8x", 31, 0, *words)
        self._x.core.SendEvent(False, event.requestor, 0, note)
        self._x.flush()


if __name__ == "__main__":
    try:
        obey(_Owning())
    except xcffib.ConnectionException:
        sys.exit("the X server went away")
