"""What passes between a process and its children: frames of a length and bytes."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from collections.abc import Iterable

_LENGTH = struct.Struct("<Q")


def send(pipe: BinaryIO, parts: Iterable[bytes]) -> None:
    """Write one frame.

    Raises:
        OSError: If the other side is gone.
    """
    pieces = list(parts)
    pipe.write(_LENGTH.pack(sum(map(len, pieces))))
    pipe.writelines(pieces)
    pipe.flush()


def receive(pipe: BinaryIO) -> bytes | None:
    """Read one frame; None when the other side has ended."""
    head = pipe.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    (length,) = _LENGTH.unpack(head)
    body = pipe.read(length)
    return body if len(body) == length else None
