"""What a journal has to have done for it now and then: clips that expire, limits, space.

A thread that sleeps until something is due. The agent has one, since it runs all the time and
without a model nobody else does; so has the engine, for those who have no agent.
"""

from __future__ import annotations

import logging
import threading
import time
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from weavclip.domain.errors import JournalError
from weavclip.pipeline.setback import what_failed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from weavclip.domain.retention import Keep, TidyJournal

logger = logging.getLogger(__name__)

DAY_S = 24 * 3600.0
LOOK_EVERY_S = 600.0
"""How often it looks whether a day is over, or the limits are others: a clock stands still while
a machine is suspended, a day does not."""
EXPIRING_EVERY_S = 20.0
"""And how often while a clip expires, for the same reason."""
CLIPS_AT_ONCE = 200
STEP_S = 0.005
"""Of one transaction; who copies meanwhile waits for its end."""
PAUSE_S = 0.03
"""Between two of them: another process looks whether it may write 1, 3, 8, 18, 33 ... ms after it
was refused (SQLite's own pauses), and finds a gap."""
END_WITHIN_S = 5.0


class Upkeep:
    """Looks after one open journal."""

    def __init__(
        self,
        journal: TidyJournal,
        *,
        keep: Callable[[], Keep],
        look_every_s: float = LOOK_EVERY_S,
    ) -> None:
        """Be handed the parts.

        Args:
            journal: Whose clips go.
            keep: The person's limits, as they are now.
            look_every_s: Longest time between two looks.
        """
        self._journal = journal
        self._keep = keep
        self._look_every_s = look_every_s
        self._wake = threading.Event()
        self._finished = threading.Event()
        self._kept: Keep | None = None
        self._done_at = 0.0

    def run(self) -> None:
        """Do what is due, then sleep until something is; until :meth:`finish`."""
        self._journal.when_expiring(self._wake.set)
        while not self._finished.is_set():
            self._wake.clear()
            wait_s = self._look()
            if not self._finished.is_set():
                self._wake.wait(wait_s)

    def finish(self) -> None:
        """End after the step that is under way; what is left is done the next time."""
        self._finished.set()
        self._wake.set()

    def _look(self) -> float:
        """Do what is due; in how many seconds to look again."""
        try:
            self._sweep()
            if self._is_due():
                self._tidy_up()
            expires_at = self._journal.next_expiry()
        except Exception as error:  # noqa: BLE001 - a full disk, or what nobody expected: try again
            logger.warning("nothing is tidied up: %s", what_failed(error))
            return EXPIRING_EVERY_S
        if expires_at is None:
            return self._look_every_s
        left_s = (expires_at - datetime.now(UTC)).total_seconds()
        return min(max(left_s, 0.0) + 0.05, EXPIRING_EVERY_S)

    def _sweep(self) -> None:
        gone = self._journal.sweep()
        if gone:
            logger.info("forgot %d clips whose time had come", gone)

    def _is_due(self) -> bool:
        keep = self._keep()
        is_due = keep != self._kept or time.time() - self._done_at >= DAY_S
        self._kept = keep
        return is_due

    def _tidy_up(self) -> None:
        if self._journal.scrub_if_due():
            logger.info("scrubbed what was forgotten before")
        if self._kept:
            self._journal.collect()  # what a crash left of the last time
            trim(self._journal, self._kept, stop=self._finished)
        if not self._finished.is_set():
            self._done_at = time.time()


def trim(
    journal: TidyJournal, keep: Keep, *, stop: threading.Event, pause_s: float = PAUSE_S
) -> int:
    """Remove all that is over the limits, in short steps, and give its space back.

    Returns:
        How many clips were removed, all of them unless ``stop`` came before.

    Raises:
        JournalError: If it cannot be written; what was removed stays removed.
    """
    surplus = journal.surplus(keep)
    removed = 0
    while surplus and not stop.is_set():
        step = journal.trim(surplus, limit=CLIPS_AT_ONCE, within_s=STEP_S)
        removed += step
        if not step:
            break
        stop.wait(pause_s)
    if removed:
        logger.info("removed %d clips, %s", removed, surplus.why)
        for _ in journal.tidying(within_s=STEP_S):
            if stop.wait(pause_s):
                break
    return removed


@contextmanager
def kept_up(journal: TidyJournal, *, keep: Callable[[], Keep], is_last: bool) -> Iterator[None]:
    """Look after a journal while the block runs.

    Args:
        journal: Whose clips go.
        keep: The person's limits, as they are now.
        is_last: Nobody looks after it when the block ends: expiring clips go then, not later
            than they were to.
    """
    upkeep = Upkeep(journal, keep=keep)
    thread = threading.Thread(target=upkeep.run, name="upkeep", daemon=True)
    thread.start()
    try:
        yield
    finally:
        upkeep.finish()
        thread.join(END_WITHIN_S)
        if is_last:
            _forget_expiring(journal)


def _forget_expiring(journal: TidyJournal) -> None:
    try:
        gone = journal.forget_expiring()
    except JournalError as error:
        logger.warning("expiring clips are forgotten at the next start: %s", error)
    else:
        if gone:
            logger.info("forgot %d expiring clips: nobody would do it in time", gone)
