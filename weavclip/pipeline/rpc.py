"""How a command talks to the engine: one request, one answer, over a private socket.

A Unix socket of mode 0600 in a folder of mode 0700, which must be this user's own; on Windows a
named pipe, which its default access list lets only this user write to. Nothing listens on the
network.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import logging
import os
import stat
import sys
import threading
from typing import TYPE_CHECKING, Any

from weavclip.domain.errors import EngineError, WeavclipError
from weavclip.pipeline import wire

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from multiprocessing.connection import Connection, Listener
    from pathlib import Path

logger = logging.getLogger(__name__)

SOCKET_NAME = "engine.sock"
_ANEW = "weavclip engine --stop, then try again"
_OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH


def address(runtime_dir: Path) -> str:
    """Where the engine of this runtime folder listens."""
    if sys.platform == "win32":
        digest = hashlib.sha256(str(runtime_dir).encode()).hexdigest()[:16]
        return rf"\\.\pipe\weavclip-{digest}"
    return str(runtime_dir / SOCKET_NAME)


def call(runtime_dir: Path, name: str, argument: object = None, *, timeout_s: float) -> Any:  # noqa: ANN401 - as the handler answers
    """Ask the engine and wait for its answer.

    Args:
        runtime_dir: Folder of the socket.
        name: Of the request, such as ``search``.
        argument: A domain value.
        timeout_s: Longest wait for the answer, in seconds.

    Raises:
        ConnectionError: If no engine of this user listens.
        EngineError: If it does not answer in time, or breaks off.
        WeavclipError: Whatever the engine raised.
    """
    from multiprocessing.connection import Client

    try:
        _refuse_foreign(runtime_dir)
        connection = Client(address(runtime_dir))
    except OSError as error:
        message = f"no engine listens in {runtime_dir}"
        raise ConnectionError(message) from error
    with connection:
        return _exchange(connection, name, argument, timeout_s=timeout_s)


def _exchange(connection: Connection, name: str, argument: object, *, timeout_s: float) -> Any:  # noqa: ANN401 - as the handler answers
    try:
        connection.send_bytes(wire.dumps({"call": name, "argument": argument}))
        if not connection.poll(timeout_s):
            message = f"the engine did not answer '{name}' within {timeout_s:.0f} s"
            raise EngineError(message, hint="weavclip status shows what it does")
        reply = _read(connection.recv_bytes())
    except (OSError, EOFError) as error:
        message = f"the engine broke off while it answered '{name}'"
        raise EngineError(message, hint="try again; the log is in the data folder") from error
    if "error" in reply:
        raise wire.error_from_wire(reply["error"])
    return reply["answer"]


def _refuse_foreign(folder: Path) -> None:
    """Have nothing to do with a folder that somebody else has made, or may write to.

    Below ``/tmp`` anybody can have made it, to hear what is asked.

    Raises:
        OSError: If it is so, or there is no such folder.
    """
    if sys.platform == "win32":
        return
    found = folder.stat()
    if {folder.lstat().st_uid, found.st_uid} != {os.geteuid()} or found.st_mode & _OTHERS_WRITE:
        raise PermissionError(
            errno.EPERM, "it belongs to somebody else, or others may write to it"
        )


class Door:
    """The engine's side: accepts requests and answers each in a thread of its own."""

    def __init__(self, runtime_dir: Path, handlers: Mapping[str, Callable[[Any], object]]) -> None:
        """Name the handlers.

        Args:
            runtime_dir: Folder of the socket; made with mode 0700.
            handlers: By request's name; each is given the argument and returns the answer.
        """
        self._runtime_dir = runtime_dir
        self._handlers = handlers
        self._closing = threading.Event()

    def open(self) -> None:
        """Begin to listen.

        Only the holder of the engine's lock may: a socket that a killed engine left is removed.

        Raises:
            EngineError: If it cannot, such as in a folder that somebody else has made.
        """
        try:
            self._runtime_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
            _refuse_foreign(self._runtime_dir)
            self._listener = self._listening()
        except OSError as error:
            message = f"it cannot listen in {self._runtime_dir}: {error.strerror or error}"
            hint = "set XDG_RUNTIME_DIR to a folder of your own"
            raise EngineError(message, hint=hint) from error
        threading.Thread(target=self._accept, name="door", daemon=True).start()

    def _listening(self) -> Listener:
        from multiprocessing.connection import Listener

        if sys.platform != "win32":
            (self._runtime_dir / SOCKET_NAME).unlink(missing_ok=True)
        before = os.umask(0o177)
        try:
            return Listener(address(self._runtime_dir), backlog=16)
        finally:
            os.umask(before)

    def close(self) -> None:
        """Stop listening and remove the socket, and its folder."""
        self._closing.set()
        with contextlib.suppress(FileNotFoundError):  # somebody emptied the folder
            self._listener.close()
        with contextlib.suppress(OSError):  # something else is in it
            self._runtime_dir.rmdir()

    def _accept(self) -> None:
        while not self._closing.is_set():
            try:
                connection = self._listener.accept()
            except OSError:
                if self._closing.is_set():
                    return
                continue
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: Connection) -> None:
        with connection:
            try:
                answer = self._answer(connection.recv_bytes())
                connection.send_bytes(wire.dumps(answer))
            except (OSError, EOFError) as error:
                logger.info("a request broke off: %s", type(error).__name__)

    def _answer(self, raw: bytes) -> dict[str, object]:
        name = ""
        try:
            request = _read(raw)
            name = request.get("call", "")
            return {"answer": self._handlers.get(name, _unknown)(request.get("argument"))}
        except WeavclipError as error:
            return {"error": wire.error_to_wire(error)}
        except Exception as error:
            logger.exception("the request '%s' failed", name)
            message = f"the engine failed at '{name}': {type(error).__name__}"
            return {"error": wire.error_to_wire(EngineError(message, hint="see the engine's log"))}


def _read(raw: bytes) -> Any:  # noqa: ANN401 - as wire.loads
    try:
        return wire.loads(raw)
    except ValueError as error:
        message = "the engine that runs is of another version: it and this command differ"
        raise EngineError(message, hint=_ANEW) from error


def _unknown(_argument: object) -> object:
    message = "the engine that runs cannot answer that: it is of another version, or has no model"
    raise EngineError(message, hint=_ANEW)
