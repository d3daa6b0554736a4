"""The engine: holds models and connections, takes clips on, answers, leaves when idle."""

from __future__ import annotations

import dataclasses
import logging
import os
import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from weavclip.domain.clip import Stage
from weavclip.domain.errors import (
    IndexUnavailableError,
    ModelError,
    SchemaMismatchError,
    WeavclipError,
)
from weavclip.pipeline.filling import Filler, Step
from weavclip.pipeline.rpc import Door
from weavclip.pipeline.setback import Setback
from weavclip.pipeline.status import ACTIVE_MODEL, READING, EngineState

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from weavclip.domain.ports import Index, Searcher, StopSignal
    from weavclip.domain.query import Answer, Query
    from weavclip.domain.stores import Journal
    from weavclip.pipeline.embedding import Models
    from weavclip.pipeline.keeper import IndexKeeper
    from weavclip.pipeline.seeing import PictureReading
    from weavclip.pipeline.sorting import Sorter

logger = logging.getLogger(__name__)

CONNECTED_WITHIN_S = 5.0
BACKGROUND_NICENESS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Everything that works for one set of models.

    Attributes:
        models: CLIP, and a text model where one is in use.
        keeper: Their index.
        filler: Takes clips on.
        searcher: Answers questions with them, out of the given index.
        sorter: Labels clips; None leaves them without.
    """

    models: Models
    keeper: IndexKeeper
    filler: Filler
    searcher: Callable[[Index], Searcher]
    sorter: Sorter | None = None

    @property
    def id(self) -> str:
        """The set's id."""
        return self.models.ids.id


class Engine:
    """One line answers; that of newly chosen models is filled beside it, then takes over."""

    def __init__(
        self,
        journal: Journal,
        *,
        answering: Line,
        successor: Line | None = None,
        reading: PictureReading | None = None,
        runtime_dir: Path,
        idle_s: float,
    ) -> None:
        """Be handed the parts.

        Args:
            journal: The truth.
            answering: Answers questions.
            successor: Is filled, and answers once it is complete; None when nothing changes.
            reading: Reads words in pictures; None leaves them unread.
            runtime_dir: Folder of the socket.
            idle_s: Leave after so many seconds without work or question.
        """
        self._journal = journal
        self._answering = answering
        self._successor = successor
        self._reading = reading
        self._idle_s = idle_s
        self._leaving = threading.Event()
        self._wake = threading.Event()
        self._since = datetime.now(UTC)
        self._last_use = time.monotonic()
        self._doing, self._rate_per_s = "", 0.0
        self._setback = Setback()
        self._door = Door(
            runtime_dir,
            {
                "search": self.search,
                "state": lambda _: self.state(),
                "wake": lambda _: self._nudge(),
                "drain": lambda _: self._drain(),
                "stop": lambda _: self.leave(),
                "rebuild": lambda _: self._rewrite(self._answering.keeper.rebuild),
                "refill": lambda _: self._rewrite(self._answering.keeper.refill),
            },
        )

    def run(self, stop: StopSignal) -> None:
        """Work and answer until idle, or until ``stop``."""
        self._door.open()
        logger.info("engine %d answers with %s", os.getpid(), self._answering.id)
        watcher = threading.Thread(target=self._leave_with, args=(stop,), daemon=True)
        watcher.start()
        for line in filter(None, (self._answering, self._successor)):
            self._start_keeper(line)
        _lower_priority()
        self._journal.collect()
        try:
            while not self._leaving.is_set():
                self._round()
        finally:
            self._door.close()
            self._stop_reading()
            for line in filter(None, (self._answering, self._successor)):
                line.keeper.close()
                line.models.close()
            logger.info("engine %d leaves", os.getpid())

    def leave(self) -> None:
        """End after the step that is under way, of which a picture's reading is cut short."""
        self._leaving.set()
        self._stop_reading()
        self._nudge()

    def search(self, query: Query) -> Answer:
        """Answer with the index that is there; should it fail meanwhile, with the journal."""
        self._last_use = time.monotonic()
        line = self._answering
        try:
            answer = line.searcher(line.keeper.answering()).run(query)
        except IndexUnavailableError as error:
            line.keeper.lost(error)
            answer = line.searcher(line.keeper.exact).run(query)
        self._last_use = time.monotonic()
        note = line.keeper.note()
        return dataclasses.replace(answer, notes=(*answer.notes, note)) if note else answer

    def state(self) -> EngineState:
        """What this engine does now."""
        keeper = self._answering.keeper
        return EngineState(
            pid=os.getpid(),
            since=self._since,
            provider=self._answering.models.clip.provider,
            index=keeper.answering().name,
            index_problem=keeper.problem,
            doing=self._doing,
            rate_per_s=self._rate_per_s,
            problem=self._setback.problem,
        )

    def _round(self) -> None:
        self._wake.clear()
        try:
            worked = self._work()
        except (WeavclipError, OSError, MemoryError) as error:
            self._doing, self._rate_per_s = "", 0.0
            self._pause_after(error)
            return
        self._setback.end()
        if worked:
            self._last_use = time.monotonic()
            return
        self._doing, self._rate_per_s = "", 0.0
        self._rest()

    def _pause_after(self, error: Exception) -> None:
        """A full disk or a broken model must not end the engine at once: it still answers.

        What a broken model left is taken on when somebody copies the next time; a full disk is
        waited out.
        """
        pause_s = self._setback.begin(error)
        if self._setback.mends_itself or time.monotonic() - self._last_use < self._idle_s:
            self._wake.wait(pause_s)
        else:
            self.leave()

    def _rest(self) -> None:
        left_s = self._idle_s - (time.monotonic() - self._last_use)
        if left_s > 0:
            self._wake.wait(left_s)
        elif self._is_behind():
            self._answering.models.close()
            self._wake.wait(max(self._idle_s, 1.0))
        else:
            self.leave()

    def _is_behind(self) -> bool:
        """Clips wait for an index that is away: stay, so that they go in when it is back."""
        counts = self._journal.stage_counts(self._answering.id)
        return bool(self._answering.keeper.problem and counts.get(Stage.EMBEDDED))

    def _work(self) -> bool:
        worked = False
        for each in self._embedding():
            worked |= self._step("embedding", lambda each=each: each.filler.embed(self._leaving))  # type: ignore[misc]
        worked |= self._step("labelling", lambda: _label(self._answering))
        for each in filter(None, (self._answering, self._successor)):
            worked |= self._step("indexing", lambda each=each: _index(each))  # type: ignore[misc]
        if not worked:
            worked = self._succeed()
        if not worked and self._reading:
            worked = self._step(READING, self._reading.step)
        return worked

    def _embedding(self) -> list[Line]:
        """The lines whose clips are embedded: of two, the one that comes.

        The one that answers, too, where they share CLIP: what one of them made of a new clip the
        other takes as it is.
        """
        successor = self._successor
        if successor is None:
            return [self._answering]
        shared = successor.models.ids.clip == self._answering.models.ids.clip
        return [self._answering, successor] if shared else [successor]

    def _step(self, doing: str, step: Callable[[], Step]) -> bool:
        started = time.monotonic()
        result = step()
        if result:
            self._doing = doing
            self._rate_per_s = result.done / max(time.monotonic() - started, 1e-6)
        return bool(result)

    def _succeed(self) -> bool:
        """Let the successor answer once nothing is left to embed or to index for it."""
        successor = self._successor
        if successor is None or successor.keeper.is_behind():
            return False
        self._journal.set_meta(ACTIVE_MODEL, successor.id)
        before, self._answering, self._successor = self._answering, successor, None
        logger.info("%s answers now instead of %s", successor.id, before.id)
        before.keeper.close()
        before.models.close()
        return True

    def _stop_reading(self) -> None:
        if self._reading:
            self._reading.close()

    def _rewrite(self, again: Callable[[], None]) -> None:
        again()
        self._nudge()

    def _drain(self) -> None:
        """Have the index delete now what was forgotten."""
        self._answering.keeper.filling_soon(within_s=CONNECTED_WITHIN_S)
        self._answering.filler.delete_forgotten()

    def _nudge(self) -> None:
        for line in filter(None, (self._answering, self._successor)):
            line.keeper.nudge()
        self._wake.set()

    def _start_keeper(self, line: Line) -> None:
        threading.Thread(
            target=line.keeper.keep,
            args=(self._leaving,),
            kwargs={"on_change": self._wake.set},
            name="keeper",
            daemon=True,
        ).start()

    def _leave_with(self, stop: StopSignal) -> None:
        stop.wait()
        self.leave()


def _index(line: Line) -> Step:
    try:
        return line.filler.index()
    except (IndexUnavailableError, SchemaMismatchError) as error:
        line.keeper.lost(error)
        return Step()


def _label(line: Line) -> Step:
    try:
        return line.sorter.step() if line.sorter else Step()
    except ModelError as error:  # clips are found without labels all the same
        logger.warning("clips get no labels: %s", error)
        return Step()


def _lower_priority() -> None:
    """Give way to the person's own programs: this thread only, not those that answer."""
    if hasattr(os, "setpriority"):  # Linux: a thread id is taken where a process id is
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), BACKGROUND_NICENESS)
