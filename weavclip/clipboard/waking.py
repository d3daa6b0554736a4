"""Waking a loop that sleeps in select(), and handing what it found to another thread."""

from __future__ import annotations

import contextlib
import socket
import threading
from functools import partial
from queue import SimpleQueue
from typing import TYPE_CHECKING

from weavclip.domain.clip import Offer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from weavclip.domain.ports import StopSignal

# Offers that nobody has taken yet may hold this much; beyond it their content is let go.
_MOST_BACKLOG_BYTES = 256 * 1024 * 1024


class Waker:
    """A stop signal that select() can wait for, so that nothing has to look at it regularly."""

    def __init__(self, stop: StopSignal) -> None:
        """Wait for ``stop`` in a thread of its own, which ends with the process at the latest."""
        self._stop = stop
        self._read, self._write = socket.socketpair()
        self._is_closed = threading.Event()
        threading.Thread(target=self._wait, name="weavclip-stop", daemon=True).start()

    def fileno(self) -> int:
        """Readable once woken."""
        return self._read.fileno()

    def is_woken(self) -> bool:
        """Whether it is time to end."""
        return self._is_closed.is_set() or self._stop.is_set()

    def wake(self) -> None:
        """End the waiting, also without the stop."""
        self._is_closed.set()
        with contextlib.suppress(OSError):
            self._write.send(b"\0")

    def close(self) -> None:
        """Give the sockets back, when nobody selects on them any more."""
        self._read.close()
        self._write.close()

    def _wait(self) -> None:
        self._stop.wait()
        self.wake()


class Backlog:
    """Offers on their way from the thread that reads to the one that keeps them.

    A durable commit takes 12 ms, and 25 at times, while copies may come every 20: only a
    reader that does not wait for commits sees them all.
    """

    def __init__(self, most_bytes: int = _MOST_BACKLOG_BYTES) -> None:
        """Hold up to ``most_bytes`` of content."""
        self._offers: SimpleQueue[Offer | Exception | None] = SimpleQueue()
        self._most_bytes = most_bytes
        self._held_bytes = 0
        self._lock = threading.Lock()

    def put(self, offer: Offer) -> None:
        """Add an offer; without its content, and saying so, when too much is waiting."""
        size = _size(offer)
        with self._lock:
            fits = self._held_bytes + size <= self._most_bytes or not self._held_bytes
            self._held_bytes += size if fits else 0
        self._offers.put(offer if fits else _without_content(offer, self._most_bytes))

    def fill(self, run: Callable[[], None]) -> None:
        """Run what puts offers to its end, and pass that end on, with its error if it has one."""
        try:
            run()
        except Exception as error:  # noqa: BLE001 - thread boundary: raised where offers are taken
            self._offers.put(error)
        else:
            self._offers.put(None)

    def __iter__(self) -> Iterator[Offer]:
        """Take the offers as they come, to the end, and hold on to none of them."""
        return iter(self._take, None)

    def _take(self) -> Offer | None:
        found = self._offers.get()
        if isinstance(found, Exception):
            raise found
        if found:
            with self._lock:
                self._held_bytes -= _size(found)
        return found


def followed(
    run: Callable[[Callable[[Offer], None], Waker], None], stop: StopSignal, *, name: str
) -> Iterator[Offer]:
    """Yield what ``run`` emits in a thread of its own, so that no copy waits for who keeps them.

    Args:
        run: Is given what to call with each offer, and what wakes it when it is time to end.
        stop: Ends it.
        name: Of the source, for the thread.

    Raises:
        NoClipboardError: What ``run`` raised, where the offers are taken.
    """
    yield from begun(run, stop, name=name)


def begun(
    run: Callable[[Callable[[Offer], None], Waker], None], stop: StopSignal, *, name: str
) -> Iterator[Offer]:
    """The same, with the thread at work before the first offer is asked for."""
    waker, backlog = Waker(stop), Backlog()
    reader = threading.Thread(
        target=backlog.fill,
        args=(partial(run, backlog.put, waker),),
        name=f"weavclip-{name}",
        daemon=True,
    )
    reader.start()
    return _taken(reader, waker, backlog)


def _taken(reader: threading.Thread, waker: Waker, backlog: Backlog) -> Iterator[Offer]:
    try:
        yield from backlog
    finally:
        waker.wake()
        reader.join(timeout=1.0)
        waker.close()


def _size(offer: Offer) -> int:
    return sum(len(content) for content in offer.representations.values())


def _without_content(offer: Offer, most_bytes: int) -> Offer:
    problem = f"its content was let go: copies of {most_bytes} bytes are waiting to be kept"
    return Offer(
        types=offer.types,
        at=offer.at,
        source_app=offer.source_app,
        problems=(*offer.problems, problem),
        on_start=offer.on_start,
        own_id=offer.own_id,
    )
