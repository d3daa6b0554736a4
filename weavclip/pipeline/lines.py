"""The models' work: what each set of them has to do, and how one takes over from another."""

from __future__ import annotations

import dataclasses
import logging
import threading
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, cast

from weavclip.domain.clip import Stage
from weavclip.domain.errors import IndexUnavailableError, ModelError, SchemaMismatchError
from weavclip.pipeline.status import ACTIVE_MODEL
from weavclip.pipeline.work import Step, Work

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from weavclip.domain.index import Index
    from weavclip.domain.ports import Searcher, StopSignal
    from weavclip.domain.query import Answer, Query
    from weavclip.domain.stores import Journal
    from weavclip.pipeline.comparing import Comparing
    from weavclip.pipeline.embedding import Models
    from weavclip.pipeline.filling import Filler
    from weavclip.pipeline.hiding import Hider
    from weavclip.pipeline.keeper import IndexKeeper
    from weavclip.pipeline.sorting import Sorter
    from weavclip.pipeline.status import EngineState
    from weavclip.pipeline.work import Handler

logger = logging.getLogger(__name__)

CONNECTED_WITHIN_S = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Everything that works for one set of models.

    Attributes:
        models: CLIP, and a text model where one is in use.
        keeper: Their index.
        filler: Takes clips on.
        searcher: Answers questions with them, out of the given index.
        sorter: Labels clips; None leaves them without.
        hider: Hides pictures; None shows all.
    """

    models: Models
    keeper: IndexKeeper
    filler: Filler
    searcher: Callable[[Index], Searcher]
    sorter: Sorter | None = None
    hider: Hider | None = None

    @property
    def id(self) -> str:
        """The set's id."""
        return self.models.ids.id

    def answer(self, query: Query) -> Answer:
        """Answer with the index that is there; should it fail meanwhile, with the journal."""
        # What is hidden is in no other index.
        index = self.keeper.exact if query.where.hidden else self.keeper.answering()
        try:
            answer = self.searcher(index).run(query)
        except IndexUnavailableError as error:
            self.keeper.lost(error)
            answer = self.searcher(self.keeper.exact).run(query)
        note = self.keeper.note()
        return dataclasses.replace(answer, notes=(*answer.notes, note)) if note else answer

    def index(self) -> Step:
        """Hand clips to the index, if it is there."""
        try:
            with self.keeper.busy:
                return self.filler.index()
        except (IndexUnavailableError, SchemaMismatchError) as error:
            self.keeper.lost(error)
            return Step()

    def label(self) -> Step:
        """Label clips, if that can be done."""
        try:
            return self.sorter.step() if self.sorter else Step()
        except ModelError as error:  # clips are found without labels all the same
            logger.warning("clips get no labels: %s", error)
            return Step()

    def hide(self) -> Step:
        """Hide new pictures, where that is wanted and can be done."""
        try:
            return self.hider.step() if self.hider else Step()
        except ModelError as error:
            logger.warning("new pictures are not hidden: %s", error)
            return Step()

    def hides(self) -> bool:
        """Whether there is anything that new pictures are hidden by."""
        return self.hider is not None and self.hider.is_wanted()

    def close(self) -> None:
        """Give the connection and the models' memory back."""
        self.keeper.close()
        self.models.close()


class Lines(Work):
    """One line answers; that of newly chosen models is filled beside it, then takes over."""

    def __init__(
        self,
        journal: Journal,
        *,
        answering: Line,
        successor: Line | None = None,
        comparing: Comparing | None = None,
    ) -> None:
        """Be handed the parts.

        Args:
            journal: The truth.
            answering: Answers questions.
            successor: Is filled, and answers once it is complete; None when nothing changes.
            comparing: Finds which clips are nearly equal; None leaves them uncompared.
        """
        self._journal = journal
        self._comparing = comparing
        self._answering = answering
        self._successor = successor
        self._on_change: Callable[[], None] = self.nudge

    def begin(self, leaving: StopSignal, *, on_change: Callable[[], None]) -> None:
        """Connect the indexes."""
        logger.info("%s answers", self._answering.id)
        self._on_change = on_change
        for line in self._each():
            threading.Thread(
                target=line.keeper.keep,
                args=(leaving,),
                kwargs={"on_change": on_change},
                name="keeper",
                daemon=True,
            ).start()

    def steps(self, leaving: StopSignal) -> Iterator[tuple[str, Callable[[], Step]]]:
        """Embed, hide, label, compare, index; a successor that is done takes over."""
        if self._answering_embeds():
            yield "embedding", partial(self._answering.filler.embed, leaving)
        yield "hiding", self._answering.hide
        if self._successor:
            yield "embedding", partial(self._successor.filler.embed, leaving)
        yield "labelling", self._answering.label
        if self._comparing:
            yield "comparing", self._comparing.step
        for line in self._each():
            yield "indexing", line.index
        if self._successor:
            yield "taking over", self._succeed

    def requests(self) -> Mapping[str, Handler]:
        """Questions, and what is done to the index by hand."""
        return {
            "search": lambda query: self._answering.answer(cast("Query", query)),
            "drain": lambda _: self._drain(),
            "rebuild": lambda _: self._rewrite(self._answering.keeper.rebuild),
            "refill": lambda _: self._rewrite(self._answering.keeper.refill),
        }

    def told(self, state: EngineState) -> EngineState:
        """With what answers."""
        keeper = self._answering.keeper
        return dataclasses.replace(
            state,
            provider=self._answering.models.clip.provider,
            index=keeper.answering().name,
            index_problem=keeper.problem,
        )

    def nudge(self) -> None:
        """Look again for an index that is away."""
        for line in self._each():
            line.keeper.nudge()

    def rest(self) -> bool:
        """Wait, without models, where clips wait for an index that is away."""
        if self._comparing:
            self._comparing.close()
        counts = self._journal.stage_counts(self._answering.id)
        is_behind = bool(self._answering.keeper.problem and counts.get(Stage.EMBEDDED))
        if is_behind:
            self._answering.models.close()
        return is_behind

    def leave(self) -> None:
        """End the looking for an index."""
        self.nudge()

    def close(self) -> None:
        """Give the connections and the models' memory back."""
        for line in self._each():
            line.close()

    def _each(self) -> Iterator[Line]:
        return filter(None, (self._answering, self._successor))

    def _answering_embeds(self) -> bool:
        """Whether new clips are embedded for what answers although another takes over.

        Where the two share CLIP: what one of them made of a clip the other takes as it is. And
        where pictures are hidden by words: until the other one answers nobody else looks at them.
        """
        if self._successor is None:
            return True
        shared = self._successor.models.ids.clip == self._answering.models.ids.clip
        return shared or self._answering.hides()

    def _succeed(self) -> Step:
        """Let the successor answer once nothing is left to embed or to index for it."""
        successor = self._successor
        if successor is None or successor.keeper.is_behind():
            return Step()
        self._journal.set_meta(ACTIVE_MODEL, successor.id)
        before, self._answering, self._successor = self._answering, successor, None
        logger.info("%s answers now instead of %s", successor.id, before.id)
        before.close()
        return Step(1)

    def _rewrite(self, again: Callable[[], None]) -> None:
        again()
        self.nudge()
        self._on_change()

    def _drain(self) -> None:
        """Have the indexes delete now what was forgotten."""
        for line in self._each():
            line.keeper.filling_soon(within_s=CONNECTED_WITHIN_S)
            with line.keeper.busy:
                line.filler.delete_forgotten()
