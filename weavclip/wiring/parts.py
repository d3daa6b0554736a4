"""Makes single parts out of the settings. What is heavy is imported where it is made."""

from __future__ import annotations

import logging
import os
from contextlib import contextmanager, nullcontext
from datetime import timedelta
from typing import TYPE_CHECKING

from weavclip.domain.errors import JournalError
from weavclip.domain.retention import Keep
from weavclip.pipeline import reading
from weavclip.pipeline.ingest import Ingest
from weavclip.pipeline.starting import EngineStarter
from weavclip.privacy.gate import AppGate, Gates, HintGate
from weavclip.privacy.inspector import ContentInspector
from weavclip.privacy.pictures import SeenInspector
from weavclip.privacy.secrets import SecretFinder
from weavclip.service.scope import outliving

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from weavclip.domain.clip import Offer
    from weavclip.domain.keys import PasteKeys
    from weavclip.domain.ports import (
        ClipboardSource,
        ClipboardWriter,
        Paster,
        PictureDecoder,
        WordReader,
    )
    from weavclip.domain.reading import SeenJournal
    from weavclip.domain.retention import TidyJournal
    from weavclip.domain.stores import Journal
    from weavclip.embed.models import ModelStore
    from weavclip.index.server.managed import ManagedServer
    from weavclip.journal.store import SqliteJournal
    from weavclip.privacy.pauses import Pauses
    from weavclip.settings import Settings

MODELS_FOLDER = "models"

logger = logging.getLogger(__name__)


@contextmanager
def open_journal(settings: Settings) -> Iterator[SqliteJournal]:
    """The journal of the data folder, rid of what expired while nothing ran."""
    from weavclip.journal.store import SqliteJournal

    with SqliteJournal.open(
        settings.data_dir, reserve_bytes=settings.reserve_bytes, device=settings.device
    ) as journal:
        _sweep(journal)
        yield journal


def _sweep(journal: TidyJournal) -> None:
    try:
        journal.sweep()
    except JournalError as error:  # nobody is shown them, swept or not
        logger.warning("expired clips are still on the disk: %s", error)


def keep(settings: Settings) -> Keep:
    """How much is kept."""
    return Keep(days=settings.keep_days, clips=settings.keep_clips, size_bytes=settings.keep_bytes)


@contextmanager
def open_ingest(settings: Settings, *, keep_secrets: bool = False) -> Iterator[Ingest]:
    """What keeps copies and files; their words are indexed at the end."""
    with open_journal(settings) as journal:
        yield make_ingest(settings, journal, keep_secrets=keep_secrets)
        index_words(journal)


def index_words(journal: Journal) -> None:
    """Index the words of new clips, so that no search has to; a failure is only logged."""
    try:
        journal.index_words()
    except JournalError as error:
        logger.warning("words are indexed later: %s", error)


def make_ingest(settings: Settings, journal: Journal, *, keep_secrets: bool = False) -> Ingest:
    """What keeps copies and files in this journal.

    Raises:
        SettingsError: If one of ``ignored_patterns`` is no pattern.
    """
    from weavclip.wiring.labels import FormLabels

    limits = reading.Limits(
        text_bytes=settings.max_text_bytes,
        image_bytes=settings.max_image_bytes,
        image_pixels=settings.max_image_pixels,
    )
    return Ingest(
        journal,
        Gates(HintGate(), AppGate(settings.ignored_apps)),
        inspector=make_inspector(settings, keep_secrets=keep_secrets),
        limits=limits,
        device=settings.device,
        labels_of=FormLabels(),
    )


def make_inspector(settings: Settings, *, keep_secrets: bool = False) -> ContentInspector:
    """What decides by a copy's content.

    Raises:
        SettingsError: If one of ``ignored_patterns`` is no pattern.
    """
    expires = settings.secrets == "expire"
    return ContentInspector(
        None if keep_secrets else SecretFinder(ibans=settings.secret_ibans),
        ignored_kinds=settings.ignored_kinds,
        ignored_patterns=settings.ignored_patterns,
        keep_secrets_for=timedelta(minutes=settings.secret_minutes) if expires else None,
    )


def decoder(settings: Settings) -> PictureDecoder:
    """What decodes pictures where they can do no harm."""
    from weavclip.pictures.children import ChildDecoder

    return ChildDecoder(max_pixels=settings.max_image_pixels)


def reads_pictures(settings: Settings) -> bool:
    """Whether words are read in pictures."""
    from weavclip.embed.ocr_extra import is_installed

    return settings.ocr == "on" or (settings.ocr == "auto" and is_installed())


def word_reader(settings: Settings) -> WordReader | None:
    """What reads words in pictures, where it can take nothing with it; None for nothing."""
    from weavclip.embed.ocr import OcrReader

    return OcrReader(threads=settings.threads) if reads_pictures(settings) else None


def make_seen_inspector(settings: Settings) -> SeenInspector:
    """What decides which words of a picture may be kept; secrets never, not for a while either.

    Raises:
        SettingsError: If one of ``ignored_patterns`` is no pattern.
    """
    finder = SecretFinder(ibans=settings.secret_ibans)
    return SeenInspector(finder, ignored_patterns=settings.ignored_patterns)


def models(settings: Settings) -> ModelStore:
    """The installed models."""
    from weavclip.embed.models import ModelStore

    return ModelStore(
        settings.data_dir / MODELS_FOLDER,
        roboflow_url=settings.roboflow_url,
        hub_url=settings.hub_url,
        api_key=settings.roboflow_api_key,
        embedder=settings.embedder,
        provider=settings.provider,
        threads=settings.threads,
    )


def server(settings: Settings) -> ManagedServer:
    """The Weaviate that weavclip manages."""
    from weavclip.index.server.managed import ManagedServer

    return ManagedServer(
        settings.data_dir,
        port=settings.server_port,
        grpc_port=settings.server_grpc_port,
        console_origin=settings.console_origin,
        timeout_s=settings.weaviate_timeout_s,
    )


def engine(settings: Settings) -> EngineStarter:
    """Starts the engine and asks it."""
    return EngineStarter(
        settings.runtime_dir,
        settings.data_dir,
        environ={"WEAVCLIP_DATA_DIR": str(settings.data_dir)},
        outliving=outliving,
    )


def wake_engine(settings: Settings, journal: SeenJournal | None = None) -> None:
    """Have the engine look for work; without a model that is a picture to read.

    Args:
        settings: The settings.
        journal: The open journal, where there is one at hand.
    """
    if settings.model or (reads_pictures(settings) and _has_unread(settings, journal)):
        engine(settings).wake()


def _has_unread(settings: Settings, journal: SeenJournal | None) -> bool:
    with nullcontext(journal) if journal else open_journal(settings) as found:
        return bool(found.unread(limit=1))


def clipboard_source(
    settings: Settings,
    *,
    environ: Mapping[str, str] | None = None,
    unread_types: frozenset[str] | None = None,
) -> ClipboardSource:
    """Where copies come from in this session.

    Args:
        settings: The settings.
        environ: The session's environment; this process's when None.
        unread_types: Types whose presence forbids reading; the password managers' when None.
    """
    from weavclip.clipboard.choose import choose_source

    return choose_source(
        settings.source,
        environ=os.environ if environ is None else environ,
        unread_types=HintGate().unread_types if unread_types is None else unread_types,
        read_timeout_s=settings.read_timeout_s,
        max_text_bytes=settings.max_text_bytes,
        max_image_bytes=settings.max_image_bytes,
        primary_selection=settings.primary_selection,
        poll_interval_s=settings.poll_interval_s,
        replay=settings.replay,
    )


def pauses(settings: Settings) -> Pauses:
    """Pause, incognito hours and ignoring one copy."""
    from weavclip.domain.timetable import Timetable
    from weavclip.privacy.pauses import Pauses

    return Pauses(settings.data_dir, hours=lambda: Timetable.parse(settings.incognito))


def clipboard_writer(settings: Settings) -> ClipboardWriter:
    """What puts a clip back on the clipboard in this session."""
    from weavclip.clipboard.choose import choose_writer

    return choose_writer(settings.source, environ=os.environ, timeout_s=settings.read_timeout_s)


def paster(keys: PasteKeys) -> Paster:
    """What presses the keys that paste, in this session."""
    from weavclip.clipboard.pasting import choose_paster

    return choose_paster(keys, environ=os.environ)


def clipboard_offer(settings: Settings) -> Offer | None:
    """What is on the clipboard now; None when it is empty or says that it may not be read."""
    from weavclip.clipboard.choose import read_once

    offer = read_once(clipboard_source(settings))
    return None if offer is None or HintGate().refusal(offer) else offer
