"""A Windows of one clipboard, as Microsoft documents user32.dll and kernel32.dll.

Memory is real and sits at real addresses; windows, messages, ownership, opening, promised
content (delayed rendering), synthesised formats and sequence numbers are kept as the pages
"About the Clipboard", "Clipboard Operations" and those of each function say.
"""
# ruff: noqa: N802 - Windows' own names

from __future__ import annotations

import ctypes
import queue
import threading
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Any

from weavclip.clipboard import windows_calls as calls
from weavclip.clipboard.windows_calls import Windows
from weavclip.clipboard.windows_formats import STANDARD

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

HERE = r"C:\Python311\python.exe"
NOTEPAD = r"C:\Windows\notepad.exe"
_SYNTHESISED = {
    "CF_UNICODETEXT": ("CF_LOCALE", "CF_TEXT", "CF_OEMTEXT"),
    "CF_DIB": ("CF_BITMAP", "CF_DIBV5"),
    "CF_DIBV5": ("CF_BITMAP", "CF_DIB"),
}
_BLOCK_BYTES = 16  # memory is handed out in blocks: GlobalSize may tell more than was asked for


@dataclass(eq=False)
class _Window:
    number: int
    thread: int
    image: str
    messages: queue.SimpleQueue[int] = field(default_factory=queue.SimpleQueue)
    answers: threading.Event = field(default_factory=threading.Event)


@dataclass(eq=False)
class _Memory:
    buffer: Any
    size: int
    locks: int = 0
    is_system: bool = False


class FakeWindows:
    """The session: what this process and others do in it."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.numbers = count(0x1_0000_0001)  # handles that do not fit 32 bits
        self.windows: dict[int, _Window] = {}
        self.memory: dict[int, _Memory] = {}
        self.names = dict(STANDARD)
        self.listeners: list[int] = []
        self.front: int | None = None
        self.sequence = 1
        self.owner: int | None = None
        self.formats: dict[int, int | Callable[[], bytes]] = {}
        self.opened_by: tuple[int, int | None] | None = None
        self.is_changed = False
        self.decodes = True
        self.reads: list[str] = []
        self.pressed: list[tuple[int, bool]] = []
        self.extended: set[int] = set()
        self.held: set[int] = set()
        self.accepts_input = True
        self.errors = threading.local()

    def system(self) -> Windows:
        """What the code under test is handed."""
        pictures = Pictures(self)
        libraries = User32(self), Kernel32(self), pictures, pictures, pictures
        return Windows(*libraries, lambda: getattr(self.errors, "last", 0))

    def copy(self, content: Mapping[str, bytes | Callable[[], bytes]], *, image: str = "") -> int:
        """Another program copies; a callable makes the content only when it is asked for.

        Returns the owner's window; with no ``image`` the program opens without a window.
        """
        window = self.window(image or NOTEPAD, thread=0)
        with self.lock:
            assert self.opened_by is None, "the clipboard is held"
            self.sequence += 1
            self._drop()
            self.owner = window if image else None
            for name, value in content.items():
                self.sequence += 1
                self.formats[self.number(name)] = self._kept(value)
            self._announce()
        return window

    def window(self, image: str, *, thread: int) -> int:
        """A window of the program whose file is ``image``."""
        number = next(self.numbers)
        self.windows[number] = _Window(number, thread, image)
        self.windows[number].answers.set()
        return number

    def pasted(self, name: str) -> bytes | None:
        """What another program is given for a format."""
        with self.lock:
            number = self.number(name)
            value = self.formats.get(number)
            assert not callable(value)
            return None if value is None else self.bytes_of(value)

    def leaked(self) -> list[str]:
        """What this process did not give back: memory, locks, the clipboard, windows."""
        unowned = [each for each in self.memory.values() if not each.is_system]
        locked = [each for each in self.memory.values() if each.locks]
        windows = [each for each in self.windows.values() if each.image == HERE]
        held = ["the open clipboard"] if self.opened_by else []
        return [
            *held,
            *(["memory"] * len(unowned)),
            *(["a lock"] * len(locked)),
            *(["a window"] * len(windows)),
        ]

    def number(self, name: str) -> int:
        for number, each in self.names.items():
            if each == name:
                return number
        number = 0xC000 + len(self.names)
        self.names[number] = name
        return number

    def allocate(self, size: int) -> int:
        handle = next(self.numbers)
        blocks = -(-size // _BLOCK_BYTES) * _BLOCK_BYTES
        # What memory holds that nobody has written to is anything but zeros.
        self.memory[handle] = _Memory(ctypes.create_string_buffer(b"\xdd" * blocks, blocks), size)
        return handle

    def bytes_of(self, handle: int) -> bytes:
        memory = self.memory[handle]
        return bytes(memory.buffer.raw[: memory.size])

    def render(self, number: int) -> int | None:
        """The handle of a format; its owner makes it now where it was promised."""
        value = self.formats.get(number)
        if not callable(value):
            return value
        made = value()  # the owner's answer to WM_RENDERFORMAT
        with self.lock:
            handle = self.formats[number] = self._kept(made)
            self.sequence += 1
            self.is_changed = True
            assert not callable(handle)
            return handle

    def fail(self, error: int) -> int:
        self.errors.last = error
        return 0

    def end_of_session(self, window: int) -> None:
        """GetMessageW fails from now on."""
        self.windows[window].messages.put(-1)

    def changed(self) -> None:
        """The clipboard was closed after a change: listeners are told by a posted message."""
        for each in self.listeners:
            self.windows[each].messages.put(calls.WM_CLIPBOARDUPDATE)

    def _announce(self) -> None:
        self.is_changed = False
        self.changed()

    def _drop(self) -> None:
        for value in self.formats.values():
            if not callable(value):
                self.memory.pop(value)
        self.formats.clear()

    def _kept(self, value: bytes | Callable[[], bytes]) -> int | Callable[[], bytes]:
        if callable(value):
            return value
        handle = self.allocate(len(value))
        ctypes.memmove(self.memory[handle].buffer, value, len(value))
        self.memory[handle].is_system = True
        return handle


class User32:
    """user32.dll."""

    def __init__(self, fake: FakeWindows) -> None:
        self._fake = fake

    def CreateWindowExW(
        self,
        _ex_style: int,
        class_name: str,
        _title: str | None,
        _style: int,
        _x: int,
        _y: int,
        _width: int,
        _height: int,
        parent: int | None,
        _menu: int | None,
        _instance: int | None,
        _param: int | None,
        /,
    ) -> int | None:
        assert (class_name, parent) == ("STATIC", calls.HWND_MESSAGE)
        return self._fake.window(HERE, thread=threading.get_ident())

    def DestroyWindow(self, window: int | None, /) -> int:
        assert window
        if self._fake.windows[window].thread != threading.get_ident():
            return self._fake.fail(calls.ERROR_ACCESS_DENIED)
        del self._fake.windows[window]
        if self._fake.owner == window:
            self._fake.owner = None
        return 1

    def AddClipboardFormatListener(self, window: int | None, /) -> int:
        assert window
        self._fake.listeners.append(window)
        return 1

    def RemoveClipboardFormatListener(self, window: int | None, /) -> int:
        assert window
        self._fake.listeners.remove(window)
        return 1

    def GetMessageW(self, message: Any, window: int | None, low: int, high: int, /) -> int:  # noqa: ANN401
        assert (window, low, high) == (None, 0, 0)
        here = threading.get_ident()
        (mine,) = [each for each in self._fake.windows.values() if each.thread == here]
        number = mine.messages.get(timeout=30)
        if number < 0:
            self._fake.fail(1400)
            return -1
        message._obj.hWnd, message._obj.message = mine.number, number
        return 1

    def DispatchMessageW(self, _message: Any, /) -> int:  # noqa: ANN401
        return 0

    def PostMessageW(self, window: int | None, message: int, _wide: int, _long: int, /) -> int:
        if window not in self._fake.windows:
            return self._fake.fail(1400)
        self._fake.windows[window].messages.put(message)
        return 1

    def SendMessageTimeoutW(
        self,
        window: int | None,
        message: int,
        _wide: int,
        _long: int,
        flags: int,
        timeout_ms: int,
        _result: Any,  # noqa: ANN401
        /,
    ) -> int:
        assert (message, flags) == (calls.WM_NULL, calls.SMTO_NORMAL)
        found = self._fake.windows.get(window or 0)
        if found is None:
            return self._fake.fail(1400)
        has_answered = found.answers.wait(timeout_ms / 1000)
        return 1 if has_answered else self._fake.fail(calls.ERROR_TIMEOUT)

    def OpenClipboard(self, window: int | None, /) -> int:
        with self._fake.lock:
            if self._fake.opened_by:
                return self._fake.fail(calls.ERROR_ACCESS_DENIED)
            self._fake.opened_by = (threading.get_ident(), window)
            return 1

    def CloseClipboard(self) -> int:
        with self._fake.lock:
            self._require_open()
            self._fake.opened_by = None
            if self._fake.is_changed:
                self._fake.is_changed = False
                self._fake.changed()
            return 1

    def EmptyClipboard(self) -> int:
        with self._fake.lock:
            self._fake.owner = self._require_open()
            self._fake._drop()
            self._fake.sequence += 1
            self._fake.is_changed = True
            return 1

    def EnumClipboardFormats(self, number: int, /) -> int:
        with self._fake.lock:
            self._require_open()
            listed = self._listed()
            self._fake.fail(0)
            place = listed.index(number) + 1 if number else 0
            return listed[place] if place < len(listed) else 0

    def GetClipboardFormatNameW(self, number: int, name: Any, length: int, /) -> int:  # noqa: ANN401
        if number in STANDARD:
            return self._fake.fail(87)
        name.value = self._fake.names[number][: length - 1]
        return len(name.value)

    def RegisterClipboardFormatW(self, name: str, /) -> int:
        with self._fake.lock:
            return self._fake.number(name)

    def GetClipboardData(self, number: int, /) -> int | None:
        with self._fake.lock:
            self._require_open()
            self._fake.reads.append(self._fake.names[number])
        return self._fake.render(number)

    def SetClipboardData(self, number: int, memory: int | None, /) -> int | None:
        with self._fake.lock:
            window = self._require_open()
            assert memory
            if window is None or self._fake.owner != window:
                return self._fake.fail(1418) or None
            assert not self._fake.memory[memory].locks, "locked memory was handed over"
            self._fake.memory[memory].is_system = True
            self._fake.formats[number] = memory
            self._fake.sequence += 1
            self._fake.is_changed = True
            return memory

    def GetClipboardOwner(self) -> int | None:
        return self._fake.owner

    def GetClipboardSequenceNumber(self) -> int:
        return self._fake.sequence

    def GetForegroundWindow(self) -> int | None:
        return self._fake.front

    def GetWindowThreadProcessId(self, window: int | None, pid: Any, /) -> int:  # noqa: ANN401
        if window not in self._fake.windows:
            return self._fake.fail(1400)
        pid._obj.value = window & 0xFFFF
        return 1

    def GetAsyncKeyState(self, key: int, /) -> int:
        return -0x8000 if key in self._fake.held else 0

    def SendInput(self, count: int, inputs: Any, size: int, /) -> int:  # noqa: ANN401
        assert size == ctypes.sizeof(calls.Input)
        if not self._fake.accepts_input:
            return self._fake.fail(calls.ERROR_ACCESS_DENIED)
        for each in inputs[:count]:
            assert each.type == calls.INPUT_KEYBOARD
            is_down = not each.u.ki.dwFlags & calls.KEYEVENTF_KEYUP
            self._fake.pressed.append((each.u.ki.wVk, is_down))
            if each.u.ki.dwFlags & calls.KEYEVENTF_EXTENDEDKEY:
                self._fake.extended.add(each.u.ki.wVk)
        return count

    def _require_open(self) -> int | None:
        assert self._fake.opened_by, "the clipboard is not open"
        thread, window = self._fake.opened_by
        assert thread == threading.get_ident(), "another thread has opened the clipboard"
        return window

    def _listed(self) -> list[int]:
        """What was put there, then what the system makes of it."""
        put = list(self._fake.formats)
        names = [self._fake.names[each] for each in put]
        made = [other for name in names for other in _SYNTHESISED.get(name, ())]
        return list(dict.fromkeys([*put, *(self._fake.number(each) for each in made)]))


class Kernel32:
    """kernel32.dll."""

    def __init__(self, fake: FakeWindows) -> None:
        self._fake = fake

    def GlobalAlloc(self, flags: int, size: int, /) -> int | None:
        assert flags == calls.GMEM_MOVEABLE, "the clipboard takes moveable memory only"
        with self._fake.lock:
            return self._fake.allocate(size)

    def GlobalLock(self, memory: int | None, /) -> int | None:
        assert memory
        found = self._fake.memory[memory]
        found.locks += 1
        return ctypes.addressof(found.buffer)

    def GlobalUnlock(self, memory: int | None, /) -> int:
        assert memory
        found = self._fake.memory[memory]
        assert found.locks
        found.locks -= 1
        return int(found.locks > 0)

    def GlobalSize(self, memory: int | None, /) -> int:
        assert memory
        return len(self._fake.memory[memory].buffer)

    def GlobalFree(self, memory: int | None, /) -> int | None:
        assert memory
        assert not self._fake.memory[memory].is_system, "the system's memory was freed"
        del self._fake.memory[memory]
        return None

    def OpenProcess(self, access: int, _inherits: int, pid: int, /) -> int | None:
        assert access == calls.PROCESS_QUERY_LIMITED_INFORMATION
        return pid or None

    def CloseHandle(self, handle: int | None, /) -> int:
        return int(bool(handle))

    def QueryFullProcessImageNameW(
        self,
        process: int | None,
        _flags: int,
        name: Any,  # noqa: ANN401
        length: Any,  # noqa: ANN401
        /,
    ) -> int:
        found = [each for each in self._fake.windows.values() if each.number & 0xFFFF == process]
        if not found:
            return self._fake.fail(6)
        name.value = found[0].image
        length._obj.value = len(name.value)
        return 1


class Pictures:
    """gdiplus.dll, gdi32.dll and shlwapi.dll: every picture is 2 x 1 px, of 0x55."""

    def __init__(self, fake: FakeWindows) -> None:
        self._fake = fake
        self._made: list[str] = []

    def SHCreateMemStream(self, content: bytes, size: int, /) -> int | None:
        return size and len(content)

    def GdiplusStartup(self, token: Any, options: Any, _output: int | None, /) -> int:  # noqa: ANN401
        assert options._obj.version == 1
        token._obj.value = 7
        return 0

    def GdiplusShutdown(self, token: int, /) -> None:
        assert token == 7
        assert self._made == [], "something was not given back"

    def GdipCreateBitmapFromStream(self, stream: int | None, picture: Any, /) -> int:  # noqa: ANN401
        assert stream
        if not self._fake.decodes:
            return 2
        return self._make("picture", picture)

    def GdipGetImageWidth(self, _picture: int | None, width: Any, /) -> int:  # noqa: ANN401
        width._obj.value = 2
        return 0

    def GdipGetImageHeight(self, _picture: int | None, height: Any, /) -> int:  # noqa: ANN401
        height._obj.value = 1
        return 0

    def GdipCreateHBITMAPFromBitmap(self, _picture: int | None, bitmap: Any, _on: int, /) -> int:  # noqa: ANN401
        return self._make("bitmap", bitmap)

    def GdipDisposeImage(self, _picture: int | None, /) -> int:
        self._made.remove("picture")
        return 0

    def CreateCompatibleDC(self, _context: int | None, /) -> int | None:
        self._made.append("context")
        return 9

    def DeleteDC(self, _context: int | None, /) -> int:
        self._made.remove("context")
        return 1

    def DeleteObject(self, _bitmap: int | None, /) -> int:
        self._made.remove("bitmap")
        return 1

    def GetDIBits(
        self,
        _context: int | None,
        _bitmap: int | None,
        first: int,
        rows: int,
        pixels: Any,  # noqa: ANN401
        _header: Any,  # noqa: ANN401
        usage: int,
        /,
    ) -> int:
        assert (first, rows, usage) == (0, 1, 0)
        ctypes.memset(pixels._obj, 0x55, ctypes.sizeof(pixels._obj))
        return rows

    def _make(self, kind: str, reference: Any) -> int:  # noqa: ANN401
        self._made.append(kind)
        reference._obj.value = next(self._fake.numbers)
        return 0
