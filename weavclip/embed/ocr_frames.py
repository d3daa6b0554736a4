"""What is said to the child that reads, and what it answers, in one frame each."""

from __future__ import annotations

import json
import struct
from typing import TYPE_CHECKING

import numpy as np

from weavclip.domain.errors import ModelError, PictureError
from weavclip.domain.seen import Box, Seen, SeenLine

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from weavclip.domain.seen import Pixels

_REQUEST = struct.Struct("<III")


def request(pixels: Pixels) -> tuple[bytes, bytes]:
    """The parts of a request."""
    return _REQUEST.pack(pixels.width_px, pixels.height_px, pixels.reduced), pixels.rgb


def read_request(frame: bytes) -> tuple[NDArray[np.uint8], int]:
    """The picture, shape (height, width, 3), and how much it was averaged down."""
    width_px, height_px, reduced = _REQUEST.unpack_from(frame)
    pixels = np.frombuffer(frame, np.uint8, offset=_REQUEST.size)
    return pixels.reshape(height_px, width_px, 3), reduced


def answer(lines: Sequence[SeenLine], *, reduced: int) -> tuple[bytes, ...]:
    """The parts of an answer with what was read, in the original's pixels."""
    told = [
        [line.code, line.words, [[side * reduced for side in box] for box in line.boxes]]
        for line in lines
    ]
    return (json.dumps({"lines": told}).encode(),)


def refusal(reason: str, *, hint: str = "", is_model: bool = False) -> tuple[bytes, ...]:
    """The parts of an answer without: for this picture, or for every one."""
    return (json.dumps({"reason": reason, "hint": hint, "is_model": is_model}).encode(),)


def read_answer(frame: bytes) -> Seen:
    """What was read.

    Raises:
        PictureError: If the picture was refused.
        ModelError: If every picture will be.
        ValueError: If the frame is no answer.
    """
    told = json.loads(frame)
    if "reason" in told:
        kind = ModelError if told["is_model"] else PictureError
        raise kind(told["reason"], hint=told["hint"])
    return Seen(
        tuple(
            SeenLine(tuple(words), tuple(Box(*box) for box in boxes), code)
            for code, words, boxes in told["lines"]
        )
    )
