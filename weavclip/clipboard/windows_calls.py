"""The calls of Windows that the clipboard and the keyboard need, and nothing more.

Each is documented by Microsoft under its name; ``load`` gives every one its argument and result
types, since without them ctypes cuts 64-bit handles to 32 bits.
"""
# ruff: noqa: N802, D102, PLR0917 - Windows' own names and arguments; Microsoft documents them

from __future__ import annotations

import ctypes
import sys
from ctypes import wintypes
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from weavclip.domain.errors import NoClipboardError

if TYPE_CHECKING:
    from collections.abc import Callable

WM_APP, WM_CLIPBOARDUPDATE, WM_NULL = 0x8000, 0x031D, 0
HWND_MESSAGE = -3
GMEM_MOVEABLE = 0x0002
SMTO_NORMAL = 0x0000
ERROR_ACCESS_DENIED, ERROR_TIMEOUT = 5, 1460
PROCESS_QUERY_LIMITED_INFORMATION = 0x1000
INPUT_KEYBOARD, KEYEVENTF_EXTENDEDKEY, KEYEVENTF_KEYUP = 1, 0x0001, 0x0002

Handle = int | None


class KeyboardInput(ctypes.Structure):
    """KEYBDINPUT; fields of a fixed size, so that it can be measured elsewhere than on Windows."""

    _fields_ = (
        ("wVk", ctypes.c_uint16),
        ("wScan", ctypes.c_uint16),
        ("dwFlags", ctypes.c_uint32),
        ("time", ctypes.c_uint32),
        ("dwExtraInfo", ctypes.c_size_t),
    )


class MouseInput(ctypes.Structure):
    """MOUSEINPUT: the largest of the three, and so what decides the union's size."""

    _fields_ = (
        ("dx", ctypes.c_int32),
        ("dy", ctypes.c_int32),
        ("mouseData", ctypes.c_uint32),
        ("dwFlags", ctypes.c_uint32),
        ("time", ctypes.c_uint32),
        ("dwExtraInfo", ctypes.c_size_t),
    )


class _Inputs(ctypes.Union):
    _fields_ = (("ki", KeyboardInput), ("mi", MouseInput))


class Input(ctypes.Structure):
    """INPUT: 40 bytes on 64-bit Windows, 28 on 32-bit."""

    _fields_ = (("type", ctypes.c_uint32), ("u", _Inputs))


class StartupInput(ctypes.Structure):
    """GdiplusStartupInput."""

    _fields_ = (
        ("version", ctypes.c_uint32),
        ("callback", ctypes.c_void_p),
        ("suppress_thread", ctypes.c_int32),
        ("suppress_codecs", ctypes.c_int32),
    )


class User32(Protocol):
    """Of user32.dll."""

    def CreateWindowExW(
        self,
        ex_style: int,
        class_name: str,
        title: str | None,
        style: int,
        x: int,
        y: int,
        width: int,
        height: int,
        parent: Handle,
        menu: Handle,
        instance: Handle,
        param: Handle,
        /,
    ) -> Handle: ...
    def DestroyWindow(self, window: Handle, /) -> int: ...
    def AddClipboardFormatListener(self, window: Handle, /) -> int: ...
    def RemoveClipboardFormatListener(self, window: Handle, /) -> int: ...
    def GetMessageW(self, message: Any, window: Handle, low: int, high: int, /) -> int: ...  # noqa: ANN401 - a ctypes reference
    def DispatchMessageW(self, message: Any, /) -> int: ...  # noqa: ANN401 - as above
    def PostMessageW(self, window: Handle, message: int, wide: int, long: int, /) -> int: ...
    def SendMessageTimeoutW(
        self,
        window: Handle,
        message: int,
        wide: int,
        long: int,
        flags: int,
        timeout_ms: int,
        result: Any,  # noqa: ANN401 - a ctypes reference
        /,
    ) -> int: ...
    def OpenClipboard(self, window: Handle, /) -> int: ...
    def CloseClipboard(self) -> int: ...
    def EmptyClipboard(self) -> int: ...
    def EnumClipboardFormats(self, number: int, /) -> int: ...
    def GetClipboardFormatNameW(self, number: int, name: Any, length: int, /) -> int: ...  # noqa: ANN401 - a ctypes buffer
    def RegisterClipboardFormatW(self, name: str, /) -> int: ...
    def GetClipboardData(self, number: int, /) -> Handle: ...
    def SetClipboardData(self, number: int, memory: Handle, /) -> Handle: ...
    def GetClipboardOwner(self) -> Handle: ...
    def GetClipboardSequenceNumber(self) -> int: ...
    def GetForegroundWindow(self) -> Handle: ...
    def GetWindowThreadProcessId(self, window: Handle, pid: Any, /) -> int: ...  # noqa: ANN401 - a ctypes reference
    def GetAsyncKeyState(self, key: int, /) -> int: ...
    def SendInput(self, count: int, inputs: Any, size: int, /) -> int: ...  # noqa: ANN401 - a ctypes array


class Kernel32(Protocol):
    """Of kernel32.dll."""

    def GlobalAlloc(self, flags: int, size: int, /) -> Handle: ...
    def GlobalLock(self, memory: Handle, /) -> Handle: ...
    def GlobalUnlock(self, memory: Handle, /) -> int: ...
    def GlobalSize(self, memory: Handle, /) -> int: ...
    def GlobalFree(self, memory: Handle, /) -> Handle: ...
    def OpenProcess(self, access: int, inherits: int, pid: int, /) -> Handle: ...
    def CloseHandle(self, handle: Handle, /) -> int: ...
    def QueryFullProcessImageNameW(
        self,
        process: Handle,
        flags: int,
        name: Any,  # noqa: ANN401 - a ctypes buffer
        length: Any,  # noqa: ANN401 - a ctypes reference
        /,
    ) -> int: ...


class Gdiplus(Protocol):
    """Of gdiplus.dll; 0 is success."""

    def GdiplusStartup(self, token: Any, options: Any, output: Handle, /) -> int: ...  # noqa: ANN401 - ctypes references
    def GdiplusShutdown(self, token: int, /) -> None: ...
    def GdipCreateBitmapFromStream(self, stream: Handle, picture: Any, /) -> int: ...  # noqa: ANN401 - a ctypes reference
    def GdipCreateHBITMAPFromBitmap(self, picture: Handle, bitmap: Any, colour: int, /) -> int: ...  # noqa: ANN401 - as above
    def GdipDisposeImage(self, picture: Handle, /) -> int: ...
    def GdipGetImageWidth(self, picture: Handle, width: Any, /) -> int: ...  # noqa: ANN401 - as above
    def GdipGetImageHeight(self, picture: Handle, height: Any, /) -> int: ...  # noqa: ANN401 - as above


class Gdi32(Protocol):
    """Of gdi32.dll."""

    def CreateCompatibleDC(self, context: Handle, /) -> Handle: ...
    def DeleteDC(self, context: Handle, /) -> int: ...
    def DeleteObject(self, bitmap: Handle, /) -> int: ...
    def GetDIBits(
        self,
        context: Handle,
        bitmap: Handle,
        first: int,
        rows: int,
        pixels: Any,  # noqa: ANN401 - a ctypes reference
        header: Any,  # noqa: ANN401 - as above
        usage: int,
        /,
    ) -> int: ...


class Shlwapi(Protocol):
    """Of shlwapi.dll."""

    def SHCreateMemStream(self, content: bytes, size: int, /) -> Handle: ...


@dataclass(frozen=True, slots=True)
class Windows:
    """The system, as far as it is used.

    Attributes:
        user32: Windows, messages, clipboard and keys.
        kernel32: Memory and processes.
        gdiplus: Pictures.
        gdi32: Bitmaps.
        shlwapi: Streams.
        last_error: Why the last call of this thread failed.
    """

    user32: User32
    kernel32: Kernel32
    gdiplus: Gdiplus
    gdi32: Gdi32
    shlwapi: Shlwapi
    last_error: Callable[[], int]


_H, _B, _U, _D, _I = (
    wintypes.HANDLE,
    wintypes.BOOL,
    wintypes.UINT,
    wintypes.DWORD,
    ctypes.c_int,
)
_W, _L, _S, _P = wintypes.WPARAM, wintypes.LPARAM, wintypes.LPCWSTR, ctypes.c_void_p
_SIZE, _MSG = ctypes.c_size_t, ctypes.POINTER(wintypes.MSG)
_DWORDS = ctypes.POINTER(wintypes.DWORD)
_USER32: dict[str, tuple[Any, ...]] = {  # result, then arguments
    "CreateWindowExW": (_H, _D, _S, _S, _D, _I, _I, _I, _I, _H, _H, _H, _P),
    "DestroyWindow": (_B, _H),
    "AddClipboardFormatListener": (_B, _H),
    "RemoveClipboardFormatListener": (_B, _H),
    "GetMessageW": (_I, _MSG, _H, _U, _U),
    "DispatchMessageW": (_L, _MSG),
    "PostMessageW": (_B, _H, _U, _W, _L),
    "SendMessageTimeoutW": (_L, _H, _U, _W, _L, _U, _U, ctypes.POINTER(_SIZE)),
    "OpenClipboard": (_B, _H),
    "CloseClipboard": (_B,),
    "EmptyClipboard": (_B,),
    "EnumClipboardFormats": (_U, _U),
    "GetClipboardFormatNameW": (_I, _U, wintypes.LPWSTR, _I),
    "RegisterClipboardFormatW": (_U, _S),
    "GetClipboardData": (_H, _U),
    "SetClipboardData": (_H, _U, _H),
    "GetClipboardOwner": (_H,),
    "GetClipboardSequenceNumber": (_D,),
    "GetForegroundWindow": (_H,),
    "GetWindowThreadProcessId": (_D, _H, _DWORDS),
    "GetAsyncKeyState": (ctypes.c_short, _I),
    "SendInput": (_U, _U, ctypes.POINTER(Input), _I),
}
_KERNEL32: dict[str, tuple[Any, ...]] = {
    "GlobalAlloc": (_H, _U, _SIZE),
    "GlobalLock": (_P, _H),
    "GlobalUnlock": (_B, _H),
    "GlobalSize": (_SIZE, _H),
    "GlobalFree": (_H, _H),
    "OpenProcess": (_H, _D, _B, _D),
    "CloseHandle": (_B, _H),
    "QueryFullProcessImageNameW": (_B, _H, _D, wintypes.LPWSTR, _DWORDS),
}
_GDIPLUS: dict[str, tuple[Any, ...]] = {
    "GdiplusStartup": (_I, ctypes.POINTER(_SIZE), ctypes.POINTER(StartupInput), _P),
    "GdiplusShutdown": (None, _SIZE),
    "GdipCreateBitmapFromStream": (_I, _P, ctypes.POINTER(_P)),
    "GdipCreateHBITMAPFromBitmap": (_I, _P, ctypes.POINTER(_P), ctypes.c_uint32),
    "GdipDisposeImage": (_I, _P),
    "GdipGetImageWidth": (_I, _P, ctypes.POINTER(ctypes.c_uint32)),
    "GdipGetImageHeight": (_I, _P, ctypes.POINTER(ctypes.c_uint32)),
}
_GDI32: dict[str, tuple[Any, ...]] = {
    "CreateCompatibleDC": (_H, _H),
    "DeleteDC": (_B, _H),
    "DeleteObject": (_B, _H),
    "GetDIBits": (_I, _H, _H, _U, _U, _P, _P, _U),
}
_SHLWAPI: dict[str, tuple[Any, ...]] = {"SHCreateMemStream": (_P, ctypes.c_char_p, _U)}


def load() -> Windows:
    """The system that this process runs on.

    Raises:
        NoClipboardError: If it is not Windows.
    """
    if sys.platform != "win32":
        message = f"there is no Windows clipboard on {sys.platform}"
        raise NoClipboardError(message, hint="set WEAVCLIP_SOURCE=auto")
    signatures = {
        "user32": _USER32,
        "kernel32": _KERNEL32,
        "gdiplus": _GDIPLUS,
        "gdi32": _GDI32,
        "shlwapi": _SHLWAPI,
    }
    libraries = {name: ctypes.WinDLL(name, use_last_error=True) for name in signatures}
    for name, library in libraries.items():
        typed(library, signatures[name])
    return Windows(**libraries, last_error=ctypes.get_last_error)


def typed(library: Any, signatures: dict[str, tuple[Any, ...]]) -> None:  # noqa: ANN401 - a DLL
    """Give each function of ``library`` its result and argument types."""
    for name, (result, *arguments) in signatures.items():
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments
