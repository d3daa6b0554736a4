"""What stopped an engine's work: said once, and tried again later and later."""

from __future__ import annotations

import logging
from pathlib import Path

from weavclip.domain.errors import JournalError, JournalVersionError, WeavclipError

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
        lasts = self._is_gone or self.is_final
        return self._is(JournalError, OSError) and not lasts

    @property
    def is_final(self) -> bool:
        """Whether this process can do nothing more: a newer weavclip has the journal."""
        return self._is(JournalVersionError)

    def _is(self, *kinds: type[Exception]) -> bool:
        return self._kind is not None and issubclass(self._kind, kinds)

    def begin(self, error: Exception) -> float:
        """It stops the work, or still does; in how many seconds to try again."""
        said = what_failed(error)
        if type(error) is not self._kind:  # its words may hold numbers that change
            logger.error("the work stopped: %s", said)
        self._kind, self.problem = type(error), said
        self._is_gone = isinstance(error.__cause__ or error, FileNotFoundError)
        pause_s, self._pause_s = self._pause_s, min(LONGEST_PAUSE_S, self._pause_s * 2)
        return pause_s

    def end(self) -> None:
        """The work goes on."""
        if self._kind is not None:
            logger.warning("the work goes on")
        self.problem, self._kind, self._pause_s = "", None, FIRST_PAUSE_S


def what_failed(error: Exception) -> str:
    """What happened. Only errors that are expected are quoted: others may quote a clip."""
    name = type(error).__name__
    if isinstance(error, WeavclipError | OSError | MemoryError):
        return str(error) or name
    frame = error.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    if frame is None:
        return name
    return f"{name} at {Path(frame.tb_frame.f_code.co_filename).name}:{frame.tb_lineno}"
