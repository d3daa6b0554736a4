"""What runs for a while: the agent, the engine, a search."""

from __future__ import annotations

import logging
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from weavclip.domain.errors import EngineError, NoModelError
from weavclip.pipeline import logs
from weavclip.pipeline.alone import alone
from weavclip.pipeline.starting import RemoteSearcher
from weavclip.pipeline.status import ACTIVE_MODEL
from weavclip.wiring.indexes import index_for_once, make_line, make_searcher
from weavclip.wiring.parts import (
    decoder,
    engine,
    keep,
    models,
    open_journal,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from weavclip.domain.ports import Searcher, StopSignal
    from weavclip.domain.query import Answer, Query
    from weavclip.domain.stores import Journal
    from weavclip.embed.models import ModelStore
    from weavclip.settings import Settings

ENGINE_LOCK = "engine.lock"

logger = logging.getLogger(__name__)


def run_engine(settings: Settings, stop: StopSignal) -> None:
    """Hold models and connections until idle or ``stop``; at once when another engine does."""
    with ExitStack() as stack:
        try:
            stack.enter_context(alone(settings.data_dir / ENGINE_LOCK, what="an engine"))
        except EngineError:
            return
        logs.log_to_file(settings.data_dir, "engine", level=settings.log_level)
        _run_engine(settings, stop)


def _run_engine(settings: Settings, stop: StopSignal) -> None:
    from weavclip.pipeline.engine import Engine
    from weavclip.pipeline.upkeep import kept_up

    with open_journal(settings) as journal, closing(decoder(settings)) as pictures:
        store = models(settings)
        active = _active_model(journal, store, wanted=settings.model)
        answering = make_line(settings, journal, pictures, store.open(active))
        successor = None
        if active == settings.model:
            journal.set_meta(ACTIVE_MODEL, active)
        else:
            successor = make_line(settings, journal, pictures, store.open(settings.model))
        engine = Engine(
            journal,
            answering=answering,
            successor=successor,
            runtime_dir=settings.runtime_dir,
            idle_s=settings.engine_idle_s,
        )
        with kept_up(journal, keep=lambda: keep(settings), is_last=False):
            engine.run(stop)


def _active_model(journal: Journal, store: ModelStore, *, wanted: str) -> str:
    """The model that answered last, while it is still there; else the wanted one."""
    active = journal.meta(ACTIVE_MODEL) or wanted
    try:
        store.card(active)
    except NoModelError:
        return wanted
    return active


@dataclass(frozen=True, slots=True)
class Noting:
    """Adds a sentence to what another searcher answers."""

    searcher: Searcher
    note: str

    def run(self, query: Query) -> Answer:
        """The other's answer, with the note."""
        answer = self.searcher.run(query)
        return replace(answer, notes=(*answer.notes, self.note)) if self.note else answer


@contextmanager
def open_search(settings: Settings, *, use_engine: bool = True) -> Iterator[Searcher]:
    """What answers questions: the engine, started if need be, or this process.

    Args:
        settings: The settings.
        use_engine: False answers in this process. Without a model there is nothing to hold in
            memory, and this process answers too.
    """
    if use_engine and settings.model:
        yield RemoteSearcher(engine(settings))
        return
    with ExitStack() as stack:
        journal = stack.enter_context(open_journal(settings))
        pictures = stack.enter_context(closing(decoder(settings)))
        embedder = None
        if settings.model:
            embedder = stack.enter_context(closing(models(settings).open(settings.model)))
        index, note = index_for_once(settings, journal, embedder)
        stack.enter_context(closing(index))
        yield Noting(make_searcher(journal, embedder, pictures, index), note)
