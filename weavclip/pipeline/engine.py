"""The engine: works while there is something to do, answers, leaves when idle."""

from __future__ import annotations

import logging
import os
import sys
import threading
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from weavclip.domain.errors import WeavclipError
from weavclip.pipeline.rpc import Door
from weavclip.pipeline.setback import Setback
from weavclip.pipeline.status import EngineState

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from weavclip.domain.ports import StopSignal
    from weavclip.domain.stores import Journal
    from weavclip.pipeline.work import Handler, Step, Work

logger = logging.getLogger(__name__)

BACKGROUND_NICENESS = 10


class Engine:
    """Works round by round; what is less urgent has its turn when nothing else is to do."""

    def __init__(
        self, journal: Journal, works: Sequence[Work], *, runtime_dir: Path, idle_s: float
    ) -> None:
        """Be handed the parts.

        Args:
            journal: The truth.
            works: What is to be done, the most urgent first.
            runtime_dir: Folder of the socket.
            idle_s: Leave after so many seconds without work or question.
        """
        self._journal = journal
        self._works = works
        self._idle_s = idle_s
        self._leaving = threading.Event()
        self._wake = threading.Event()
        self._since = datetime.now(UTC)
        self._last_use = time.monotonic()
        self._doing, self._rate_per_s = "", 0.0
        self._setback = Setback()
        answered = [each for work in works for each in work.requests().items()]
        self._door = Door(
            runtime_dir,
            {
                **{name: self._used_by(handler) for name, handler in answered},
                "state": lambda _: self.state(),
                "wake": lambda _: self._nudge(),
                "stop": lambda _: self.leave(),
            },
        )

    def run(self, stop: StopSignal) -> None:
        """Work and answer until idle, or until ``stop``."""
        self._door.open()
        logger.info("engine %d begins", os.getpid())
        watcher = threading.Thread(target=self._leave_with, args=(stop,), daemon=True)
        watcher.start()
        for work in self._works:
            work.begin(self._leaving, on_change=self._wake.set)
        _lower_priority()
        try:
            self._collect()
            while not self._leaving.is_set():
                self._round()
        finally:
            self._door.close()
            for work in self._works:
                work.close()
            logger.info("engine %d leaves", os.getpid())

    def leave(self) -> None:
        """End after the step that is under way, which may be cut short."""
        self._leaving.set()
        for work in self._works:
            work.leave()
        self._wake.set()

    def state(self) -> EngineState:
        """What this engine does now."""
        state = EngineState(
            pid=os.getpid(),
            since=self._since,
            doing=self._doing,
            rate_per_s=self._rate_per_s,
            problem=self._setback.problem,
        )
        for work in self._works:
            state = work.told(state)
        return state

    def _used_by(self, handler: Handler) -> Handler:
        """The handler; who asks keeps the engine from leaving."""

        def answer(argument: object) -> object:
            self._last_use = time.monotonic()
            try:
                return handler(argument)
            finally:
                self._last_use = time.monotonic()

        return answer

    def _collect(self) -> None:
        try:
            self._journal.collect()
        except (WeavclipError, OSError) as error:  # such as while another process writes for long
            logger.warning("what a crash left stays: %s", error)

    def _round(self) -> None:
        self._wake.clear()
        try:
            self._work_or_rest()
        except Exception as error:  # noqa: BLE001 - whatever fails, questions are answered
            self._doing, self._rate_per_s = "", 0.0
            self._pause_after(error)

    def _work_or_rest(self) -> None:
        # Of several works the first that has something to do is the only one of its round.
        worked = any(self._work_at(each) for each in self._works)
        self._setback.end()
        if worked:
            self._last_use = time.monotonic()
            return
        self._doing, self._rate_per_s = "", 0.0
        self._rest()

    def _pause_after(self, error: Exception) -> None:
        """A full disk or a broken model must not end the engine at once: it still answers.

        What a broken model left is taken on when somebody copies the next time; a full disk is
        waited out. Where a newer weavclip took the journal over, its engine is to begin.
        """
        pause_s = self._setback.begin(error)
        is_idle = time.monotonic() - self._last_use >= self._idle_s
        if self._setback.mends_itself or not (is_idle or self._setback.is_final):
            self._wake.wait(pause_s)
        else:
            self.leave()

    def _rest(self) -> None:
        left_s = self._idle_s - (time.monotonic() - self._last_use)
        if left_s > 0:
            self._wake.wait(left_s)
        elif sum(each.rest() for each in self._works):  # all of them, whatever the first says
            self._wake.wait(max(self._idle_s, 1.0))
        else:
            self.leave()

    def _work_at(self, work: Work) -> bool:
        """Take all its steps; whether there was anything to do."""
        return sum(self._step(*each) for each in work.steps(self._leaving)) > 0

    def _step(self, doing: str, step: Callable[[], Step]) -> bool:
        before, started = (self._doing, self._rate_per_s), time.monotonic()
        if doing != self._doing:  # said beforehand: a picture may be read for a minute
            self._doing, self._rate_per_s = doing, 0.0
        result = step()
        if result:
            self._rate_per_s = result.done / max(time.monotonic() - started, 1e-6)
        else:
            self._doing, self._rate_per_s = before
        return bool(result)

    def _nudge(self) -> None:
        for work in self._works:
            work.nudge()
        self._wake.set()

    def _leave_with(self, stop: StopSignal) -> None:
        stop.wait()
        self.leave()


def _lower_priority() -> None:
    """Give way to the person's own programs: this thread only, not those that answer."""
    if sys.platform != "linux":  # which alone takes a thread where a process is asked for
        return
    thread = threading.get_native_id()
    if os.getpriority(os.PRIO_PROCESS, thread) < BACKGROUND_NICENESS:  # nobody may raise it
        os.setpriority(os.PRIO_PROCESS, thread, BACKGROUND_NICENESS)
