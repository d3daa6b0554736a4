"""What runs for a while: the agent, the engine, a search."""

from __future__ import annotations

import logging
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from weavclip.domain.errors import EngineError, NoModelError
from weavclip.pipeline import logs
from weavclip.pipeline.alone import alone
from weavclip.pipeline.starting import ENGINE_LOCK, RemoteSearcher
from weavclip.pipeline.status import ACTIVE_MODEL
from weavclip.wiring.answering import answering_models
from weavclip.wiring.indexes import index_for_once, make_line, make_searcher
from weavclip.wiring.parts import (
    decoder,
    engine,
    keep,
    make_seen_inspector,
    models,
    open_journal,
    word_reader,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from weavclip.domain.models import ModelSet
    from weavclip.domain.ports import (
        Embedder,
        PictureDecoder,
        Searcher,
        SentenceEmbedder,
        StopSignal,
    )
    from weavclip.domain.query import Answer, Query
    from weavclip.domain.reading import SeenJournal
    from weavclip.embed.models import ModelStore
    from weavclip.journal.store import SqliteJournal
    from weavclip.pipeline.embedding import Models
    from weavclip.pipeline.work import Work
    from weavclip.settings import Settings

logger = logging.getLogger(__name__)


def run_engine(data_dir: Path, read: Callable[[], Settings], stop: StopSignal) -> bool:
    """Hold models and connections until idle or ``stop``; whether no other engine did already.

    Args:
        data_dir: Of all data.
        read: The settings, read anew: who sets one ends the engine, and one that does not hold
            its lock yet cannot be told.
        stop: Ends it.
    """
    with ExitStack() as stack:
        try:
            stack.enter_context(alone(data_dir / ENGINE_LOCK, what="an engine"))
        except EngineError:
            return False
        settings = read()
        logs.log_to_file(settings.data_dir, "engine", level=settings.log_level)
        _run_engine(settings, stop)
        return True


def _run_engine(settings: Settings, stop: StopSignal) -> None:
    from weavclip.pipeline.engine import Engine
    from weavclip.pipeline.upkeep import kept_up

    with open_journal(settings) as journal, closing(decoder(settings)) as pictures:
        works = [*_lines(settings, journal, pictures), *_reading(settings, journal, pictures)]
        if not works:
            message = "there is no work for an engine: no model is in use"
            raise NoModelError(message, hint="weavclip model add ViT-B-16")
        engine = Engine(
            journal, works, runtime_dir=settings.runtime_dir, idle_s=settings.engine_idle_s
        )
        with kept_up(journal, keep=lambda: keep(settings), is_last=False):
            engine.run(stop)


def _lines(settings: Settings, journal: SqliteJournal, pictures: PictureDecoder) -> Iterator[Work]:
    """What models do, where one is in use."""
    from weavclip.pipeline.comparing import Comparing
    from weavclip.pipeline.lines import Lines

    wanted = settings.models
    if not wanted.clip:
        return
    lost = journal.let_go_of_lost_vectors()
    if lost:
        logger.warning("the vectors of %d clips were lost: they are made anew", lost)
    active = answering_models(settings, journal)
    opened = _Opened(models(settings))
    answering = make_line(settings, journal, pictures, opened.models(active))
    successor = None
    if active == wanted:
        # Not at each start: it could not be written on a full disk, and nothing is new.
        if journal.meta(ACTIVE_MODEL) != active.id:
            journal.set_meta(ACTIVE_MODEL, active.id)
    else:
        successor = make_line(settings, journal, pictures, opened.models(wanted))
    comparing = Comparing(journal, pictures)
    yield Lines(journal, answering=answering, successor=successor, comparing=comparing)


def _reading(settings: Settings, journal: SeenJournal, pictures: PictureDecoder) -> Iterator[Work]:
    """The reading of words in pictures, where it is wanted."""
    from weavclip.pipeline.seeing import PictureReading

    reader = word_reader(settings)
    if reader is not None:
        harmless = make_seen_inspector(settings).harmless
        yield PictureReading(journal, pictures, reader, harmless=harmless)


class _Opened:
    """Opens each model once: lines that share one share its memory."""

    def __init__(self, store: ModelStore) -> None:
        self._store = store
        self._clips: dict[str, Embedder] = {}
        self._texts: dict[str, SentenceEmbedder] = {}

    def models(self, ids: ModelSet) -> Models:
        """The models of a set."""
        from weavclip.pipeline.embedding import Models

        if ids.clip not in self._clips:
            self._clips[ids.clip] = self._store.open(ids.clip)
        if ids.text and ids.text not in self._texts:
            self._texts[ids.text] = self._store.open_text(ids.text)
        return Models(self._clips[ids.clip], self._texts.get(ids.text))


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
def open_search(
    settings: Settings, *, use_engine: bool = True, hidden: bool = False
) -> Iterator[Searcher]:
    """What answers questions: the engine, started if need be, or this process.

    Args:
        settings: The settings.
        use_engine: False answers in this process. Without a model there is nothing to hold in
            memory, and this process answers too.
        hidden: Hidden clips may answer: they are in the journal alone.
    """
    if use_engine and settings.model:
        yield RemoteSearcher(engine(settings))
        return
    with ExitStack() as stack:
        journal = stack.enter_context(open_journal(settings))
        pictures = stack.enter_context(closing(decoder(settings)))
        in_use = None
        if settings.model:
            in_use = stack.enter_context(
                closing(_Opened(models(settings)).models(settings.models))
            )
        index, note = index_for_once(settings, journal, in_use, hidden=hidden)
        stack.enter_context(closing(index))
        yield Noting(make_searcher(journal, in_use, pictures, index), note)
