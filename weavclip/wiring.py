"""The one place that names concrete classes: it makes the parts and hands them to one another.

Everything heavy is imported where it is made, so that the agent and the quick commands stay light.
"""

from __future__ import annotations

import os
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from weavclip.domain.errors import EngineError, NoModelError
from weavclip.pipeline import logs, reading
from weavclip.pipeline.alone import alone
from weavclip.pipeline.ingest import Ingest
from weavclip.pipeline.starting import EngineStarter, RemoteSearcher
from weavclip.privacy.gate import HintGate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path
    from uuid import UUID

    from weavclip.domain.clip import Offer
    from weavclip.domain.ports import (
        ClipboardSource,
        ClipboardWriter,
        Embedder,
        Index,
        PictureDecoder,
        Searcher,
        StopSignal,
    )
    from weavclip.domain.query import Space
    from weavclip.domain.vectors import Embedding, ModelCard
    from weavclip.embed.models import ModelStore
    from weavclip.index.server import ManagedServer
    from weavclip.journal.store import SqliteJournal
    from weavclip.pipeline.engine import Line
    from weavclip.settings import Settings

ENGINE_LOCK = "engine.lock"
MODELS_FOLDER = "models"


@contextmanager
def open_journal(settings: Settings) -> Iterator[SqliteJournal]:
    """The journal of the data folder."""
    from weavclip.journal.store import SqliteJournal

    with SqliteJournal.open(
        settings.data_dir, reserve_bytes=settings.reserve_bytes, device=settings.device
    ) as journal:
        yield journal


@contextmanager
def open_ingest(settings: Settings) -> Iterator[Ingest]:
    """What keeps copies and files."""
    with open_journal(settings) as journal:
        yield _ingest(settings, journal)


def run_agent(settings: Settings, stop: StopSignal) -> None:
    """Watch the clipboard until ``stop``.

    Raises:
        NoClipboardError: If there is none.
        EngineError: If an agent watches for this data folder already.
    """
    from weavclip.pipeline.agent import LOCK_NAME, Agent

    with alone(settings.data_dir / LOCK_NAME, what="an agent"), open_journal(settings) as journal:
        agent = Agent(
            clipboard_source(settings),
            _ingest(settings, journal),
            data_dir=settings.data_dir,
            wake_engine=lambda: wake_engine(settings),
            pause_s=settings.engine_pause_s,
        )
        agent.run(stop)


def run_engine(settings: Settings, stop: StopSignal) -> None:
    """Hold models and connections until idle or ``stop``; at once when another engine does."""
    try:
        with alone(settings.data_dir / ENGINE_LOCK, what="an engine"):
            logs.log_to_file(settings.data_dir, "engine", level=settings.log_level)
            _run_engine(settings, stop)
    except EngineError:
        return


def _run_engine(settings: Settings, stop: StopSignal) -> None:
    from weavclip.pipeline.engine import Engine
    from weavclip.pipeline.status import ACTIVE_MODEL

    with open_journal(settings) as journal, closing(_decoder(settings)) as decoder:
        store = models(settings)
        active = journal.meta(ACTIVE_MODEL) or settings.model
        if active != settings.model and not store.is_installed(active):
            active = settings.model
        answering = _line(settings, journal, decoder, store.open(active))
        successor = None
        if active == settings.model:
            journal.set_meta(ACTIVE_MODEL, active)
        else:
            successor = _line(settings, journal, decoder, store.open(settings.model))
        engine = Engine(
            journal,
            answering=answering,
            successor=successor,
            runtime_dir=settings.runtime_dir,
            idle_s=settings.engine_idle_s,
        )
        engine.run(stop)


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
        decoder = stack.enter_context(closing(_decoder(settings)))
        embedder = None
        if settings.model:
            embedder = stack.enter_context(closing(models(settings).open(settings.model)))
        index = _index_for_once(settings, journal, embedder)
        yield _searcher(journal, embedder, decoder, stack.enter_context(closing(index)))


def engine(settings: Settings) -> EngineStarter:
    """Starts the engine and asks it."""
    return EngineStarter(
        settings.runtime_dir,
        settings.data_dir,
        environ={"WEAVCLIP_DATA_DIR": str(settings.data_dir)},
    )


def wake_engine(settings: Settings) -> None:
    """Have the engine look for work; without a model there is none for it."""
    if settings.model:
        engine(settings).wake()


def models(settings: Settings) -> ModelStore:
    """The installed models."""
    from weavclip.embed.models import ModelStore

    return ModelStore(
        settings.data_dir / MODELS_FOLDER,
        roboflow_url=settings.roboflow_url,
        api_key=settings.roboflow_api_key,
        embedder=settings.embedder,
        provider=settings.provider,
        threads=settings.threads,
    )


def add_model(
    settings: Settings, model_id: str, progress: Callable[[int, int | None], None]
) -> ModelCard:
    """Fetch a model and find its means and probabilities from the calibration set."""
    return calibrate(settings, models(settings).add(model_id, progress=progress))


def import_model(
    settings: Settings, folder: Path, progress: Callable[[int, int | None], None]
) -> ModelCard:
    """Take a model out of a folder, and calibrate it likewise."""
    return calibrate(settings, models(settings).import_folder(folder, progress=progress))


def calibrate(settings: Settings, card: ModelCard) -> ModelCard:
    """Make a model's calibration and keep it in its card."""
    import dataclasses

    from weavclip.pipeline.calibration import calibrate_model

    store = models(settings)
    with closing(store.open(card.id)) as embedder, closing(_decoder(settings)) as decoder:
        calibration = calibrate_model(embedder, decoder)
    calibrated = dataclasses.replace(card, calibration=calibration)
    store.save_card(calibrated)
    return calibrated


def server(settings: Settings) -> ManagedServer:
    """The Weaviate that weavclip manages."""
    from weavclip.index.server import ManagedServer

    return ManagedServer(
        settings.data_dir,
        port=settings.server_port,
        grpc_port=settings.server_grpc_port,
        console_origin=settings.console_origin,
    )


def clipboard_source(settings: Settings) -> ClipboardSource:
    """Where copies come from in this session."""
    from weavclip.clipboard.choose import choose_source

    return choose_source(
        settings.source,
        environ=os.environ,
        unread_types=HintGate().unread_types,
        read_timeout_s=settings.read_timeout_s,
        max_text_bytes=settings.max_text_bytes,
        max_image_bytes=settings.max_image_bytes,
        primary_selection=settings.primary_selection,
        poll_interval_s=settings.poll_interval_s,
        replay=settings.replay,
    )


def clipboard_writer(settings: Settings) -> ClipboardWriter:
    """What puts a clip back on the clipboard in this session."""
    from weavclip.clipboard.choose import choose_writer

    return choose_writer(environ=os.environ, timeout_s=settings.read_timeout_s)


def clipboard_offer(settings: Settings) -> Offer | None:
    """What is on the clipboard now; None when it is empty or says that it may not be read."""
    from weavclip.clipboard.choose import read_once

    offer = read_once(clipboard_source(settings))
    if offer is None or HintGate().refusal(offer):
        return None
    return offer


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What ``forget`` removed.

    Attributes:
        clips: How many.
        bytes_freed: On this machine's disk.
        index_pending: How many Weaviate has still to delete, since it is away.
    """

    clips: int
    bytes_freed: int
    index_pending: int


def forget(settings: Settings, ids: Sequence[UUID], *, purge: bool = False) -> Forgotten:
    """Remove clips from every place; with ``purge`` from Weaviate's files at once, too."""
    from weavclip.pipeline.observe import folder_bytes

    before = folder_bytes(settings.data_dir)
    with open_journal(settings) as journal:
        count = journal.forget(ids)
        journal.scrub()
        if settings.model and weaviate_wanted(settings):
            _ask_quietly(settings, "refill" if purge else "drain")
        pending = len(journal.forgotten(settings.model, limit=10_000)) if settings.model else 0
    return Forgotten(count, max(0, before - folder_bytes(settings.data_dir)), pending)


def weaviate_wanted(settings: Settings) -> bool:
    """Whether a Weaviate is configured, or managed and meant to run."""
    if settings.index == "exact":
        return False
    return bool(settings.weaviate_url) or server(settings).is_wanted()


def _ask_quietly(settings: Settings, request: str) -> None:
    try:
        engine(settings).ask(request)
    except EngineError:
        return  # it is noted in the journal, and done when an engine runs again


def _ingest(settings: Settings, journal: SqliteJournal) -> Ingest:
    limits = reading.Limits(
        text_bytes=settings.max_text_bytes,
        image_bytes=settings.max_image_bytes,
        image_pixels=settings.max_image_pixels,
    )
    return Ingest(journal, HintGate(), limits=limits, device=settings.device)


def _decoder(settings: Settings) -> PictureDecoder:
    from weavclip.pictures.children import ChildDecoder

    return ChildDecoder(max_pixels=settings.max_image_pixels)


def _line(
    settings: Settings, journal: SqliteJournal, decoder: PictureDecoder, embedder: Embedder
) -> Line:
    from weavclip.pipeline.engine import Line
    from weavclip.pipeline.filling import Filler
    from weavclip.pipeline.keeper import IndexKeeper

    means = _means(embedder.card)
    keeper = IndexKeeper(
        journal,
        embedder.card.id,
        exact=_exact(journal, embedder.card),
        is_wanted=lambda: weaviate_wanted(settings),
        connect=lambda: _connect(settings, journal, embedder.card),
    )
    return Line(
        embedder=embedder,
        keeper=keeper,
        filler=Filler(journal, embedder, decoder, keeper, centre=_centring(means)),
        searcher=lambda index: _searcher(journal, embedder, decoder, index),
    )


def _means(card: ModelCard) -> Mapping[Space, Embedding]:
    return card.calibration.means if card.calibration else {}


def _centring(
    means: Mapping[Space, Embedding],
) -> Callable[[Mapping[Space, Embedding]], Mapping[Space, Embedding]]:
    from weavclip.search.centre import take_out

    def centre(raw: Mapping[Space, Embedding]) -> Mapping[Space, Embedding]:
        return {s: take_out(v, means[s]) if s in means else v for s, v in raw.items()}

    return centre


def _exact(journal: SqliteJournal, card: ModelCard | None) -> Index:
    from weavclip.index.exact import ExactIndex

    model_id = card.id if card else ""
    return ExactIndex(journal, journal, model_id=model_id, means=_means(card) if card else {})


def _connect(settings: Settings, journal: SqliteJournal, card: ModelCard) -> Index:
    from weavclip.index.weaviate import WeaviateIndex

    endpoint = _endpoint(settings)
    return WeaviateIndex.open(
        endpoint,
        timeout_s=settings.weaviate_timeout_s,
        alias=settings.collection,
        model_id=card.id,
        dim=card.dim,
        journal_id=journal.journal_id,
        index_type=settings.index_type,
    )


def _searcher(
    journal: SqliteJournal, embedder: Embedder | None, decoder: PictureDecoder, index: Index
) -> Searcher:
    from weavclip.search.service import SearchService

    return SearchService(
        index=index,
        words=journal,
        journal=journal,
        embedder=embedder,
        decoder=decoder,
        calibration=embedder.card.calibration if embedder else None,
    )
