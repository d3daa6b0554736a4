"""Journals with something in them, and files made of them."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from tests.unit.journal.drafts import (
    DIM,
    MODEL,
    embedding,
    opened,
    picture,
    picture_draft,
    text_draft,
)
from weavclip.domain.query import Filter, Space
from weavclip.journal.archive import backup, exporting, importing, output
from weavclip.journal.archive.tape import Member, TapeReader, TapeWriter

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from weavclip.journal.archive.records import Kept
    from weavclip.journal.store import SqliteJournal

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
LARGE = 200_000


def filled(data_dir: Path) -> None:
    """A journal with a picture, embedded, as a file; a long text; short texts; labels; a pin."""
    with opened(data_dir) as journal:
        image = journal.add(picture_draft(bytes(range(256)) * 1000)).id
        journal.embedded(image, MODEL, {Space.IMAGE: embedding(1)}, picture=picture("p"))
        journal.read_in_picture(image, "two peaks")
        journal.add(text_draft("long " * (LARGE // 5)))
        short = [journal.add(text_draft(f"short {number}")).id for number in range(3)]
        journal.embedded(short[0], MODEL, {Space.TEXT: embedding(2)})
        journal.pin(short[1], pinned=True)
        journal.label_found({short[2]: ["b", "a"]}, 1)
        journal.add(text_draft("short 2"))


def all_kept(journal: SqliteJournal, *, models: Sequence[str] = ()) -> list[Kept]:
    return [journal.kept(each, models=models) for each in journal.kept_ids(Filter())]


def exported(
    journal: SqliteJournal, *, where: Filter | None = None, with_vectors: bool = False
) -> bytes:
    file = io.BytesIO()
    exporting.export(
        journal,
        file,
        where=where or Filter(),
        with_vectors=with_vectors,
        at=NOW,
        progress=lambda _done, _total: None,
    )
    return file.getvalue()


def taken_in(journal: SqliteJournal, content: bytes) -> tuple[int, ...]:
    """How many clips were added, merged and known."""
    done = importing.take_in(
        journal,
        io.BytesIO(content),
        name="clips.tar",
        dim_of={MODEL: DIM}.get,
        progress=lambda _done, _total: None,
    )
    return tuple(done.counts.values())


def backed_up(data_dir: Path) -> bytes:
    file = io.BytesIO()
    backup.back_up(
        data_dir,
        output.Output(file),
        own_disk=output.Room(data_dir, data_dir=data_dir, reserve_bytes=0),
        at=NOW,
        device="here",
        progress=lambda _done, _total: None,
    )
    return file.getvalue()


def members(content: bytes) -> list[tuple[str, bytes]]:
    tape = TapeReader(io.BytesIO(content), name="it")
    found = []
    while (member := tape.next(most_bytes=2**40)) is not None:
        found.append((member.name, tape.content()))
    return found


def tape_of(parts: Sequence[tuple[str, bytes]]) -> bytes:
    file = io.BytesIO()
    tape = TapeWriter(file, at=0)
    for name, content in parts:
        tape.copy(Member(name, len(content)), [content])
    tape.end()
    return file.getvalue()
