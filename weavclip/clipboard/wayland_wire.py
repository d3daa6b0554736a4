"""Messages of the Wayland wire protocol on a socket, in either direction.

References:
    The Wayland Protocol, chapter 4, "Wire Format": words of 32 bits in the machine's order; a
    message is the object's id, its size and number, then its arguments; strings end with a NUL
    and are padded to whole words; descriptors travel beside the bytes.
"""

from __future__ import annotations

import array
import os
import socket
import struct
from collections import deque
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

_HEAD = struct.Struct("=IHH")  # object, opcode, size of the whole message
_READ_BYTES = 65_536
_MOST_DESCRIPTORS = 28  # libwayland sends no more at once


class WireError(Exception):
    """What came is no Wayland message."""


class Message(NamedTuple):
    """One request or event."""

    object_id: int
    opcode: int
    body: bytes


class Wire:
    """Sends and receives messages; not to be shared between threads."""

    def __init__(self, connection: socket.socket) -> None:
        """Take a connected stream socket over."""
        self._socket = connection
        self._torn = b""
        self._descriptors: deque[int] = deque()

    def fileno(self) -> int:
        """The socket's descriptor, for select()."""
        return self._socket.fileno()

    def send(
        self, object_id: int, opcode: int, body: bytes = b"", *, descriptors: Sequence[int] = ()
    ) -> None:
        """Send one message, with descriptors that stay open here.

        Raises:
            OSError: If the other end is gone or does not take it in time.
        """
        message = _HEAD.pack(object_id, opcode, _HEAD.size + len(body)) + body
        beside = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", descriptors))]
        sent = self._socket.sendmsg([message], beside if descriptors else [])
        if sent < len(message):
            self._socket.sendall(message[sent:])

    def receive(self) -> list[Message]:
        """Everything that has come by now; waits for the first byte.

        Raises:
            EOFError: If the other end closed.
            OSError: If the connection broke.
            WireError: If it is no Wayland message.
        """
        room = socket.CMSG_SPACE(_MOST_DESCRIPTORS * 4)
        piece, beside, _, _ = self._socket.recvmsg(_READ_BYTES, room, socket.MSG_CMSG_CLOEXEC)
        for level, kind, value in beside:
            if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
                whole = value[: len(value) // 4 * 4]
                self._descriptors.extend(array.array("i", whole))
        if not piece:
            raise EOFError
        return self._messages(self._torn + piece)

    def _messages(self, came: bytes) -> list[Message]:
        """The whole messages in ``came``; the rest of a torn one waits for the next piece."""
        found, at = [], 0
        while len(came) - at >= _HEAD.size:
            object_id, opcode, size = _HEAD.unpack_from(came, at)
            if size < _HEAD.size or size % 4:
                message = f"a message has a size of {size} bytes"
                raise WireError(message)
            if len(came) - at < size:
                break
            found.append(Message(object_id, opcode, came[at + _HEAD.size : at + size]))
            at += size
        self._torn = came[at:]
        return found

    def take_descriptor(self) -> int:
        """The next descriptor that came beside the messages; now the caller's to close.

        Raises:
            WireError: If a message promised one that did not come.
        """
        if not self._descriptors:
            message = "a message lacks its descriptor"
            raise WireError(message)
        return self._descriptors.popleft()

    def close(self) -> None:
        """Close the socket and the descriptors that nobody took."""
        self._socket.close()
        while self._descriptors:
            os.close(self._descriptors.popleft())


def words(*values: int) -> bytes:
    """Arguments that are numbers or object ids."""
    return struct.pack(f"={len(values)}I", *values)


def text(value: str) -> bytes:
    r"""An argument that is a string.

    >>> len(text("abc")), len(text("abcd"))
    (8, 12)
    """
    encoded = value.encode() + b"\0"
    return words(len(encoded)) + encoded + b"\0" * (-len(encoded) % 4)


class Arguments:
    """A message's arguments, taken one after the other."""

    def __init__(self, body: bytes) -> None:
        """Begin at the first.

        >>> arguments = Arguments(words(7) + text("image/png") + words(9))
        >>> arguments.word(), arguments.text(), arguments.word()
        (7, 'image/png', 9)
        """
        self._body = body
        self._at = 0

    def word(self) -> int:
        """A number or object id.

        Raises:
            WireError: If the message ends before.
        """
        (value,) = struct.unpack("=I", self._next(4))
        return int(value)

    def text(self) -> str:
        """A string; what is not UTF-8 in it is replaced.

        Raises:
            WireError: If the message ends before.
        """
        size = self.word()
        content = self._next(size + -size % 4)[:size]
        return content.split(b"\0", 1)[0].decode(errors="replace")

    def _next(self, size: int) -> bytes:
        piece = self._body[self._at : self._at + size]
        if len(piece) < size:
            message = f"a message ends {size - len(piece)} bytes too early"
            raise WireError(message)
        self._at += size
        return piece
