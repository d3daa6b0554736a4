"""Clips out of the journal into one file, and into it: from such files and other managers."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from weavclip.domain.errors import ArchiveError, ModelError
from weavclip.wiring.archive_files import opened, output
from weavclip.wiring.given import STANDARD, name_of
from weavclip.wiring.parts import (
    index_words,
    make_ingest,
    models,
    open_journal,
    wake_engine,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from weavclip.domain.query import Filter
    from weavclip.journal.archive.exporting import Exported
    from weavclip.journal.archive.importing import Imported
    from weavclip.pipeline.histories import TakenOver
    from weavclip.settings import Settings


def export(
    settings: Settings,
    target: Path,
    *,
    where: Filter,
    with_vectors: bool,
    progress: Callable[[int, int], None],
) -> Exported:
    """Write the clips that pass into one file, or to standard output.

    Raises:
        ArchiveError: If the file cannot be written.
        DiskReserveError: If there is no room for it; nothing is left of it then.
    """
    from weavclip.journal.archive import exporting

    at = datetime.now().astimezone()
    with open_journal(settings) as journal, output(settings, target) as file:
        file.require(journal.kept_bytes(where))
        return exporting.export(
            journal, file, where=where, with_vectors=with_vectors, at=at, progress=progress
        )


def take_in(settings: Settings, source: Path, *, progress: Callable[[int, int], None]) -> Imported:
    """Take in the clips of an exported file, or of standard input.

    Raises:
        ArchiveError: If it is damaged or no such file; what was read before is taken.
    """
    from weavclip.journal.archive import importing

    with open_journal(settings) as journal, opened(source) as file:
        try:
            return importing.take_in(
                journal,
                file,
                name=name_of(source),
                dim_of=partial(_dim_of, settings),
                progress=progress,
            )
        finally:
            index_words(journal)
            wake_engine(settings)


def _dim_of(settings: Settings, model_id: str) -> int | None:
    """Length of a model's vectors; None when it is not installed."""
    try:
        return models(settings).card(model_id).dim
    except ModelError:
        return None


def history_of(source: Path) -> str:
    """Whose history a file is; empty for weavclip's own files, and for nobody's.

    Raises:
        ArchiveError: If it cannot be read.
    """
    from weavclip.peers.choose import recognised

    return "" if source == STANDARD else recognised(source)


def take_over(
    settings: Settings, source: Path, name: str, *, progress: Callable[[int, int | None], None]
) -> TakenOver:
    """Take in another clipboard manager's history; what may not be kept is not.

    Raises:
        ArchiveError: If it is damaged; says how many of its entries were read before.
    """
    from weavclip.peers.choose import read
    from weavclip.pipeline.histories import TakenOver, take_over
    from weavclip.pipeline.ingest import sniff

    done = TakenOver()
    with open_journal(settings) as journal:
        try:
            items = read(source, name, sniff=sniff)
            ingest = make_ingest(settings, journal)
            take_over(items, ingest, journal, progress=progress, done=done)
        except ArchiveError as error:
            before = f"; {done.entries:,} entries before that were read" if done.entries else ""
            message = f"{error}{before}"
            raise ArchiveError(message, hint=error.hint) from error
        finally:
            index_words(journal)
            wake_engine(settings)
    return done
