"""Which index answers and which is being filled: Weaviate when it is there, else the journal."""

from __future__ import annotations

import logging
import threading
import time
from typing import TYPE_CHECKING

from weavclip.domain.clip import Stage
from weavclip.domain.errors import WeavclipError
from weavclip.domain.query import Filter
from weavclip.pipeline.setback import what_failed

if TYPE_CHECKING:
    from collections.abc import Callable

    from weavclip.domain.index import Index
    from weavclip.domain.ports import StopSignal
    from weavclip.domain.stores import Journal

logger = logging.getLogger(__name__)

FIRST_PAUSE_S = 1.0
LONGEST_PAUSE_S = 60.0
STEADY_S = 30.0
"""A connection that lasted so long was a success: the next pause is short again."""
FILLED_BY = "filled_index:{}"
NOTHING = "nothing"
"""Noted instead of an index's home: whatever an index holds was forgotten, and it has to be
emptied as a whole before it is filled."""


class IndexKeeper:
    """Connects one model's index, again and again while it is away, and says which one answers.

    Clips at stage INDEXED are in the index that the journal's note names; another one, or one
    that holds fewer clips than the journal says, is filled anew from the journal.

    Attributes:
        busy: Held by who hands clips over, deletes them, or sends them back: a batch that is on
            its way would else come after what is done for all of them, or for a forgotten one.
        exact: Answers while the other is away, and where none is wanted.
        problem: Why that is away; empty when it is not.
    """

    def __init__(
        self,
        journal: Journal,
        model_id: str,
        *,
        exact: Index,
        is_wanted: Callable[[], bool],
        connect: Callable[[], Index],
    ) -> None:
        """Be handed the parts.

        Args:
            journal: The truth.
            model_id: Whose index it is.
            exact: Answers while the other is away, and where none is wanted.
            is_wanted: Whether another index is configured now.
            connect: Opens it.
        """
        self._journal = journal
        self._model_id = model_id
        self._is_wanted = is_wanted
        self._connect = connect
        self._connected: Index | None = None
        self._complete = False
        self._connected_at, self._was_brief, self._told = 0.0, False, ""
        self._lock = threading.Lock()
        self.busy = threading.Lock()
        self._nudged = threading.Event()
        self._tried = threading.Event()
        self.exact = exact
        self.problem = ""

    def keep(self, stop: StopSignal, *, on_change: Callable[[], None]) -> None:
        """Connect, and connect again after a loss, with growing pauses, until ``stop``.

        :meth:`nudge` ends a pause early, and is needed for ``stop`` to be seen at once.
        """
        pause_s = FIRST_PAUSE_S
        while not stop.is_set():
            if not self._wants():
                self._drop(problem="")
            elif self._connected is None:
                # One that is lost as soon as it is used, such as on a full disk, is none yet.
                is_steady = self._try() and not self._was_brief
                pause_s = FIRST_PAUSE_S if is_steady else min(LONGEST_PAUSE_S, pause_s * 2)
                self._tried.set()
                on_change()
            elif time.monotonic() - self._connected_at > STEADY_S:
                pause_s, self._was_brief, self._told = FIRST_PAUSE_S, False, ""
            if self._nudged.wait(pause_s):
                pause_s = FIRST_PAUSE_S
                self._nudged.clear()

    def nudge(self) -> None:
        """Look again now: a server may have come, or it is time to end."""
        self._nudged.set()

    def answering(self) -> Index:
        """The index that answers now: the wanted one once it was complete, else the exact one."""
        connected = self._connected
        return connected if connected is not None and self._complete else self.exact

    def filling(self) -> Index | None:
        """The index that new clips go into; None while the wanted one is away."""
        return self._connected or (None if self._wants() else self.exact)

    def filling_soon(self, *, within_s: float) -> Index | None:
        """:meth:`filling`, after the first try to connect or ``within_s`` seconds."""
        if self._wants():
            self._tried.wait(within_s)
        return self.filling()

    def note(self) -> str:
        """Why the exact index answers although another is wanted; empty when it does not."""
        if self.answering() is not self.exact or not self._wants():
            return ""
        being = "filled" if self._connected is not None else "connected"
        return f"searched the journal exactly: {self.problem or f'Weaviate is being {being}'}"

    def lost(self, error: WeavclipError) -> None:
        """The connected index failed: answer exactly until it is back."""
        if self._drop(problem=str(error)):
            self._was_brief = time.monotonic() - self._connected_at < STEADY_S
            if str(error) != self._told:
                logger.warning("the index is away: %s", error)
            self._told = str(error)

    def _drop(self, *, problem: str) -> bool:
        """Let go of the connected index; whether there was one."""
        with self._lock:
            connected, self._connected, self._complete = self._connected, None, False
            self.problem = problem
        if connected is not None:
            connected.close()
        return connected is not None

    def holds(self, index: Index) -> None:
        """Note that ``index`` takes clips: those that another one held, it does not have.

        A server that is stopped by choice and started again would else lack, without a word,
        what the journal's own index took meanwhile.
        """
        note = FILLED_BY.format(self._model_id)
        if self._journal.meta(note) != index.home:
            self._journal.set_meta(note, index.home)

    def completed(self) -> None:
        """Everything that is embedded is in the filling index now: let it answer."""
        connected = self._connected
        if connected is not None and not self._complete:
            connected.complete()
            self._complete = True

    def is_behind(self) -> bool:
        """Whether something is left to embed or to index before this index is complete."""
        counts = self._journal.stage_counts(self._model_id)
        waiting = counts.get(Stage.CAPTURED, 0) + counts.get(Stage.EMBEDDED, 0)
        return bool(waiting) or (self._wants() and not self._complete)

    def rebuild(self) -> None:
        """Write every clip again from the journal, over what is there."""
        with self.busy:
            self._journal.reset(self._model_id, to=Stage.EMBEDDED)

    def refill(self) -> None:
        """Fill a fresh store from the journal; the old one is dropped once it is complete."""
        with self.busy:
            connected = self._connected
            if connected is not None:
                connected.begin_anew()
                self.holds(connected)
            self._complete = False
            self._journal.reset(self._model_id, to=Stage.EMBEDDED)

    def close(self) -> None:
        """Give the connection back."""
        if self._connected is not None:
            self._connected.close()
        self.exact.close()

    def _wants(self) -> bool:
        try:
            return self._is_wanted()
        except (WeavclipError, OSError):  # where that cannot be read, connecting says why
            return True

    def _try(self) -> bool:
        started = time.monotonic()
        try:
            index = self._connect()
            complete = self._settled(index)
        except Exception as error:  # noqa: BLE001 - whatever it is, it may be mended: try again
            problem = what_failed(error)
            if problem != self.problem:
                logger.warning("no index: %s", problem)
            self.problem = problem
            return False
        took_s = time.monotonic() - started
        level = logging.DEBUG if self._was_brief else logging.INFO
        logger.log(level, "connected %s in %.1f s", index.name, took_s)
        self._connected_at = time.monotonic()
        with self._lock:
            self._connected, self._complete, self.problem = index, complete, ""
        return True

    def _settled(self, index: Index) -> bool:
        """:meth:`_settle`; the connection is given back where that fails."""
        try:
            with self.busy:
                return self._settle(index)
        except BaseException:
            index.close()
            raise

    def _settle(self, index: Index) -> bool:
        """Send clips back to EMBEDDED that this index does not hold; whether it holds all."""
        note = FILLED_BY.format(self._model_id)
        indexed = self._journal.stage_counts(self._model_id).get(Stage.INDEXED, 0)
        if self._journal.meta(note) == NOTHING:
            index.begin_anew()
        hidden = self._journal.count() - self._journal.count(Filter())
        if self._journal.meta(note) != index.home or index.count() < indexed - hidden:
            count = self._journal.reset(self._model_id, to=Stage.EMBEDDED)
            logger.info("%d clips go into %s anew", count, index.name)
            self.holds(index)
            return False
        return index.is_current
