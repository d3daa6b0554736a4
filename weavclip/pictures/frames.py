"""What the decoder and its children say to each other, in one frame each."""

from __future__ import annotations

import struct

from weavclip.domain.seen import COARSE_PX, FINE_PX, Greys, Pixels
from weavclip.pictures.decoding import Decoded

_REQUEST = struct.Struct("<I")
_ANSWER = struct.Struct("<?III32s")
_PIXELS = struct.Struct("<?III")
_DONE = struct.Struct("<?")
WHOLE = 0
"""A size that asks for all pixels."""
GREYS = 1
"""One that asks for them in small: no model takes a square of one pixel."""
_FINE_BYTES, _COARSE_BYTES = FINE_PX**2, COARSE_PX**2


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


def all_pixels(pixels: Pixels) -> tuple[bytes, ...]:
    """The parts of an answer with every pixel."""
    sizes = (pixels.width_px, pixels.height_px, pixels.reduced)
    return _PIXELS.pack(True, *sizes), pixels.rgb


def read_pixels(frame: bytes) -> Pixels | tuple[str, str]:
    """The pixels, or why there are none and what to do.

    Raises:
        struct.error: If the frame is too short.
        ValueError: If it has more or fewer pixels than it says, or words that are none.
    """
    done, width_px, height_px, reduced = _PIXELS.unpack_from(frame)
    if not done:
        return _refused(frame)
    rgb = frame[_PIXELS.size :]
    if len(rgb) != 3 * width_px * height_px or reduced < 1:
        message = f"{len(rgb)} bytes are no picture of {width_px} x {height_px} pixels"
        raise ValueError(message)
    return Pixels(width_px, height_px, rgb, reduced)


def in_grey(small: Greys) -> tuple[bytes, ...]:
    """The parts of an answer with a picture in small."""
    return _DONE.pack(True), small.fine, small.coarse


def read_greys(frame: bytes) -> Greys | tuple[str, str]:
    """The picture in small, or why there is none and what to do.

    Raises:
        struct.error: If the frame is too short.
        ValueError: If it has more or fewer values than there are, or words that are none.
    """
    (done,) = _DONE.unpack_from(frame)
    if not done:
        return _refused(frame)
    values = frame[_DONE.size :]
    if len(values) != _FINE_BYTES + _COARSE_BYTES:
        message = f"{len(values)} bytes are no picture in small"
        raise ValueError(message)
    return Greys(values[:_FINE_BYTES], values[_FINE_BYTES:])


def _refused(frame: bytes) -> tuple[str, str]:
    found = read_answer(frame)
    assert isinstance(found, tuple)
    return found
