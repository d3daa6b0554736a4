"""Which index answers and which is being filled: Weaviate when it is there, else the journal."""

from __future__ import annotations

import logging
import threading
import time
from typing import TYPE_CHECKING

from weavclip.domain.clip import Stage
from weavclip.domain.errors import IndexUnavailableError, SchemaMismatchError, WeavclipError

if TYPE_CHECKING:
    from collections.abc import Callable

    from weavclip.domain.ports import Index, Journal, StopSignal

logger = logging.getLogger(__name__)

FIRST_PAUSE_S = 1.0
LONGEST_PAUSE_S = 60.0
FILLED_BY = "filled_index:{}"


class IndexKeeper:
    """Connects one model's index, again and again while it is away, and says which one answers.

    Clips at stage INDEXED are in the index that the journal's note names; another one, or one
    that holds fewer clips than the journal says, is filled anew from the journal.
    """

    def __init__(
        self,
        journal: Journal,
        model_id: str,
        *,
        exact: Index,
        connect: Callable[[], Index] | None,
    ) -> None:
        """Be handed the parts.

        Args:
            journal: The truth.
            model_id: Whose index it is.
            exact: Answers while the other is away, and where none is wanted.
            connect: Opens the wanted index; None when the journal alone is wanted.
        """
        self._journal = journal
        self._model_id = model_id
        self._connect = connect
        self.exact = exact
        self._connected: Index | None = None
        self._lock = threading.Lock()
        self._complete = False
        self.problem = "" if connect is None else "it is being connected"

    def keep(self, stop: StopSignal, *, on_change: Callable[[], None]) -> None:
        """Connect, and connect again after a loss, with growing pauses, until ``stop``."""
        pause_s = FIRST_PAUSE_S
        while self._connect is not None and not stop.is_set():
            if self._connected is None and self._try(self._connect):
                pause_s = FIRST_PAUSE_S
                on_change()
            stop.wait(pause_s)
            pause_s = (
                min(LONGEST_PAUSE_S, pause_s * 2) if self._connected is None else FIRST_PAUSE_S
            )

    def answering(self) -> Index:
        """The index that answers now: the wanted one once it was complete, else the exact one."""
        connected = self._connected
        return connected if connected is not None and self._complete else self.exact

    def filling(self) -> Index | None:
        """The index that new clips go into; None while the wanted one is away."""
        return self.exact if self._connect is None else self._connected

    def note(self) -> str:
        """Why the exact index answers although another is wanted; empty when it does not."""
        if self._connect is None or self.answering() is not self.exact:
            return ""
        reason = self.problem or "it is being filled"
        return f"searched the journal exactly, not Weaviate: {reason}"

    def lost(self, error: WeavclipError) -> None:
        """The connected index failed: answer exactly until it is back."""
        with self._lock:
            connected, self._connected, self._complete = self._connected, None, False
            self.problem = str(error)
        if connected is not None:
            logger.warning("the index is away: %s", error)
            connected.close()

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
        return bool(waiting) or (self._connect is not None and not self._complete)

    def refill(self) -> None:
        """Fill a fresh store from the journal; the old one is dropped once it is complete."""
        connected = self._connected
        if connected is not None:
            connected.begin_anew()
        self._complete = False
        self._journal.reset(self._model_id, to=Stage.EMBEDDED)

    def close(self) -> None:
        """Give the connection back."""
        if self._connected is not None:
            self._connected.close()
        self.exact.close()

    def _try(self, connect: Callable[[], Index]) -> bool:
        started = time.monotonic()
        try:
            index = connect()
            self._settle(index)
        except (IndexUnavailableError, SchemaMismatchError) as error:
            if str(error) != self.problem:
                logger.warning("no index: %s", error)
            self.problem = str(error)
            return False
        logger.info("connected %s in %.1f s", index.name, time.monotonic() - started)
        with self._lock:
            self._connected, self.problem = index, ""
        return True

    def _settle(self, index: Index) -> None:
        """Send clips back to EMBEDDED that this index does not hold."""
        note = FILLED_BY.format(self._model_id)
        indexed = self._journal.stage_counts(self._model_id).get(Stage.INDEXED, 0)
        if self._journal.meta(note) != index.home or index.count() < indexed:
            count = self._journal.reset(self._model_id, to=Stage.EMBEDDED)
            logger.info("%d clips go into %s anew", count, index.name)
            self._journal.set_meta(note, index.home)
