"""How soon, and how surely, a copy on X11 reaches the agent: on a display of its own.

The copies are made by another process that owns the clipboard as a toolkit does. Times are
from the moment before it takes the selection until the content is handed to who keeps it.
"""

from __future__ import annotations

import os
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from scripts.benchmarks.rows import Row, row_of
from tests.displays import private_display
from tests.owners import owner
from weavclip.clipboard.x11 import X11Source

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.owners import Owner
    from weavclip.domain.clip import Offer

COPIES = 1_000
BURST, BURST_EVERY_S = 50, 0.02
_PAUSE_S = 0.03  # a picture of 300 KB takes the owner 3 ms to hand over
_LATE_S = 10.0
_CONTENTS = (
    ("copy -> content, texts of 1 KB", "UTF8_STRING", "text/plain", b"w" * 1_000),
    ("copy -> content, pictures of 300 KB", "image/png", "image/png", os.urandom(300_000)),
)


class _Seen:
    """The offers of one watch, each with the monotonic time at which it came, in seconds."""

    def __init__(self) -> None:
        self._offers: list[tuple[float, Offer]] = []
        self._changed = threading.Condition()

    def add(self, offer: Offer) -> None:
        """Note an offer that came just now."""
        with self._changed:
            self._offers.append((time.monotonic(), offer))
            self._changed.notify()

    def first(self, count: int) -> list[tuple[float, Offer]]:
        """The first ``count`` offers, waited for up to 10 s; fewer when they do not come."""
        with self._changed:
            self._changed.wait_for(lambda: len(self._offers) >= count, timeout=_LATE_S)
            return list(self._offers)


def rows() -> list[Row]:
    """All of this module's figures; takes 75 s."""
    with private_display() as display, owner(display, wm_class="Bench") as copying:
        found = [
            _latency(display, copying, stage, native=native, mime_type=mime, content=content)
            for stage, native, mime, content in _CONTENTS
        ]
        return [*found, burst(display, copying)]


def burst(display: str, copying: Owner) -> Row:
    """How many of 50 copies, 20 ms apart, come with their content."""
    texts = [f"copy {number}" for number in range(BURST)]
    with _watched(display) as seen:
        copying.copy_texts(texts, every_s=BURST_EVERY_S)
        offers = [offer for _, offer in seen.first(BURST)]
    read = {bytes(each.representations.get("text/plain", b"")).decode() for each in offers}
    return Row(
        stage="50 copies 20 ms apart",
        n=BURST,
        median=len(read & set(texts)),
        unit="copies",
        note="target 50",
    )


def _latency(
    display: str, copying: Owner, stage: str, *, native: str, mime_type: str, content: bytes
) -> Row:
    with _watched(display) as seen:
        began = copying.copies({native: content}, times=COPIES, pause_s=_PAUSE_S)
        came = seen.first(COPIES)
    values = [
        (at - start) * 1_000
        for (at, offer), start in zip(came, began, strict=True)
        if offer.representations.get(mime_type) == content
    ]
    note = f"target p99 < 10; {len(values)} of {COPIES} whole"
    return row_of(stage, values, unit="ms", note=note)


@contextmanager
def _watched(display: str) -> Iterator[_Seen]:
    """Watch ``display`` in a thread; what was on its clipboard before is passed over."""
    seen, stop, began = _Seen(), threading.Event(), threading.Event()

    def run() -> None:
        for offer in X11Source(display).watch(stop):
            if offer.on_start:
                began.set()
            else:
                seen.add(offer)

    with owner(display) as before:
        before.copy({"UTF8_STRING": b"before"})
        thread = threading.Thread(target=run)
        thread.start()
        began.wait(_LATE_S)
    try:
        yield seen
    finally:
        stop.set()
        thread.join(_LATE_S)
