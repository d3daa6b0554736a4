"""Taking weavclip away: what runs, and on demand everything that it kept."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from weavclip.domain.errors import JournalError, ServiceError, WeavclipError
from weavclip.pipeline import leaving
from weavclip.pipeline.observe import agent_state
from weavclip.settings import config_path
from weavclip.wiring.background import service
from weavclip.wiring.indexes import endpoint
from weavclip.wiring.parts import engine, open_journal, server

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from weavclip.pipeline.leaving import Belonging
    from weavclip.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Belongings:
    """Everything that weavclip keeps, wherever it is.

    Attributes:
        clips: How many; None where the journal cannot be opened.
        in_data_folder: What is ours in it.
        foreign: What else is in it, and stays.
        elsewhere: Settings and runtime folder.
        collections: In a Weaviate of the person's own, by name how many objects.
        left: Why something cannot be removed, a sentence each.
    """

    clips: int | None
    in_data_folder: list[Belonging]
    foreign: list[Path]
    elsewhere: list[Belonging]
    collections: Mapping[str, int] = field(default_factory=dict)
    left: tuple[str, ...] = ()


def stop_everything(settings: Settings) -> Iterator[str]:
    """Take the service away, and end engine and managed server; a sentence for each step.

    Raises:
        ServiceError: If an agent goes on that was started by hand.
        WeavclipError: If something does not end.
    """
    yield from service(settings).uninstall()
    by_hand = agent_state(settings.data_dir)
    if by_hand is not None:
        message = f"an agent runs, started by hand as process {by_hand.pid}"
        raise ServiceError(message, hint=f"end it with: kill {by_hand.pid}")
    yield "the engine left" if engine(settings).stop() else "no engine runs"
    yield "Weaviate is down" if server(settings).down() else "no managed Weaviate runs"


def belongings(settings: Settings) -> Belongings:
    """What a purge would remove; nothing is changed.

    Raises:
        JournalError: If the data folder is none of weavclip's.
    """
    ours, foreign = leaving.in_data_folder(settings.data_dir)
    others = [settings.runtime_dir, config_path(os.environ)]
    inside = settings.data_dir in settings.runtime_dir.parents
    elsewhere = [
        leaving.Belonging(path, leaving.size_of(path))
        for path in others[inside:]
        if path.exists() and not path.is_symlink()
    ]
    clips, journal_id = _counted(settings) if ours else (0, "")
    collections, why_not = _collections(settings, journal_id)
    left = (why_not, _program_in_words(settings))
    return Belongings(
        clips=clips,
        in_data_folder=ours,
        foreign=foreign,
        elsewhere=elsewhere,
        collections=collections,
        left=tuple(filter(None, left)),
    )


def purge(settings: Settings, found: Belongings) -> Iterator[str]:
    """Remove it all; everything has been stopped. A sentence for each thing that is gone.

    Raises:
        WeavclipError: If a server refuses, or a file cannot be removed.
    """
    if found.collections:
        from weavclip.index.looking import delete_collections

        where, timeout_s = endpoint(settings), settings.weaviate_timeout_s
        names = list(found.collections)
        delete_collections(where, names, alias=settings.collection, timeout_s=timeout_s)
        yield f"deleted {', '.join(names)} at {where.url}"
    if server(settings).remove():
        yield "removed what the managed Weaviate kept"
    for each in found.elsewhere:
        leaving.remove(each.path)
        yield f"removed {each.path}"
    # Looked at anew: what was ending meanwhile has written its last.
    ours, _foreign = leaving.in_data_folder(settings.data_dir)
    yield from leaving.remove_all(ours, settings.data_dir)
    config_dir = config_path(os.environ).parent
    if config_dir.name == "weavclip" and leaving.remove_if_empty(config_dir):
        yield f"removed {config_dir}"


def _counted(settings: Settings) -> tuple[int | None, str]:
    """How many clips there are, and the journal's id."""
    try:
        with open_journal(settings) as journal:
            return journal.count(), journal.meta("journal_id") or ""
    except JournalError:
        return None, ""


def _collections(settings: Settings, journal_id: str) -> tuple[Mapping[str, int], str]:
    """What this journal filled in a Weaviate of the person's own, or why that is not known."""
    if not settings.weaviate_url or not journal_id:
        return {}, ""
    from weavclip.index.looking import collections_of

    try:
        where = endpoint(settings)
        timeout_s = settings.weaviate_timeout_s
        return collections_of(where, journal_id=journal_id, timeout_s=timeout_s), ""
    except WeavclipError as error:
        return {}, f"what is in {settings.weaviate_url} stays: {error}"


def _program_in_words(settings: Settings) -> str:
    """That the managed server's program stays, where it is there."""
    from weavclip.index.server import binary

    found = binary.find() if server(settings).status().way == "program" else None
    return f"{found}, the program of Weaviate, which other programs may use" if found else ""
