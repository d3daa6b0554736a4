"""How the owning processes of ``tests.owners`` write content into a pipe, with their faults."""

from __future__ import annotations

import contextlib
import os
import threading
from itertools import cycle
from typing import Any

_PAUSE = threading.Event()
_CHUNK_BYTES = 256 * 1024
_NEVER = 1 << 30


def write_in_pieces(descriptor: int, content: bytes, faults: dict[str, Any]) -> None:
    """Write in pieces; a reader that has had enough is no fault of ours."""
    size = int(faults.get("chunk_bytes", _CHUNK_BYTES))
    places = range(0, len(content), size)
    for number, at in enumerate(cycle(places) if faults.get("endless") else places):
        if number >= faults.get("die_after", _NEVER):
            os._exit(9)
        if number >= faults.get("stall_after", _NEVER):
            return
        _PAUSE.wait(faults.get("slow_s", 0.0))
        if not _written(descriptor, content[at : at + size]):
            break
    os.close(descriptor)


def _written(descriptor: int, piece: bytes) -> bool:
    left = memoryview(piece)
    with contextlib.suppress(OSError):
        while left:
            left = left[os.write(descriptor, left) :]
    return not left
