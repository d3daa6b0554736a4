"""The child that decodes: ``python -m weavclip.pictures.child MAX_PIXELS MEMORY_BYTES CPU_S``."""

from __future__ import annotations

import sys
from functools import partial

from weavclip.domain.errors import PictureError
from weavclip.isolation import inside
from weavclip.pictures import frames
from weavclip.pictures.decoding import decode, greys, whole

_NICE = 5


def main(max_pixels: int, memory_bytes: int, cpu_s: int) -> None:
    """Limit this process, then decode until stdin ends."""
    from PIL import Image

    Image.init()
    inside.limit(memory_bytes, niceness=_NICE)
    out = inside.own_stdout()
    inside.answer_frames(out, partial(_answer, max_pixels=max_pixels), cpu_s=cpu_s)


def _answer(frame: bytes, *, max_pixels: int) -> tuple[bytes, ...]:
    encoded, size_px = frames.read_request(frame)
    try:
        if size_px == frames.WHOLE:
            return frames.all_pixels(whole(encoded, max_pixels=max_pixels))
        if size_px == frames.GREYS:
            return frames.in_grey(greys(encoded, max_pixels=max_pixels))
        return frames.answer(decode(encoded, size_px=size_px, max_pixels=max_pixels))
    except PictureError as error:
        return frames.refusal(str(error), error.hint)
    except MemoryError:
        return frames.refusal("the picture needs more memory than decoding may use", "")
    except Exception as error:  # noqa: BLE001 - a picture must not decide what ends the child
        return frames.refusal(f"the picture is damaged: {type(error).__name__}", "")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:4]))
