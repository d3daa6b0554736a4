"""The agent: watches the clipboard, keeps each copy, and starts the engine when there is work.

It imports the standard library and the light rooms only; nothing here waits for a model.
"""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING, Protocol

from weavclip.domain.errors import JournalError, JournalVersionError
from weavclip.pipeline.ingest import Verdict
from weavclip.pipeline.setback import what_failed

if TYPE_CHECKING:
    from collections.abc import Callable

    from weavclip.domain.clip import Offer
    from weavclip.domain.ports import ClipboardSource, Gate, StopSignal
    from weavclip.pipeline.health import Health
    from weavclip.pipeline.heart import Heart
    from weavclip.pipeline.ingest import Outcome

logger = logging.getLogger(__name__)


class Taker(Protocol):
    """Keeps copies; ``Ingest`` is one."""

    def take(self, offer: Offer) -> Outcome:
        """Keep one copy, durably, or say why not.

        Raises:
            JournalError: If it should be kept and cannot be written.
        """
        ...


class Agent:
    """Takes what a source offers, one copy after the other."""

    def __init__(
        self,
        source: ClipboardSource,
        taker: Taker,
        *,
        pauses: Gate,
        health: Health,
        heart: Heart,
        wake_engine: Callable[[], None],
        pause_s: float,
    ) -> None:
        """Be handed the parts.

        Args:
            source: Where copies come from.
            taker: Keeps them.
            pauses: Closed while the person wants nothing to be kept; goes before everything.
            health: Is told what goes wrong.
            heart: Is told when a copy is being taken.
            wake_engine: Starts the engine or nudges it.
            pause_s: Seconds after the last copy until then.
        """
        self._source = source
        self._taker = taker
        self._pauses = pauses
        self._health = health
        self._heart = heart
        self._waker = Waker(wake_engine, pause_s=pause_s)

    def run(self, stop: StopSignal) -> None:
        """Watch until ``stop``, or until the source ends; every copy taken is stored by then.

        Raises:
            NoClipboardError: If there is nothing to watch, or it went away for good.
            JournalVersionError: If a newer weavclip took the journal over.
        """
        offers = self._source.watch(stop)
        self._health.begin(self._source.name)
        self._waker.start()
        self._heart.start()
        try:
            for offer in offers:
                with self._heart.busy():
                    self._take(offer)
                del offer  # it may hold 60 MB, and the next one may be hours away
        finally:
            self._heart.stop()
            self._waker.finish()
            self._health.end()

    def _take(self, offer: Offer) -> None:
        refusal = self._pauses.refusal(offer)
        if refusal:
            # No line in the log: when something was copied is nobody's business then.
            self._health.skipped(refusal)
            return
        try:
            outcome = self._taker.take(offer)
        except JournalVersionError:
            raise  # the newer weavclip's agent is to watch; what is on the clipboard it takes
        except JournalError as error:
            self._health.refused(str(error), error.hint)
            self._health.skipped("the journal could not be written")
        except Exception as error:  # noqa: BLE001 - one strange copy must not end the watching
            # Its class only: what it says may quote the copy.
            logger.error("a copy could not be read: %s", type(error).__name__)  # noqa: TRY400
            self._health.skipped("it could not be read")
        else:
            self._took(outcome)

    def _took(self, outcome: Outcome) -> None:
        if outcome.verdict is Verdict.SKIPPED:
            self._health.skipped(outcome.reason)
            return
        if outcome.verdict is not Verdict.KNOWN:
            self._health.kept()
        self._waker.after_copy()


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
            except Exception as error:  # noqa: BLE001 - the next copy starts it, whatever it was
                logger.warning("the engine could not be started: %s", what_failed(error))
