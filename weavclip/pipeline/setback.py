"""What stopped an engine's work: said once, and tried again later and later."""

from __future__ import annotations

import logging

from weavclip.domain.errors import JournalError

logger = logging.getLogger(__name__)

FIRST_PAUSE_S, LONGEST_PAUSE_S = 5.0, 60.0


class Setback:
    """One that lasts, or none.

    Attributes:
        problem: What it is, without content; empty for none.
    """

    def __init__(self) -> None:
        """There is none yet."""
        self.problem = ""
        self._kind: type[Exception] | None = None
        self._is_gone = False
        self._pause_s = FIRST_PAUSE_S

    @property
    def mends_itself(self) -> bool:
        """Whether it is worth waiting for: room on a disk comes back.

        A broken model does not, nor a data folder that was removed under the engine.
        """
        return bool(self._kind and issubclass(self._kind, JournalError | OSError)) and (
            not self._is_gone
        )

    def begin(self, error: Exception) -> float:
        """It stops the work, or still does; in how many seconds to try again."""
        if type(error) is not self._kind:  # its words may hold numbers that change
            logger.error("the work stopped: %s", error)
        self._kind, self.problem = type(error), str(error) or type(error).__name__
        self._is_gone = isinstance(error.__cause__ or error, FileNotFoundError)
        pause_s, self._pause_s = self._pause_s, min(LONGEST_PAUSE_S, self._pause_s * 2)
        return pause_s

    def end(self) -> None:
        """The work goes on."""
        if self._kind is not None:
            logger.warning("the work goes on")
        self.problem, self._kind, self._pause_s = "", None, FIRST_PAUSE_S
