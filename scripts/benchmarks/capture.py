"""How soon, and how surely, a copy reaches the agent: on a display server of its own.

The copies are made by another process that owns the clipboard as a toolkit does. Times are
from the moment before it takes the selection until the content is handed to who keeps it.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

from scripts.benchmarks.desktops import clipboard
from scripts.benchmarks.rows import Row, row_of
from tests.waiting import until
from tests.watching import watched

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scripts.benchmarks.desktops import Clipboard
    from tests.owners import Owner
    from tests.watching import Watched

COPIES = 1_000
BURST, BURST_EVERY_S = 50, 0.02
_PAUSE_S = 0.03  # a picture of 300 KB takes the owner 3 ms to hand over
_DIGITS = 8  # that the owner numbers its copies by
_CONTENTS = (
    ("copy -> content, texts of 1 KB", "UTF8_STRING", "text/plain", b"w" * 1_000),
    ("copy -> content, pictures of 300 KB", "image/png", "image/png", os.urandom(300_000)),
)


def rows(source: str = "x11") -> list[Row]:
    """All of this module's figures; takes 75 s."""
    with clipboard(source) as desk, desk.owner() as copying:
        found = [
            _latency(desk, copying, stage, native=native, mime_type=mime, content=content)
            for stage, native, mime, content in _CONTENTS
        ]
        return [*found, burst(desk, copying)]


def burst(desk: Clipboard, copying: Owner) -> Row:
    """How many of 50 copies, 20 ms apart, come with their content."""
    texts = [f"copy {number}" for number in range(BURST)]
    with _watched(desk) as seen:
        copying.copy_texts(texts, every_s=BURST_EVERY_S)
        seen.wait_for(1 + BURST)
    read = set(seen.texts()) & set(texts)
    return Row(
        stage="50 copies 20 ms apart", n=BURST, median=len(read), unit="copies", note="target 50"
    )


def _latency(
    desk: Clipboard, copying: Owner, stage: str, *, native: str, mime_type: str, content: bytes
) -> Row:
    with _watched(desk) as seen:
        began = copying.copies({native: content}, times=COPIES, pause_s=_PAUSE_S)
        last = content + b"%08d" % (COPIES - 1)
        until(lambda: seen.offers[-1].representations.get(mime_type) == last, what="the last copy")
    values = []
    for at, offer in zip(seen.came_s, seen.offers, strict=True):
        copied = offer.representations.get(mime_type, b"")
        if copied[:-_DIGITS] == content:
            values.append((at - began[int(copied[-_DIGITS:])]) * 1_000)
    note = f"target p99 < 10; {len(values)} of {COPIES} whole"
    return row_of(stage, values, unit="ms", note=note)


@contextmanager
def _watched(desk: Clipboard) -> Iterator[Watched]:
    """Watch from the first offer on: what was on the clipboard before."""
    with desk.owner() as before:
        before.copy({"UTF8_STRING": b"before"})
        with watched(desk.source()) as seen:
            seen.wait_for(1)
            yield seen
