"""The journal as a whole: backed up into one file, and restored from it."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from weavclip.domain.errors import EngineError
from weavclip.domain.query import Filter
from weavclip.wiring.archive_files import opened, output, room_in
from weavclip.wiring.given import STANDARD, name_of
from weavclip.wiring.parts import engine, open_journal, wake_engine

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from uuid import UUID

    from weavclip.domain.clip import Clip
    from weavclip.journal.archive.heads import Head
    from weavclip.settings import Settings

EXAMPLES = 3


@dataclass(frozen=True, slots=True)
class BackedUp:
    """What a backup wrote.

    Attributes:
        file: Where it is.
        clips: How many.
        damaged: Ids of clips that were left out, since a file of theirs is lost or altered.
    """

    file: Path
    clips: int
    damaged: tuple[UUID, ...]


def backup_file(target: Path) -> Path:
    """The file that a backup into ``target`` writes: in a folder, one named after the time."""
    if target == STANDARD or not target.is_dir():
        return target
    return target / f"weavclip-{datetime.now().astimezone():%Y-%m-%d-%H%M%S}.tar"


def back_up(settings: Settings, file: Path, *, progress: Callable[[int, int], None]) -> BackedUp:
    """Write the whole journal into one file, while agent and engine go on.

    Raises:
        JournalError: If the journal is damaged, or another backup or restore is under way.
        ArchiveError: If the file cannot be written, or is not what was written.
        DiskReserveError: If there is no room for it; nothing is left of it then.
    """
    from weavclip.journal.archive import backup

    at = datetime.now().astimezone()
    with open_journal(settings), output(settings, file) as written:
        head, taken = backup.back_up(
            settings.data_dir,
            written,
            own_disk=room_in(settings, settings.data_dir),
            at=at,
            device=settings.device,
            progress=progress,
        )
    return BackedUp(file, head.clips, taken.damaged)


@dataclass(frozen=True, slots=True)
class Restorable:
    """A backup that was unpacked, proved right and made ready to be the journal.

    Attributes:
        head: What it says of itself.
        clips: How many it has.
        examples: The last copied ones.
        replaced_clips: How many are in the journal that it would replace; None when that cannot
            be read.
    """

    head: Head
    clips: int
    examples: tuple[Clip, ...]
    replaced_clips: int | None
    take_place: Callable[[], None] = field(repr=False)


@contextmanager
def restoring(
    settings: Settings, source: Path, *, progress: Callable[[int, int], None]
) -> Iterator[Restorable]:
    """Make a backup ready; ``take_place()`` in the block makes it the journal.

    The engine leaves, and neither it nor an agent can start meanwhile. Nothing is changed and
    nothing left behind unless ``take_place()`` was called.

    Raises:
        EngineError: If an agent runs.
        ArchiveError: If the file is damaged or no backup.
        JournalVersionError: If it is of a newer weavclip.
        DiskReserveError: If there is no room to unpack it.
    """
    from weavclip.journal.archive.staging import settle, staging, take_place

    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    settle(settings.data_dir)
    with _nobody_else(settings), staging(settings.data_dir) as folder:
        head = _unpacked(settings, source, folder, progress)
        clips, examples = _prepared(settings, folder)
        yield Restorable(
            head=head,
            clips=clips,
            examples=examples,
            replaced_clips=_present_clips(settings),
            take_place=lambda: take_place(settings.data_dir),
        )
    wake_engine(settings)


@contextmanager
def _nobody_else(settings: Settings) -> Iterator[None]:
    """Have the engine leave, and keep it and the agent away."""
    from weavclip.pipeline.alone import alone, is_held
    from weavclip.pipeline.starting import ENGINE_LOCK
    from weavclip.pipeline.telling import LOCK_NAME

    if is_held(settings.data_dir / LOCK_NAME):
        message = f"an agent runs for {settings.data_dir}: nothing can be restored under it"
        hint = "end 'weavclip watch', or: weavclip service uninstall; then restore"
        raise EngineError(message, hint=hint)
    with alone(settings.data_dir / LOCK_NAME, what="an agent"):
        engine(settings).stop()
        with alone(settings.data_dir / ENGINE_LOCK, what="an engine", within_s=5.0):
            yield


def _unpacked(
    settings: Settings, source: Path, folder: Path, progress: Callable[[int, int], None]
) -> Head:
    from weavclip.journal.archive.restore import read_through

    room = room_in(settings, folder)
    with opened(source) as file:
        return read_through(
            file,
            name=name_of(source),
            progress=progress,
            folder=folder,
            admit=lambda head: room.require(head.size_bytes),
        )


def _prepared(settings: Settings, folder: Path) -> tuple[int, tuple[Clip, ...]]:
    from weavclip.journal.archive.restore import prepare, present_id
    from weavclip.journal.store import SqliteJournal

    clips = prepare(folder, journal_id=present_id(settings.data_dir))
    with SqliteJournal.open(folder, reserve_bytes=0) as journal:
        return clips, tuple(journal.clips(where=Filter(), limit=EXAMPLES))


def _present_clips(settings: Settings) -> int | None:
    from weavclip.journal.archive.restore import present_count

    return present_count(settings.data_dir)
