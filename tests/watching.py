"""A clipboard source watched beside a test."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.waiting import WITHIN_S, until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from weavclip.domain.clip import Offer
    from weavclip.domain.ports import ClipboardSource


class Watched:
    """What a source yielded so far."""

    def __init__(self) -> None:
        self.offers: list[Offer] = []
        self.came_s: list[float] = []
        self.error: Exception | None = None
        self.has_begun = threading.Event()

    def follow(self, source: ClipboardSource, stop: threading.Event) -> None:
        """Note every offer and its monotonic time, and the error that ended it."""
        try:
            offers = source.watch(stop)
            self.has_begun.set()
            for offer in offers:
                self.came_s.append(time.monotonic())
                self.offers.append(offer)
        except Exception as error:  # noqa: BLE001 - thread boundary: the test looks at it
            self.error = error
            self.has_begun.set()

    def wait_for(self, count: int, *, within_s: float = WITHIN_S) -> list[Offer]:
        """The offers, once there are as many; fails when they do not come."""
        until(
            lambda: len(self.offers) >= count or self.error,
            within_s=within_s,
            what=f"{count} offers, {len(self.offers)} came",
        )
        assert self.error is None
        return list(self.offers)

    def texts(self) -> list[str]:
        """The plain text of each offer; empty where it has none."""
        return [text_of(each) for each in self.offers]


def text_of(offer: Offer) -> str:
    """Its plain text; empty when it has none."""
    return bytes(offer.representations.get("text/plain", b"")).decode()


@contextmanager
def watched(source: ClipboardSource) -> Iterator[Watched]:
    """Watch in a thread, to the end of the block: every copy that is made in it is seen."""
    watching, stop = Watched(), threading.Event()
    thread = threading.Thread(target=watching.follow, args=(source, stop))
    thread.start()
    try:
        assert watching.has_begun.wait(WITHIN_S), "the source did not begin"
        yield watching
    finally:
        stop.set()
        thread.join(WITHIN_S)
        assert not thread.is_alive(), "the source did not end"
