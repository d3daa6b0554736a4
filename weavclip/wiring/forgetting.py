"""Removing clips from every place: the journal, its files, the vectors, the words, Weaviate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from weavclip.domain.errors import EngineError, IndexUnavailableError, WeavclipError
from weavclip.pipeline.keeper import FILLED_BY, NOTHING
from weavclip.wiring.care import reindex
from weavclip.wiring.indexes import endpoint, weaviate_wanted
from weavclip.wiring.parts import engine, open_journal

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from uuid import UUID

    from weavclip.journal.store import SqliteJournal
    from weavclip.settings import Settings

FORGET_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What ``forget`` removed.

    Attributes:
        clips: How many.
        bytes_freed: Of their content, on this machine's disk.
        index_pending: How many Weaviate has still to delete, since it is away.
    """

    clips: int
    bytes_freed: int
    index_pending: int


def forget(
    settings: Settings,
    ids: Sequence[UUID],
    *,
    purge: bool = False,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> Forgotten:
    """Remove clips from every place; with ``purge`` from Weaviate's files at once, too.

    Interrupted, what was removed until then stays removed; its last traces go with the next
    ``forget``, or when an agent or an engine starts.

    Args:
        settings: The settings.
        ids: Of the clips; with none what an interrupted one left is still scrubbed.
        purge: Fill a fresh collection without them and drop the old one.
        progress: Told how far that is.

    Raises:
        IndexUnavailableError: If a purge was asked for and Weaviate is away; the clips are gone
            from this machine's journal by then.
    """
    indexed = bool(settings.model) and weaviate_wanted(settings)
    count, size_bytes = 0, 0
    with open_journal(settings) as journal:
        for start in range(0, len(ids), FORGET_AT_ONCE):
            some = ids[start : start + FORGET_AT_ONCE]
            described = {clip.id: clip for clip in journal.get_many(some).values()}
            size_bytes += sum(clip.size_bytes for clip in described.values())
            count += journal.forget(some)
            progress(start + len(some), len(ids))
        journal.scrub_if_due()
        if indexed and purge:
            reindex(settings, purge=True, progress=progress)
        elif indexed and ids:
            _delete_from_index(settings)
        pending = len(journal.forgotten(settings.models.id, limit=10_000)) if indexed else 0
    return Forgotten(count, size_bytes, pending)


def is_to_scrub(settings: Settings) -> bool:
    """Whether an interrupted ``forget`` left bytes on the disk."""
    with open_journal(settings) as journal:
        return journal.is_to_scrub()


def _delete_from_index(settings: Settings) -> None:
    try:
        engine(settings).ask("drain")
    except (EngineError, IndexUnavailableError):
        return  # it is noted in the journal, and done when the index is there again


@dataclass(frozen=True, slots=True)
class Emptied:
    """What ``forget --all`` removed.

    Attributes:
        clips: How many.
        index_problem: Why Weaviate still holds them; empty when it does not, or none is in use.
    """

    clips: int
    index_problem: str = ""


def forget_everything(settings: Settings) -> Emptied:
    """Remove every clip from every place, and have each model's collection made anew, empty.

    Settings, models and the managed server stay, and an agent goes on. While Weaviate is away
    it is noted that it holds nothing of worth: connected again, it is emptied first of all.
    """
    engine(settings).stop()
    with open_journal(settings) as journal:
        # Noted first: a crash in between has the collection filled anew, which does no harm.
        noted = journal.meta_keys(FILLED_BY.format(""))
        for key in noted:
            journal.set_meta(key, NOTHING)
        count = journal.forget_everything()
        journal.scrub()
        problem = _drop_collections(settings, journal) if weaviate_wanted(settings) else ""
        if not problem:
            for key in noted:
                journal.set_meta(key, "")
    if settings.model and weaviate_wanted(settings) and not problem:
        _delete_from_index(settings)  # there is nothing: it connects, and makes what it needs
    return Emptied(count, problem)


def _drop_collections(settings: Settings, journal: SqliteJournal) -> str:
    from weavclip.index.collections import drop_all
    from weavclip.index.rest import Rest

    try:
        rest = Rest(endpoint(settings), timeout_s=settings.weaviate_timeout_s)
        drop_all(rest, alias=settings.collection, journal=journal.meta("journal_id") or "")
    except WeavclipError as error:
        return str(error)
    return ""
