"""Waiting for something to become true, with a deadline instead of a sleep."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

WITHIN_S = 120.0
"""For what is sure to come, on a machine ten times slower too: only a failure waits so long."""


def until(
    found: Callable[[], T], *, within_s: float = WITHIN_S, every_s: float = 0.01, what: str = ""
) -> T:
    """The first true value of ``found()``, looked for every 10 ms; fails after ``within_s``."""
    end = time.monotonic() + within_s
    pause = threading.Event()
    while not (value := found()):
        if time.monotonic() > end:
            message = f"not within {within_s} s: {what or found}"
            raise AssertionError(message)
        pause.wait(every_s)
    return value
