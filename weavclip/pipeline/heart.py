"""Signs of life for a supervisor, as long as the agent's loop lives."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Heart:
    """Beats while the loop waits for copies or works, not when its work hangs.

    A thread that only beats would go on beside a loop that hangs. This one looks first whether
    the loop is in a piece of work (a copy, an attempt to connect), and for how long.
    """

    def __init__(
        self,
        beat: Callable[[], None],
        *,
        watchdog_s: float | None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Keep how to beat; nothing beats yet.

        Args:
            beat: A sign of life.
            watchdog_s: The supervisor expects one so often, and a piece of work may take as
                long; None for never.
            clock: Monotonic seconds.
        """
        self._beat = beat
        self._watchdog_s = watchdog_s
        self._clock = clock
        self._busy_since: float | None = None
        self._stopped = threading.Event()

    def start(self) -> None:
        """Beat twice as often as is expected, in a thread of its own."""
        if self._watchdog_s is not None:
            threading.Thread(target=self._run, name="heart", daemon=True).start()

    def stop(self) -> None:
        """Beat no more."""
        self._stopped.set()

    @contextmanager
    def busy(self) -> Iterator[None]:
        """The loop is in a piece of work, which must end."""
        self._busy_since = self._clock()
        try:
            yield
        finally:
            self._busy_since = None

    def is_sound(self) -> bool:
        """Whether the loop waits, or works for no longer than it may."""
        since = self._busy_since
        return since is None or self._clock() - since < (self._watchdog_s or 0)

    def _run(self) -> None:
        assert self._watchdog_s is not None
        while not self._stopped.wait(self._watchdog_s / 2):
            if self.is_sound():
                self._beat()
