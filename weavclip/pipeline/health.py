"""Whether a running agent keeps copies: said in the log, in its state, and to the person."""

from __future__ import annotations

import dataclasses
import logging
import os
import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol

from weavclip.pipeline import telling
from weavclip.pipeline.status import AgentState

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

logger = logging.getLogger(__name__)

ALARM_AFTER_S = 60.0
RECHECK_EVERY_S = 30.0
CLIPBOARD, JOURNAL = "clipboard", "journal"


class Supervisor(Protocol):
    """What started the agent and wants to hear how it is, such as systemd."""

    @property
    def watchdog_s(self) -> float | None:
        """It expects a sign of life so often; None when it expects none."""
        ...

    def say(self, status: str) -> None:
        """The agent is up, and does this."""
        ...

    def alive(self) -> None:
        """A sign of life."""
        ...

    def stopping(self) -> None:
        """The agent is about to end."""
        ...


class Health:
    """What is wrong, if anything; told once when it begins and once when it is over.

    For several threads.
    """

    def __init__(
        self,
        data_dir: Path,
        *,
        supervisor: Supervisor | None = None,
        alarm: Callable[[str, str], None] = lambda _problem, _hint: None,
        alarm_after_s: float = ALARM_AFTER_S,
        recheck_every_s: float = RECHECK_EVERY_S,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Say nothing yet.

        Args:
            data_dir: Folder in which the state is told.
            supervisor: What started the agent, when it listens.
            alarm: Tells the person, given the problem and what mends it; once a problem, after
                ``alarm_after_s``.
            alarm_after_s: Seconds for which a problem may last unheard.
            recheck_every_s: Seconds between those questions.
            now: The clock, aware.
        """
        self._data_dir = data_dir
        self._supervisor = supervisor
        self._alarm = alarm
        self._recheck: Callable[[], bool] = lambda: False
        self._alarm_after_s = alarm_after_s
        self._recheck_every_s = recheck_every_s
        self._now = now
        self._lock = threading.RLock()
        self._wrong: dict[str, tuple[str, str]] = {}
        self._mended = threading.Event()
        self._state = AgentState(pid=os.getpid(), since=now(), source="none")

    @property
    def state(self) -> AgentState:
        """What is told now."""
        return self._state

    def begin(self, source: str) -> None:
        """The agent is up and watches the source, or waits for one."""
        with self._lock:
            self._tell(source=source)
            if not self._wrong:
                logger.info("watching %s as process %d", source, self._state.pid)

    def end(self) -> None:
        """The agent ends as it should."""
        with self._lock:
            self._wrong.clear()
            self._mended.set()
            telling.fall_silent(self._data_dir)
            if self._supervisor:
                self._supervisor.stopping()
            logger.info("stopped watching")

    def look_again_with(self, recheck: Callable[[], bool]) -> None:
        """Ask this now and then, while the journal cannot be written, whether it can again."""
        self._recheck = recheck

    def lost(self, problem: str, hint: str) -> None:
        """There is nothing to watch."""
        self._goes_wrong(CLIPBOARD, problem, hint)

    def found(self, source: str) -> None:
        """There is something to watch."""
        with self._lock:
            self._state = dataclasses.replace(self._state, source=source)
            self._is_well(CLIPBOARD)

    def refused(self, problem: str, hint: str) -> None:
        """A copy could not be written."""
        self._goes_wrong(JOURNAL, problem, hint)

    def kept(self) -> None:
        """Copies can be written."""
        if JOURNAL in self._wrong:
            self._is_well(JOURNAL)

    def skipped(self, reason: str) -> None:
        """A copy was not kept."""
        with self._lock:
            count = self._state.skipped.get(reason, 0) + 1
            self._tell(skipped={**self._state.skipped, reason: count})

    def _goes_wrong(self, what: str, problem: str, hint: str) -> None:
        with self._lock:
            began, is_new = not self._wrong, what not in self._wrong
            self._wrong[what] = (problem, hint)
            self._tell_wrong()
            if is_new:  # logged once it is told: who reads the log may ask at once
                logger.error("copies are NOT kept: %s", problem)
            if began:
                self._mended = threading.Event()
                watch = threading.Thread(
                    target=self._sound_alarm, args=(self._mended,), name="alarm", daemon=True
                )
                watch.start()

    def _is_well(self, what: str) -> None:
        with self._lock:
            if self._wrong.pop(what, None) is None:
                return
            self._tell_wrong()
            if not self._wrong:
                self._mended.set()
                logger.warning("copies are kept again: watching %s", self._state.source)

    def _tell_wrong(self) -> None:
        if not self._wrong:
            self._tell(problem="", hint="", lost_since=None)
            return
        problem, hint = next(iter(self._wrong.values()))
        self._tell(problem=problem, hint=hint, lost_since=self._state.lost_since or self._now())

    def _tell(self, **changes: object) -> None:
        self._state = dataclasses.replace(self._state, **changes)  # type: ignore[arg-type]  # names of its fields
        telling.tell(self._data_dir, self._state)
        if self._supervisor:
            problem = self._state.problem
            well = f"watching {self._state.source}"
            self._supervisor.say(f"copies are NOT kept: {problem}" if problem else well)

    def _sound_alarm(self, mended: threading.Event) -> None:
        """Tell the person when it has lasted; look now and then whether it is over."""
        if mended.wait(self._alarm_after_s):
            return
        self._look_again()
        if mended.is_set():
            return
        # In a thread of its own: a message bus that hangs must not end the looking.
        told = (self._state.problem, self._state.hint)
        threading.Thread(target=self._alarm, args=told, name="telling", daemon=True).start()
        while not mended.wait(self._recheck_every_s):
            self._look_again()

    def _look_again(self) -> None:
        if JOURNAL in self._wrong and self._recheck():
            self.kept()
