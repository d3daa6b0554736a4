"""The child that decodes: ``python -m weavclip.pictures.child MAX_PIXELS MEMORY_BYTES CPU_S``.

It answers frames on stdin with frames on stdout. It can be killed by any picture at any time and
takes nothing with it: it holds no file, no key and no other picture.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from weavclip.domain.errors import PictureError
from weavclip.pictures import frames
from weavclip.pictures.decoding import decode

if TYPE_CHECKING:
    from typing import BinaryIO

_NICE = 5


def main(max_pixels: int, memory_bytes: int, cpu_s: int) -> None:
    """Limit this process, then decode until stdin ends."""
    from PIL import Image

    Image.init()
    _limit(memory_bytes)
    # Anything that a library prints would break the frames.
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    pipe = sys.stdin.buffer
    while (frame := frames.receive(pipe)) is not None:
        _limit_cpu(cpu_s)
        _serve(frame, out, max_pixels)
        del frame


def _serve(frame: bytes, out: BinaryIO, max_pixels: int) -> None:
    encoded, size_px = frames.read_request(frame)
    try:
        parts = frames.answer(decode(encoded, size_px=size_px, max_pixels=max_pixels))
    except PictureError as error:
        parts = frames.refusal(str(error), error.hint)
    except MemoryError:
        parts = frames.refusal("the picture needs more memory than decoding may use", "")
    except Exception as error:  # noqa: BLE001 - a picture must not decide what ends the child
        parts = frames.refusal(f"the picture is damaged: {type(error).__name__}", "")
    frames.send(out, parts)


def _limit(memory_bytes: int) -> None:
    if os.name != "posix":
        return  # there the time limit and the limit on pixels remain
    import resource

    os.nice(_NICE)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    if sys.platform != "darwin":  # macOS refuses to lower it
        resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))


def _limit_cpu(cpu_s: int) -> None:
    """Let this picture use so many seconds more; the kernel ends the process after them."""
    if os.name != "posix":
        return
    import resource

    usage = resource.getrusage(resource.RUSAGE_SELF)
    until = int(usage.ru_utime + usage.ru_stime) + cpu_s + 1
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    resource.setrlimit(resource.RLIMIT_CPU, (until, hard))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:4]))
