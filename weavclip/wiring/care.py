"""What a person does now and then: models, forgetting, filling anew, looking at it all."""

from __future__ import annotations

import dataclasses
import os
import time
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from weavclip.domain.clip import Kind, Stage
from weavclip.domain.errors import EngineError, IndexUnavailableError, NoModelError
from weavclip.pipeline.observe import folder_bytes, observe
from weavclip.pipeline.status import Advice
from weavclip.settings import config_path
from weavclip.wiring.indexes import weaviate_wanted
from weavclip.wiring.parts import decoder, engine, models, open_journal, server, wake_engine

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path
    from uuid import UUID

    from weavclip.domain.vectors import ModelCard
    from weavclip.index.server.console import ConsoleAccess
    from weavclip.pipeline.doctor import Verdict
    from weavclip.pipeline.status import Status
    from weavclip.settings import Settings

LOOK_EVERY_S = 0.2
STUCK_AFTER_S = 60.0
THUMBNAIL_PX = 224


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
    from weavclip.assets import calibration as shipped
    from weavclip.pipeline.calibration import calibrate_model

    store, shown = models(settings), shipped.load()
    today = datetime.now().astimezone().date()
    origin = f"weavclip's calibration set of {len(shown.pictures)} pictures, {today}"
    with closing(store.open(card.id)) as embedder, closing(decoder(settings)) as pictures:
        calibration = calibrate_model(embedder, pictures, shown, origin=origin)
    calibrated = dataclasses.replace(card, calibration=calibration)
    store.save_card(calibrated)
    return calibrated


def use_model(settings: Settings, model_id: str) -> None:
    """Have the engine answer with another model, which the settings name from now on.

    It embeds every clip anew in the background; until then the old one answers.

    Raises:
        NoModelError: If it is not installed.
    """
    models(settings).card(model_id)
    engine(settings).stop()
    wake_engine(dataclasses.replace(settings, model=model_id))


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
    before = folder_bytes(settings.data_dir)
    with open_journal(settings) as journal:
        count = journal.forget(ids)
        journal.scrub()
        if settings.model and weaviate_wanted(settings):
            _ask_quietly(settings, "refill" if purge else "drain")
        pending = len(journal.forgotten(settings.model, limit=10_000)) if settings.model else 0
    return Forgotten(count, max(0, before - folder_bytes(settings.data_dir)), pending)


def _ask_quietly(settings: Settings, request: str) -> None:
    try:
        engine(settings).ask(request)
    except EngineError:
        return  # it is noted in the journal, and done when an engine runs again


def reindex(settings: Settings, *, purge: bool, progress: Callable[[int, int], None]) -> int:
    """Fill the index anew from the journal, without embedding again; how many clips.

    Interrupted, it goes on in the background.

    Raises:
        NoModelError: If no model is in use: there is nothing but words, and they need no index.
        IndexUnavailableError: If Weaviate is away.
    """
    if not settings.model:
        message = (
            "no model is in use, so there is no index to fill: words are searched as they are"
        )
        raise NoModelError(message, hint="weavclip model list")
    with open_journal(settings) as journal:
        engine(settings).ask("refill" if purge else "rebuild")
        counts = journal.stage_counts(settings.model)
        total = counts.get(Stage.EMBEDDED, 0) + counts.get(Stage.INDEXED, 0)
        left, moved_at = total, time.monotonic()
        while left:
            now_left = journal.stage_counts(settings.model).get(Stage.EMBEDDED, 0)
            moved_at = time.monotonic() if now_left < left else moved_at
            left = now_left
            progress(total - left, total)
            if time.monotonic() - moved_at > STUCK_AFTER_S:
                message = f"{left} of {total} clips wait: the index does not take them"
                raise IndexUnavailableError(message, hint="weavclip status")
            time.sleep(LOOK_EVERY_S if left else 0)
    return total


def status(settings: Settings) -> Status:
    """What runs, what is kept and what is left to do."""
    with open_journal(settings) as journal:
        return observe(
            journal,
            data_dir=settings.data_dir,
            runtime_dir=settings.runtime_dir,
            model=settings.model,
            server=_server_in_words(settings),
            advice=_advice(settings),
        )


def doctor(settings: Settings) -> tuple[Verdict, ...]:
    """What is wrong with each part, and what mends it."""
    from weavclip.journal.base import DATABASE_NAME
    from weavclip.pipeline.doctor import examine

    return tuple(
        examine(
            status(settings),
            data_dir=settings.data_dir,
            journal_file=settings.data_dir / DATABASE_NAME,
            reserve_bytes=settings.reserve_bytes,
            source=settings.source,
            environ=os.environ,
        )
    )


def console(settings: Settings) -> ConsoleAccess:
    """How to look into Weaviate with its console."""
    from weavclip.index.server.console import access

    managed, own = server(settings), settings.weaviate_url
    return access(
        url=own or managed.status().url,
        key_file=config_path(os.environ) if own else managed.key_file,
        origin=settings.console_origin,
        collection=settings.collection,
    )


def thumbnail(settings: Settings, clip_id: UUID) -> bytes | None:
    """A small JPEG of a picture that no engine has seen yet; None for other clips.

    Raises:
        PictureError: If it cannot be decoded.
    """
    with open_journal(settings) as journal, closing(decoder(settings)) as pictures:
        clip = journal.get(clip_id)
        if clip.kind is not Kind.IMAGE:
            return None
        encoded = journal.representations(clip.id)[clip.mime_type]
        return pictures.decode(encoded, size_px=THUMBNAIL_PX).thumbnail


def _server_in_words(settings: Settings) -> str:
    if settings.index == "exact":
        return ""
    if settings.weaviate_url:
        return settings.weaviate_url
    found = server(settings).status()
    return f"{found.url} (managed, {found.state})" if found.url else ""


def _advice(settings: Settings) -> tuple[Advice, ...]:
    found = []
    if not settings.model:
        found.append(
            Advice("no model: pictures are not found by meaning", "weavclip model add ViT-B-16")
        )
    if settings.index != "exact" and not weaviate_wanted(settings):
        found.append(Advice("no Weaviate: the journal is searched exactly", "weavclip server up"))
    return tuple(found)
