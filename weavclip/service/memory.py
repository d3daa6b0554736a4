"""How this process's memory is given back."""

from __future__ import annotations

import contextlib
import sys

_ARENA_MAX, _MMAP_THRESHOLD = -8, -3  # malloc.h of glibc
_LARGE_BYTES = 256 * 1024


def give_large_back() -> None:
    """Have glibc return what is large to the system as soon as it is freed.

    It takes the first text of 10 MB for a sign that more will come, and keeps the room, in an
    arena a thread: an agent that met some held 300 MB for good; this way 50. Elsewhere nothing
    is done.
    """
    if sys.platform != "linux":
        return
    import ctypes

    with contextlib.suppress(OSError, AttributeError):  # another C library
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(_MMAP_THRESHOLD, _LARGE_BYTES)  # said once, it is not learned any more
        mallopt(_ARENA_MAX, 1)
