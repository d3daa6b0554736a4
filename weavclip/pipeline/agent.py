"""The agent: watches the clipboard, keeps each copy, and starts the engine when there is work.

It imports the standard library and the light rooms only; nothing here waits for a model.
"""

from __future__ import annotations

import dataclasses
import json
import logging
import os
import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from weavclip.domain.errors import JournalError
from weavclip.pipeline.ingest import Verdict
from weavclip.pipeline.status import AgentState

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from weavclip.domain.clip import Offer
    from weavclip.domain.ports import ClipboardSource, StopSignal
    from weavclip.pipeline.ingest import Ingest

logger = logging.getLogger(__name__)

LOCK_NAME = "agent.lock"
STATE_NAME = "agent.json"


class Agent:
    """Takes what a source offers, one copy after the other."""

    def __init__(
        self,
        source: ClipboardSource,
        ingest: Ingest,
        *,
        data_dir: Path,
        wake_engine: Callable[[], None],
        pause_s: float,
    ) -> None:
        """Be handed the parts.

        Args:
            source: Where copies come from.
            ingest: Keeps them.
            data_dir: Folder in which the state is told.
            wake_engine: Starts the engine or nudges it.
            pause_s: Seconds after the last copy until then.
        """
        self._source = source
        self._ingest = ingest
        self._state_path = data_dir / STATE_NAME
        self._state = AgentState(pid=os.getpid(), since=datetime.now(UTC), source=source.name)
        self._waker = Waker(wake_engine, pause_s=pause_s)

    def run(self, stop: StopSignal) -> None:
        """Watch until ``stop``, or until the source ends; every copy taken is stored by then.

        Raises:
            NoClipboardError: If there is nothing to watch, or it went away.
        """
        offers = self._source.watch(stop)
        self._tell(self._state)
        self._waker.start()
        logger.info("watching %s as process %d", self._source.name, self._state.pid)
        try:
            for offer in offers:
                self._take(offer)
        finally:
            self._waker.finish()
            self._state_path.unlink(missing_ok=True)
            logger.info("stopped watching")

    def _take(self, offer: Offer) -> None:
        try:
            outcome = self._ingest.take(offer)
        except JournalError as error:
            self._refused(str(error))
            return
        except Exception as error:  # noqa: BLE001 - one strange copy must not end the watching
            # Its class only: what it says may quote the copy.
            logger.error("a copy could not be read: %s", type(error).__name__)  # noqa: TRY400
            self._skipped("it could not be read")
            return
        if self._state.problem:
            logger.warning("copies are kept again")
            self._tell(dataclasses.replace(self._state, problem=""))
        if outcome.verdict is Verdict.SKIPPED:
            self._skipped(outcome.reason)
        else:
            self._waker.after_copy()

    def _refused(self, problem: str) -> None:
        """Say once that copies are not kept, and go on watching."""
        if not self._state.problem:
            logger.error("copies are NOT kept: %s", problem)
        self._skipped("the journal could not be written", problem=problem)

    def _skipped(self, reason: str, *, problem: str = "") -> None:
        counts = {**self._state.skipped, reason: self._state.skipped.get(reason, 0) + 1}
        self._tell(dataclasses.replace(self._state, skipped=counts, problem=problem))

    def _tell(self, state: AgentState) -> None:
        self._state = state
        told = {**dataclasses.asdict(state), "since": state.since.isoformat()}
        fresh = self._state_path.with_suffix(".new")
        try:
            fd = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(fd, "w") as file:
                json.dump(told, file)
            fresh.replace(self._state_path)
        except OSError as error:  # a full disk: the state is a courtesy, the watching is not
            logger.debug("the state could not be told: %s", error.strerror)


def read_state(data_dir: Path) -> AgentState | None:
    """What the running agent of this data folder said last; None when it said nothing."""
    try:
        told = json.loads((data_dir / STATE_NAME).read_text())
        return AgentState(**{**told, "since": datetime.fromisoformat(told["since"])})
    except (OSError, ValueError, TypeError, KeyError):
        return None


class Waker:
    """Starts the engine a moment after the last of several copies, in a thread of its own."""

    def __init__(self, wake_engine: Callable[[], None], *, pause_s: float) -> None:
        """Name what to call, and how many seconds after the last copy."""
        self._wake_engine = wake_engine
        self._pause_s = pause_s
        self._copied = threading.Event()
        self._finished = threading.Event()
        self._thread = threading.Thread(target=self._run, name="waker", daemon=True)

    def start(self) -> None:
        """Begin to wait for copies."""
        self._thread.start()

    def after_copy(self) -> None:
        """Note a copy; returns at once."""
        self._copied.set()

    def finish(self) -> None:
        """Stop waiting; the next start finds what is pending in the journal."""
        self._finished.set()
        self._copied.set()

    def _run(self) -> None:
        while self._copied.wait() and not self._finished.is_set():
            self._copied.clear()
            if self._finished.wait(self._pause_s):
                return
            if self._copied.is_set():
                continue
            try:
                self._wake_engine()
            except OSError as error:
                logger.warning("the engine could not be started: %s", error.strerror)
