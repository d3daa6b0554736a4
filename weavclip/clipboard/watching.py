"""The loop of every source that follows a clipboard by event: events in, offers out."""

from __future__ import annotations

import select
import time
from abc import ABC, abstractmethod
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from weavclip.clipboard.pipes import Incoming
    from weavclip.clipboard.rules import Rules
    from weavclip.clipboard.waking import Waker
    from weavclip.domain.clip import Offer

    class Connection(Protocol):
        """What select() can wait for."""

        def fileno(self) -> int:
            """Its descriptor."""


# After the stop a read that has begun may end; the port allows 1 s in all.
_GRACE_S = 0.3


class Captured(Protocol):
    """One copy that is being read."""

    @property
    def on_start(self) -> bool:
        """Whether it was there before anybody watched."""

    @property
    def deadline(self) -> float:
        """Until when to wait for it, in monotonic seconds."""

    @property
    def size(self) -> int:
        """Bytes that it holds."""


Capture = TypeVar("Capture", bound=Captured)


class Watching(ABC, Generic[Capture]):
    """Reads several copies at a time, each as far as it has come, and tells of what is whole."""

    def __init__(self, connection: Connection, rules: Rules) -> None:
        """Keep what tells of events, and what every read obeys."""
        self._connection = connection
        self._rules = rules
        self._captures: list[Capture] = []
        self._offers: list[Offer] = []

    def run(self, emit: Callable[[Offer], None], waker: Waker) -> None:
        """Emit what is on the clipboard, then every copy, until woken.

        Raises:
            NoClipboardError: If the display server went away.
        """
        try:
            self._start()
            while not waker.is_woken():
                self._turn(emit, waker)
            self._finish(emit)
        finally:
            for each in list(self._captures):
                self._give_up(each, "was not read: watching ended")
            self._emit_all(emit)

    def present(self) -> list[Offer]:
        """What is on the clipboard now, read once: at most one offer a selection."""
        found: list[Offer] = []
        self._start()
        while any(each.on_start for each in self._captures):
            self._turn(found.append)
        self._emit_all(found.append)
        return [each for each in found if each.on_start]

    def _start(self) -> None:
        """Begin to read what was copied before."""
        self._dispatch()

    @abstractmethod
    def _dispatch(self) -> bool:
        """Take the events that have come; whether there were any."""

    @abstractmethod
    def _expire_one(self, capture: Capture) -> None:
        """Wait no longer for what has had its time."""

    @abstractmethod
    def _give_up(self, capture: Capture, problem: str) -> None:
        """End it now: what is still coming has this problem."""

    def _pipes(self) -> list[Incoming]:
        """What owners write into."""
        return []

    def _took(self) -> None:
        """Go on after pipes were read."""

    def _alarms(self) -> list[float]:
        """When there is something to do besides the captures, in monotonic seconds."""
        return []

    def _finish(self, emit: Callable[[Offer], None]) -> None:
        end = time.monotonic() + _GRACE_S
        self._dispatch()
        while self._captures and time.monotonic() < end:
            self._turn(emit, until=end)

    def _turn(
        self,
        emit: Callable[[Offer], None],
        waker: Waker | None = None,
        until: float | None = None,
    ) -> None:
        # A reply that was waited for brought events along, which select() would not tell of.
        is_busy = self._dispatch() or self._expire()
        if not is_busy and not self._offers:
            self._wait(waker, until)
        self._emit_all(emit)

    def _wait(self, waker: Waker | None, until: float | None) -> None:
        """Sleep until something comes, and take what owners wrote."""
        ends = [each.deadline for each in self._captures] + self._alarms()
        ends += [until] if until else []
        timeout_s = max(0.0, min(ends) - time.monotonic()) if ends else None
        pipes = self._pipes()
        heard: Sequence[Connection] = [*pipes, self._connection, *([waker] if waker else [])]
        readable, _, _ = select.select(heard, [], [], timeout_s)
        for each in pipes:
            if each in readable:
                each.take()
        self._took()

    def _expire(self) -> bool:
        """Whether anything has had its time."""
        now = time.monotonic()
        late = [each for each in self._captures if each.deadline <= now]
        for each in late:
            self._expire_one(each)
        return bool(late)

    def _make_room(self) -> None:
        """Hold no more at once than one copy may have."""
        limits = self._rules.limits
        most_bytes = limits.max_image_bytes + 2 * limits.max_text_bytes
        for each in self._captures[:-1]:
            if sum(every.size for every in self._captures) > most_bytes:
                self._give_up(each, "was given up: newer copies came while it was read")

    def _give_way(self) -> None:
        """End the oldest, as many newer ones as may be read at once have come."""
        count = len(self._captures)
        problem = f"was given up: {count} newer copies came while it was read"
        self._give_up(self._captures[0], problem)

    def _emit_all(self, emit: Callable[[Offer], None]) -> None:
        offers, self._offers = self._offers, []
        for each in offers:
            emit(each)


def now() -> datetime:
    """When a copy is seen."""
    return datetime.now(tz=UTC)
