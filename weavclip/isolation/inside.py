"""What a child does of itself: it limits what it may use, then answers frames until stdin ends.

It can be killed at any time and takes nothing with it: it holds no file, no key and nothing of
what it was asked before.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from weavclip.isolation import frames

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import BinaryIO


def own_stdout() -> BinaryIO:
    """Standard output for the frames alone: anything that a library prints would break them."""
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return out


def answer_frames(
    out: BinaryIO, answer: Callable[[bytes], Iterable[bytes]], *, cpu_s: int
) -> None:
    """Answer each frame on stdin with one on ``out``.

    Args:
        out: From :func:`own_stdout`.
        answer: The parts of the answer to a frame.
        cpu_s: Processor time that each may take, in seconds.
    """
    while (frame := frames.receive(sys.stdin.buffer)) is not None:
        _limit_cpu(cpu_s)
        frames.send(out, answer(frame))
        del frame


def limit(memory_bytes: int, *, niceness: int) -> None:
    """Give way to others, write no file, and use so much address space at most.

    Where the system has no such limits, those on time and on pixels remain.
    """
    if os.name != "posix":
        return
    import resource

    os.nice(niceness)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    if sys.platform != "darwin":  # macOS refuses to lower it
        resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))


def open_nothing_more() -> None:
    """Open no file and no socket from now on, for good; what is open stays."""
    if os.name != "posix":
        return
    import resource

    resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))


def _limit_cpu(cpu_s: int) -> None:
    """Let this frame use so many seconds more; the kernel ends the process after them."""
    if os.name != "posix":
        return
    import resource

    usage = resource.getrusage(resource.RUSAGE_SELF)
    until = int(usage.ru_utime + usage.ru_stime) + cpu_s + 1
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    resource.setrlimit(resource.RLIMIT_CPU, (until, hard))
