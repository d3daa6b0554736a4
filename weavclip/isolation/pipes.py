"""Pipes to other processes."""

from __future__ import annotations

import contextlib
import sys
from typing import Protocol

# 16 times what Linux gives by default: a picture passes in few turns instead of many.
WIDE_BYTES = 1024 * 1024


class _Pipe(Protocol):
    def fileno(self) -> int: ...


def widen(pipe: int | _Pipe) -> None:
    """Let a pipe hold a megabyte, where the system can: Linux alone does."""
    if sys.platform != "linux":
        return
    import fcntl

    with contextlib.suppress(OSError):  # over the user's quota of pipes: it works without
        fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, WIDE_BYTES)
