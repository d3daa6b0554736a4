"""The child that reads: ``python -m weavclip.embed.ocr_child MEMORY_BYTES CPU_S THREADS``.

It is given decoded pixels only, and once its models are loaded it can open neither a file nor a
socket.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import numpy as np

from weavclip.domain.errors import ModelError
from weavclip.embed import ocr_frames
from weavclip.embed.ocr_codes import read_codes
from weavclip.embed.ocr_lines import LineReader
from weavclip.embed.sessions import NO_TELEMETRY
from weavclip.isolation import inside

if TYPE_CHECKING:
    from collections.abc import Callable

    Answers = Callable[[bytes], tuple[bytes, ...]]

_NICE = 10


def main(memory_bytes: int, cpu_s: int, threads: int) -> None:
    """Load, limit this process, then read until stdin ends."""
    os.environ.update(NO_TELEMETRY)  # before ONNX Runtime is loaded
    out = inside.own_stdout()
    answer = _answers(threads)
    inside.limit(memory_bytes, niceness=_NICE)
    inside.open_nothing_more()
    inside.answer_frames(out, answer, cpu_s=cpu_s)


def _answers(threads: int) -> Answers:
    try:
        lines = LineReader(threads=threads)
        read_codes(np.zeros((8, 8, 3), np.uint8))
    except ModelError as error:
        refusal = ocr_frames.refusal(str(error), hint=error.hint, is_model=True)
        return lambda _: refusal
    except Exception as error:  # noqa: BLE001 - whatever is wrong with a library
        reason = f"what reads words in pictures does not start: {type(error).__name__}"
        refusal = ocr_frames.refusal(reason, is_model=True)
        return lambda _: refusal
    return lambda frame: _answer(frame, lines)


def _answer(frame: bytes, lines: LineReader) -> tuple[bytes, ...]:
    try:
        pixels, reduced = ocr_frames.read_request(frame)
        return ocr_frames.answer([*lines.read(pixels), *read_codes(pixels)], reduced=reduced)
    except MemoryError:
        return ocr_frames.refusal("the picture needs more memory than reading may use")
    except Exception as error:  # noqa: BLE001 - a picture must not decide what ends the child
        return ocr_frames.refusal(f"its words cannot be read: {type(error).__name__}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:4]))
