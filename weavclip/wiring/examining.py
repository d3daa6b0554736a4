"""What doctor looks at, each part by what the settings say of it."""

from __future__ import annotations

import os
import tomllib
from contextlib import closing, suppress
from typing import TYPE_CHECKING

from weavclip.domain.clip import Stage
from weavclip.domain.errors import (
    IndexAuthError,
    IndexUnavailableError,
    IndexVersionError,
    JournalError,
)
from weavclip.pipeline.doctor import keeping, meaning, private, running, volume
from weavclip.pipeline.doctor.verdict import Verdict, examine
from weavclip.pipeline.observe import agent_state, engine_state
from weavclip.settings import config_path, is_secret, written_in
from weavclip.wiring.background import service
from weavclip.wiring.indexes import weaviate_wanted
from weavclip.wiring.parts import models, open_journal, server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from weavclip.index.schema import Stamp
    from weavclip.index.server.endpoint import Endpoint
    from weavclip.settings import Settings

TIMEOUT_S = 3.0
"""Longest wait for each answer of a Weaviate: doctor is for somebody in a hurry."""


def doctor(
    settings: Settings,
    *,
    deep: bool = False,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> Iterator[Verdict]:
    """What is wrong with each part, and what mends it; each verdict as soon as it is known.

    Args:
        settings: The settings.
        deep: Read every file of the journal, not only some.
        progress: Told how many of how many were read.
    """
    config, data_dir = config_path(os.environ), settings.data_dir
    looks: dict[str, Callable[[], Iterable[Verdict]]] = {
        "clipboard": lambda: [_clipboard(settings)],
        "service": lambda: [_service(settings)],
        "folder": lambda: [private.data_folder(data_dir)],
        "settings": lambda: [private.settings_file(config, holds_keys=_holds_keys(config))],
        "socket": lambda: [private.runtime_folder(settings.runtime_dir)],
        "space": lambda: [keeping.space(data_dir, reserve_bytes=settings.reserve_bytes)],
        "volume": lambda: [volume.verdict(data_dir, run=_run)],
        "journal": lambda: keeping.journal(data_dir, deep=deep, progress=progress),
        "model": lambda: _model(settings),
        "engine": lambda: _engine(settings),
        "Weaviate": lambda: _weaviate(settings),
    }
    return examine(looks)


def _clipboard(settings: Settings) -> Verdict:
    from weavclip.clipboard.choose import chosen

    def choice() -> tuple[str, str]:
        return chosen(settings.source, environ=os.environ, replay=settings.replay)

    return running.clipboard(agent_state(settings.data_dir), chosen=choice)


def _service(settings: Settings) -> Verdict:
    agent = agent_state(settings.data_dir)
    return running.service(service(settings).state(), agent_pid=agent.pid if agent else 0)


def _holds_keys(config: Path) -> bool:
    found = tomllib.loads(written_in(config))
    return any(is_secret(name) and value for name, value in found.items())


def _run(command: Sequence[str]) -> str:
    from weavclip.service.commands import SystemCommands

    ran = SystemCommands().run(command)
    return "" if ran.code else ran.out


def _model(settings: Settings) -> Iterable[Verdict]:
    if not settings.model:
        return [meaning.no_model()]
    store = models(settings)
    failed = 0
    with suppress(JournalError), open_journal(settings) as journal:  # it has a verdict of its own
        failed = journal.stage_counts(settings.models.id).get(Stage.FAILED, 0)
    return meaning.models(settings.models, verify=store.verify, failed=failed)


def _engine(settings: Settings) -> Iterator[Verdict]:
    state = engine_state(settings.runtime_dir)
    yield running.engine(state, model=settings.model)
    runs_on = state.provider if state else ""
    if settings.model and not runs_on:
        with closing(models(settings).open(settings.model)) as embedder:
            embedder.embed_texts(["a"])
            runs_on = embedder.provider
    if runs_on:
        yield running.provider(runs_on, wanted=settings.provider)


def _weaviate(settings: Settings) -> Iterable[Verdict]:
    if settings.index == "exact":
        mend = "weavclip config set index auto"
        return [meaning.no_weaviate("the setting 'index' is exact", mend=mend)]
    if not weaviate_wanted(settings):
        found = server(settings).status()
        return [meaning.no_weaviate(f"{found.url} is stopped" if found.url else "none")]
    return _reached(settings, _endpoint(settings))


def _endpoint(settings: Settings) -> Endpoint:
    """Where it should be; a managed one that died is not started, as the engine would do."""
    from weavclip.wiring.indexes import endpoint

    if settings.weaviate_url:
        return endpoint(settings)
    found = server(settings).endpoint()
    if found is None:
        message = "the managed Weaviate is meant to run, and does not"
        raise IndexUnavailableError(message, hint=meaning.UP)
    return found


def _reached(settings: Settings, where: Endpoint) -> Iterator[Verdict]:
    from weavclip.index.looking import look
    from weavclip.index.server.remote import is_exposed

    managed = not settings.weaviate_url
    try:
        seen = look(
            where,
            alias=settings.collection,
            stamp=_stamp(settings),
            index_type=settings.index_type,
            timeout_s=min(TIMEOUT_S, settings.weaviate_timeout_s),
        )
    except (IndexAuthError, IndexVersionError):
        raise
    except IndexUnavailableError as error:
        hint = meaning.UP if managed else "start it, or: weavclip config set weaviate_url URL"
        raise IndexUnavailableError(str(error), hint=hint) from error
    yield from meaning.weaviate(
        meaning.Reached(
            url=where.url,
            version=seen.version,
            collection=seen.collection,
            anonymous=seen.anonymous,
            in_the_clear=is_exposed(where),
            exposed=server(settings).exposed_ports() if managed else (),
        )
    )


def _stamp(settings: Settings) -> Stamp | None:
    """Whose vectors our collection must hold; None without a model, or while there is no clip."""
    from weavclip.index.schema import Stamp
    from weavclip.journal import integrity

    if not settings.model or not integrity.exists(settings.data_dir):
        return None
    store, in_use = models(settings), settings.models
    text_dim = store.card(in_use.text).dim if in_use.text else 0
    with open_journal(settings) as journal:
        journal_id = journal.meta("journal_id") or ""
    dim = store.card(in_use.clip).dim
    return Stamp(model=in_use.id, dim=dim, text_dim=text_dim, journal=journal_id)
