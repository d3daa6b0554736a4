"""What a person does now and then: models, filling anew, looking at it all."""

from __future__ import annotations

import dataclasses
import os
import time
from contextlib import closing
from datetime import datetime
from typing import TYPE_CHECKING

from weavclip.domain.clip import Kind, Stage
from weavclip.domain.errors import IndexUnavailableError, NoModelError
from weavclip.domain.models import ModelKind
from weavclip.pipeline.status import Advice
from weavclip.settings import config_path
from weavclip.wiring.indexes import weaviate_wanted
from weavclip.wiring.labels import shipped_labels
from weavclip.wiring.parts import (
    decoder,
    engine,
    keep,
    models,
    open_journal,
    pauses,
    reads_pictures,
    server,
    wake_engine,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from uuid import UUID

    from weavclip.domain.vectors import ModelCard
    from weavclip.index.server.console import ConsoleAccess
    from weavclip.pipeline.status import Status
    from weavclip.settings import Settings

LOOK_EVERY_S = 0.2
STUCK_AFTER_S = 15.0
EXACT = "exact"
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
    from weavclip.assets.labels import known_texts
    from weavclip.pipeline.calibration import calibrate_model, calibrate_text_model

    store, shown, labels = models(settings), shipped.load(), shipped_labels()
    today = datetime.now().astimezone().date()
    origin = f"weavclip's calibration set of {len(shown.pictures)} pictures, {today}"
    if card.kind is ModelKind.SENTENCE:
        with closing(store.open_text(card.id)) as text_model:
            calibration = calibrate_text_model(
                text_model, shown, origin=origin, labels=labels, known=known_texts()
            )
    else:
        with closing(store.open(card.id)) as embedder, closing(decoder(settings)) as pictures:
            calibration = calibrate_model(embedder, pictures, shown, origin=origin, labels=labels)
    calibrated = dataclasses.replace(card, calibration=calibration)
    store.save_card(calibrated)
    return calibrated


def setting_of(settings: Settings, model_id: str) -> str:
    """The setting that names a model of this one's kind: ``model`` or ``text_model``.

    Raises:
        NoModelError: If it is not installed, or is a text model and there is no CLIP.
    """
    if models(settings).card(model_id).kind is ModelKind.CLIP:
        return "model"
    if not settings.model:
        message = f"{model_id} reads texts beside a CLIP model, and none is in use"
        raise NoModelError(message, hint="weavclip model use ViT-B-16, or another of the list")
    return "text_model"


def remove_model(settings: Settings, model_id: str) -> None:
    """Delete a model's files; an engine that uses them leaves first.

    Raises:
        NoModelError: If it is not installed, or ships with the package.
    """
    store = models(settings)
    store.require_removable(model_id)
    if model_id in settings.models.names:
        engine(settings).stop()
    store.remove(model_id)


def use_models(settings: Settings) -> None:
    """Have the engine answer with other models, those that the settings name from now on.

    It makes the vectors that clips lack in the background; until then the old ones answer.
    """
    engine(settings).stop()
    wake_engine(settings)


def reindex(settings: Settings, *, purge: bool, progress: Callable[[int, int], None]) -> int:
    """Fill the index anew from the journal, without embedding again; how many clips.

    Interrupted, it goes on in the background.

    Raises:
        NoModelError: If no model is in use: there is nothing but words, and they need no index.
        IndexUnavailableError: If Weaviate is away.
    """
    if not settings.model:
        message = "no model is in use: words are searched as they are, there is no index to fill"
        raise NoModelError(message, hint="weavclip model list")
    starter, wants_server = engine(settings), weaviate_wanted(settings)
    starter.ask("refill" if purge else "rebuild")
    with open_journal(settings) as journal:
        total, moved_at, before = 0, time.monotonic(), -1
        while True:
            counts, state = journal.stage_counts(settings.models.id), starter.ask("state")
            left = counts.get(Stage.CAPTURED, 0) + counts.get(Stage.EMBEDDED, 0)
            total = left + counts.get(Stage.INDEXED, 0)
            progress(total - left, total)
            if not left and not (wants_server and state.index == EXACT):
                return total
            moved_at = moved_at if left == before else time.monotonic()
            before = left
            if time.monotonic() - moved_at > STUCK_AFTER_S:
                raise _stuck(settings, left, total, why=state.index_problem)
            time.sleep(LOOK_EVERY_S)


def _stuck(settings: Settings, left: int, total: int, *, why: str) -> IndexUnavailableError:
    message = f"{left} of {total} clips wait for the index: {why or 'it does not take them'}"
    is_managed = weaviate_wanted(settings) and not settings.weaviate_url
    hint = "weavclip server up, or weavclip status" if is_managed else "weavclip doctor"
    return IndexUnavailableError(message, hint=hint)


def status(settings: Settings) -> Status:
    """What runs, what is kept and what is left to do."""
    from weavclip.pipeline.observe import observe

    with open_journal(settings) as journal:
        return observe(
            journal,
            data_dir=settings.data_dir,
            runtime_dir=settings.runtime_dir,
            models=settings.models,
            server=_server_in_words(settings),
            standing=pauses(settings).standing(),
            advice=_advice(settings),
            surplus=journal.surplus(keep(settings)),
            reading=journal if reads_pictures(settings) else None,
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
    from weavclip.embed import ocr_extra

    found = []
    if not settings.model:
        found.append(
            Advice("no model: pictures are not found by meaning", "weavclip model add ViT-B-16")
        )
    if settings.index != "exact" and not weaviate_wanted(settings):
        found.append(Advice("no Weaviate: the journal is searched exactly", "weavclip server up"))
    if settings.ocr == "on" and not ocr_extra.is_installed():
        found.append(Advice("no words are read in pictures", ocr_extra.INSTALL))
    return tuple(found)
