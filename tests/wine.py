"""Wine's user32 and kernel32, called from here: the nearest to a Windows that is at hand.

A small program (``tests/fakes/bridge.c``) runs in Wine and makes each call that comes over a
socket. The adapters are handed an object whose functions send them, so they run as they are.
"""
# ruff: noqa: N802, ANN401 - Windows' own names, ctypes' references

from __future__ import annotations

import ctypes
import os
import select
import shutil
import socket
import struct
import subprocess
import threading
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.displays import end, private_display
from tests.waiting import WITHIN_S
from weavclip.clipboard.windows_calls import Windows

if TYPE_CHECKING:
    from collections.abc import Iterator

_SOURCE = Path(__file__).with_name("fakes") / "bridge.c"
_COMPILER, _WINE = "x86_64-w64-mingw32-gcc", "/usr/lib/wine/wine64"
_MESSAGE = struct.Struct("<QI36x")  # MSG of 64-bit Windows: window, message, the rest
_WIDE_BYTES = 2


class Bridge:
    """One process in Wine; its functions are both libraries'."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._mine = threading.local()

    def system(self) -> Windows:
        """What the code under test is handed."""
        library: Any = self
        return Windows(
            library, library, library, library, library, lambda: getattr(self._mine, "error", 0)
        )

    def call(self, name: str, *arguments: int | bytes | None) -> tuple[int, list[bytes]]:
        """The result, and what the bytes among the arguments have become."""
        request = name.encode().ljust(32, b"\0") + struct.pack("<I", len(arguments))
        sizes = [len(each) for each in arguments if isinstance(each, bytes)]
        for each in arguments:
            if isinstance(each, bytes):
                request += struct.pack("<I", len(each)) + each
            else:
                request += struct.pack("<IQ", 0, (each or 0) & 0xFFFF_FFFF_FFFF_FFFF)
        connection = self._connection()
        connection.sendall(request)
        result, error = struct.unpack("<QI", _exactly(connection, 12))
        self._mine.error = error
        return result, [_exactly(connection, size) for size in sizes]

    def end(self) -> None:
        """End the program, as a command ends."""
        with pytest.raises(AssertionError, match="has ended"):
            self.call("ExitProcess", 0)

    def __getattr__(self, name: str) -> Any:
        """A function of numbers, texts, bytes and references that are as large there as here."""

        def call(*arguments: Any) -> int:
            result, told = self.call(name, *map(_plain, arguments))
            answers = iter(told)
            for each in arguments:
                content = next(answers) if isinstance(_plain(each), bytes) else b""
                if hasattr(each, "_obj"):
                    ctypes.memmove(ctypes.addressof(each._obj), content, len(content))
            return result

        return call

    def GetMessageW(self, message: Any, *rest: int | None) -> int:
        result, (told,) = self.call("GetMessageW", bytes(_MESSAGE.size), *rest)
        message._obj.hWnd, message._obj.message = _MESSAGE.unpack(told)
        return ctypes.c_int32(result & 0xFFFF_FFFF).value

    def DispatchMessageW(self, _message: Any) -> int:
        return 0

    def SendMessageTimeoutW(self, *arguments: Any) -> int:
        return self.call("SendMessageTimeoutW", *arguments[:-1], bytes(8))[0]

    def GetClipboardFormatNameW(self, number: int, name: Any, length: int) -> int:
        result, (told,) = self.call(
            "GetClipboardFormatNameW", number, bytes(_WIDE_BYTES * length), length
        )
        name.value = told[: _WIDE_BYTES * result].decode("utf-16-le")
        return result

    def GetWindowThreadProcessId(self, window: int | None, pid: Any) -> int:
        result, (told,) = self.call("GetWindowThreadProcessId", window, bytes(4))
        pid._obj.value = int.from_bytes(told, "little")
        return result

    def QueryFullProcessImageNameW(self, process: int, flags: int, name: Any, length: Any) -> int:
        chars = length._obj.value
        result, (told, size) = self.call(
            "QueryFullProcessImageNameW",
            process,
            flags,
            bytes(_WIDE_BYTES * chars),
            chars.to_bytes(4, "little"),
        )
        name.value = told[: _WIDE_BYTES * int.from_bytes(size, "little")].decode("utf-16-le")
        return result

    def GlobalLock(self, memory: int | None) -> int | None:
        """The address of a copy here, which :meth:`GlobalUnlock` takes back there."""
        address, _ = self.call("GlobalLock", memory)
        size, _ = self.call("GlobalSize", memory)
        _, (content,) = self.call("RtlMoveMemory", bytes(size), address, size)
        buffer = ctypes.create_string_buffer(content, size)
        self._locked()[memory or 0] = (address, buffer)
        return ctypes.addressof(buffer) if address else None

    def GlobalUnlock(self, memory: int | None) -> int:
        address, buffer = self._locked().pop(memory or 0)
        self.call("RtlMoveMemory", address, buffer.raw, len(buffer))
        return self.call("GlobalUnlock", memory)[0]

    def _locked(self) -> dict[int, tuple[int, Any]]:
        if not hasattr(self._mine, "locked"):
            self._mine.locked = {}
        found: dict[int, tuple[int, Any]] = self._mine.locked
        return found

    def _connection(self) -> socket.socket:
        """This thread's own: its thread over there has its windows."""
        if not hasattr(self._mine, "line"):
            self._mine.line = _Line(self._port)
        line: _Line = self._mine.line
        return line.socket


class _Line:
    """A connection that ends with the thread it belongs to."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), 30)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def __del__(self) -> None:
        self.socket.close()


class Programs:
    """Programs in one Wine."""

    def __init__(self, executable: Path, environ: dict[str, str], stack: ExitStack) -> None:
        self._executable = executable
        self._environ = environ
        self._stack = stack

    def start(self, name: str) -> Bridge:
        """A program called ``name``."""
        path = self._executable.with_name(f"{name}.exe")
        if not path.exists():
            shutil.copy(self._executable, path)
        process = subprocess.Popen(
            [_WINE, str(path)],
            env=self._environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self._stack.callback(end, process)
        assert process.stdout
        readable, _, _ = select.select([process.stdout], [], [], WITHIN_S)
        assert readable, f"Wine did not start within {WITHIN_S} s"
        return Bridge(int(process.stdout.readline()))


@contextmanager
def private_wine(folder: Path) -> Iterator[Programs]:
    """A Wine of its own on an X server of its own, and its end."""
    if not os.environ.get("WEAVCLIP_TEST_WINE"):
        pytest.skip("Wine runs where WEAVCLIP_TEST_WINE=1 asks for it")
    if not Path(_WINE).exists() or shutil.which(_COMPILER) is None:
        pytest.skip("wine64 or gcc-mingw-w64-x86-64 is not installed")
    executable = folder / "bridge.exe"
    command = [_COMPILER, "-O1", "-Wall", "-Werror", "-o", str(executable), str(_SOURCE)]
    subprocess.run([*command, "-lws2_32", "-luser32"], check=True, timeout=WITHIN_S)
    with private_display() as display, ExitStack() as stack:
        environ = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "WINEPREFIX": str(folder / "prefix"),
            "WINEDEBUG": "-all",
            "WINEDLLOVERRIDES": "mscoree,mshtml=",
            "DISPLAY": display,
        }
        stack.callback(_end_server, environ)
        yield Programs(executable, environ, stack)


@pytest.fixture(scope="session")
def wine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Programs]:
    """One Wine for every test of a run."""
    with private_wine(tmp_path_factory.mktemp("wine")) as programs:
        yield programs


def _end_server(environ: dict[str, str]) -> None:
    server = str(Path(_WINE).with_name("wineserver64"))
    subprocess.run([server, "-k"], env=environ, timeout=WITHIN_S, check=False)


def _plain(argument: Any) -> int | bytes | None:
    """A number, or the bytes that a text, an array or a reference stands for."""
    if isinstance(argument, str):
        return argument.encode("utf-16-le") + b"\0\0"
    if isinstance(argument, ctypes.Array):
        return bytes(argument)
    found: int | bytes | None = bytes(argument._obj) if hasattr(argument, "_obj") else argument
    return found


def _exactly(connection: socket.socket, size: int) -> bytes:
    content = b""
    while len(content) < size:
        piece = connection.recv(size - len(content))
        assert piece, "the program in Wine has ended"
        content += piece
    return content
