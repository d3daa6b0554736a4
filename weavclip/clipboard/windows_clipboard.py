"""Windows' clipboard in the few steps that reading and writing it take."""

from __future__ import annotations

import ctypes
import threading
import time
from contextlib import contextmanager
from ctypes import wintypes
from dataclasses import dataclass
from pathlib import PureWindowsPath
from typing import TYPE_CHECKING

from weavclip.clipboard import windows_calls as calls
from weavclip.clipboard import windows_formats as formats
from weavclip.clipboard.listed import OverLimitError, UnreadError
from weavclip.domain.errors import ClipboardError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from weavclip.clipboard.windows_calls import Handle, Windows

# Another program holds it for as long as it copies or pastes: usually under 10 ms.
_RETRY_S = 0.01
_MOST_FORMATS = 1_000
_NAME_CHARS = 256
_PATH_CHARS = 32_768  # the longest path there can be


@dataclass(frozen=True, slots=True)
class Clipboard:
    """The session's clipboard."""

    system: Windows

    @contextmanager
    def opened(self, window: Handle, *, within_s: float) -> Iterator[None]:
        """Keep it open: nobody else can change or read it meanwhile.

        Raises:
            UnreadError: If another program keeps it open for longer.
        """
        end = time.monotonic() + within_s
        pause = threading.Event()
        while not self.system.user32.OpenClipboard(window):
            if time.monotonic() >= end:
                message = f"was held by another program for {within_s} s"
                raise UnreadError(message)
            pause.wait(_RETRY_S)
        try:
            yield
        finally:
            self.system.user32.CloseClipboard()

    def sequence(self) -> int:
        """A number that grows with every change, also when promised content is made."""
        return self.system.user32.GetClipboardSequenceNumber()

    def formats(self) -> dict[str, int]:
        """The offered formats by name, as their owner orders them; it must be open."""
        found: dict[str, int] = {}
        number = self.system.user32.EnumClipboardFormats(0)
        while number and len(found) < _MOST_FORMATS:
            found.setdefault(self._name(number), number)
            number = self.system.user32.EnumClipboardFormats(number)
        return found

    def raw(self, number: int, *, most_bytes: int) -> bytes:
        """The bytes of one format; its owner may make them only now, and hang. It must be open.

        Raises:
            UnreadError: If there are none.
            OverLimitError: If there are more than ``most_bytes``, which are not copied.
        """
        kernel32 = self.system.kernel32
        memory = self.system.user32.GetClipboardData(number)
        size = kernel32.GlobalSize(memory) if memory else 0
        if size > most_bytes:
            raise OverLimitError
        address = kernel32.GlobalLock(memory) if size else None
        if not address:
            message = "was refused by its owner"
            raise UnreadError(message)
        try:
            return ctypes.string_at(address, size)
        finally:
            kernel32.GlobalUnlock(memory)

    def replace(self, content: Mapping[str, bytes]) -> None:
        """Put bytes by format name in place of what is there; it must be open, by a window.

        Raises:
            ClipboardError: If a format is not taken.
        """
        if not self.system.user32.EmptyClipboard():
            raise _failure(self.system, during="emptying the clipboard")
        for name, raw in content.items():
            number = self._number(name)
            memory = self._allocated(raw)
            if not number or not self.system.user32.SetClipboardData(number, memory):
                error = _failure(self.system, during=f"handing {name} over")
                self.system.kernel32.GlobalFree(memory)
                raise error

    def is_answering(self, *, within_s: float) -> bool:
        """Whether the owner's window answers; true where there is none to ask.

        Asked before the clipboard is opened: an owner that hangs while it makes promised
        content would keep it from every program for as long as we wait.
        """
        owner = self.system.user32.GetClipboardOwner()
        answer, timeout_ms = ctypes.c_size_t(), int(within_s * 1000)
        ping = self.system.user32.SendMessageTimeoutW
        reply = ctypes.byref(answer)
        return (
            not owner
            or bool(ping(owner, calls.WM_NULL, 0, 0, calls.SMTO_NORMAL, timeout_ms, reply))
            or self.system.last_error() != calls.ERROR_TIMEOUT
        )

    def program(self) -> str:
        """Name of the program that copied, such as ``firefox``; empty when nothing says it.

        That of the owner's window; of the window in use where nobody owns the clipboard,
        which some programs bring about by opening it without a window.
        """
        user32 = self.system.user32
        return self.program_of(user32.GetClipboardOwner() or user32.GetForegroundWindow())

    def program_of(self, window: Handle) -> str:
        """Name of the program whose window it is; empty when there is no saying."""
        pid = wintypes.DWORD()
        ask = self.system.user32.GetWindowThreadProcessId
        if not window or not ask(window, ctypes.byref(pid)):
            return ""
        return PureWindowsPath(self._image(pid.value)).stem

    def _image(self, pid: int) -> str:
        kernel32 = self.system.kernel32
        process = kernel32.OpenProcess(calls.PROCESS_QUERY_LIMITED_INFORMATION, 0, pid)
        if not process:
            return ""
        name, length = ctypes.create_unicode_buffer(_PATH_CHARS), wintypes.DWORD(_PATH_CHARS)
        try:
            told = kernel32.QueryFullProcessImageNameW(process, 0, name, ctypes.byref(length))
            return name.value if told else ""
        finally:
            kernel32.CloseHandle(process)

    def _name(self, number: int) -> str:
        if number in formats.STANDARD:
            return formats.STANDARD[number]
        name = ctypes.create_unicode_buffer(_NAME_CHARS)
        length = self.system.user32.GetClipboardFormatNameW(number, name, _NAME_CHARS)
        return name.value if length else f"#{number}"

    def _number(self, name: str) -> int:
        standard = {each: number for number, each in formats.STANDARD.items()}
        return standard.get(name) or self.system.user32.RegisterClipboardFormatW(name)

    def _allocated(self, raw: bytes) -> Handle:
        """Memory that the system can own; the clipboard keeps it when this process has ended."""
        kernel32 = self.system.kernel32
        memory = kernel32.GlobalAlloc(calls.GMEM_MOVEABLE, max(1, len(raw)))
        address = kernel32.GlobalLock(memory) if memory else None
        if not address:
            raise _failure(self.system, during=f"asking for {len(raw)} bytes of memory")
        ctypes.memmove(address, raw, len(raw))
        kernel32.GlobalUnlock(memory)
        return memory


@contextmanager
def window_of(system: Windows) -> Iterator[Handle]:
    """A window that is never shown and hears only what is posted to it.

    Raises:
        ClipboardError: If there can be none, as in a service without a desktop.
    """
    kind, parent = "STATIC", calls.HWND_MESSAGE
    window = system.user32.CreateWindowExW(0, kind, None, 0, 0, 0, 0, 0, parent, None, None, None)
    if not window:
        message = f"there can be no window here (Windows error {system.last_error()})"
        raise ClipboardError(message, hint="run it inside a desktop session")
    try:
        yield window
    finally:
        system.user32.DestroyWindow(window)


def _failure(system: Windows, *, during: str) -> ClipboardError:
    message = f"Windows failed at {during} (error {system.last_error()})"
    return ClipboardError(message, hint="copy again")
