"""What passes between the decoder and its children: frames of a length and bytes."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, BinaryIO

from weavclip.pictures.decoding import Decoded

if TYPE_CHECKING:
    from collections.abc import Iterable

_LENGTH = struct.Struct("<Q")
_REQUEST = struct.Struct("<I")
_ANSWER = struct.Struct("<?III32s")


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


def request(encoded: bytes, size_px: int) -> tuple[bytes, bytes]:
    """The parts of a request."""
    return _REQUEST.pack(size_px), encoded


def read_request(frame: bytes) -> tuple[bytes, int]:
    """The picture and the size that were asked for."""
    (size_px,) = _REQUEST.unpack_from(frame)
    return frame[_REQUEST.size :], size_px


def answer(decoded: Decoded) -> tuple[bytes, ...]:
    """The parts of an answer with a picture."""
    thumbnail = decoded.thumbnail
    size = (decoded.width_px, decoded.height_px)
    head = _ANSWER.pack(True, *size, len(thumbnail), decoded.pixel_digest)
    return head, thumbnail, decoded.square


def refusal(reason: str, hint: str) -> tuple[bytes, ...]:
    """The parts of an answer without one."""
    words = reason.encode()
    return _ANSWER.pack(False, 0, 0, len(words), b""), words, hint.encode()


def read_answer(frame: bytes) -> Decoded | tuple[str, str]:
    """The picture, or why there is none and what to do.

    Raises:
        struct.error: If the frame is too short.
        UnicodeDecodeError: If the words are none.
    """
    done, width_px, height_px, length, digest = _ANSWER.unpack_from(frame)
    middle = frame[_ANSWER.size : _ANSWER.size + length]
    rest = frame[_ANSWER.size + length :]
    if not done:
        return middle.decode(), rest.decode()
    return Decoded(
        square=rest,
        width_px=width_px,
        height_px=height_px,
        pixel_digest=digest,
        thumbnail=middle,
    )
