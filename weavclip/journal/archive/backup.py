"""A whole journal as one file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from weavclip.journal.archive.heads import HEAD, Head
from weavclip.journal.archive.restore import read_through
from weavclip.journal.archive.snapshot import Snapshot, digest_of_file, staged_bytes, take
from weavclip.journal.archive.staging import DATABASE, staging
from weavclip.journal.archive.tape import CHUNK_BYTES, Member, TapeWriter, on_tape
from weavclip.journal.migrations import MIGRATIONS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime
    from pathlib import Path

    from weavclip.journal.archive.output import Output, Room


def back_up(
    data_dir: Path,
    output: Output,
    *,
    own_disk: Room,
    at: datetime,
    device: str,
    progress: Callable[[int, int], None],
) -> tuple[Head, Snapshot]:
    """Write a journal as it is now, while others may go on writing it.

    Args:
        data_dir: Where it is.
        output: Is written, and read again to prove it right where it is no pipe.
        own_disk: The journal's, where a copy is put together first.
        at: The time now.
        device: Name of this machine.
        progress: Told how many of how many bytes are written, or read again.

    Raises:
        JournalError: If the journal is damaged, cannot be read, or is being restored.
        DiskReserveError: If there is no room.
        ArchiveError: If what was written is not what is read again.
    """
    own_disk.require(staged_bytes(data_dir))
    with staging(data_dir) as folder:
        taken = take(data_dir, folder)
        head = _head(folder, taken, at=at, device=device)
        output.require(head.size_bytes)
        _write(folder, head, TapeWriter(output, at=int(at.timestamp())), progress)
    written = output.again()
    if written is not None:
        read_through(written, name="the backup", progress=progress)
    return head, taken


def _head(folder: Path, taken: Snapshot, *, at: datetime, device: str) -> Head:
    others = [DATABASE, *_below(folder, "vectors")]
    blobs = _below(folder, "blobs")
    return Head(
        created_at=at.isoformat(),
        device=device,
        schema=len(MIGRATIONS),
        clips=taken.clips,
        size_bytes=sum(on_tape((folder / each).stat().st_size) for each in [*others, *blobs]),
        files={each: digest_of_file(folder / each) for each in others},
        blobs=len(blobs),
    )


def _below(folder: Path, part: str) -> list[str]:
    files = (each for each in (folder / part).rglob("*") if each.is_file())
    return sorted(each.relative_to(folder).as_posix() for each in files)


def _write(
    folder: Path, head: Head, tape: TapeWriter, progress: Callable[[int, int], None]
) -> None:
    tape.add(HEAD, head.written())
    done = 0
    for name in [*head.files, *_below(folder, "blobs")]:
        path = folder / name
        size_bytes = path.stat().st_size
        tape.copy(Member(name, size_bytes), _chunks(path))
        done += on_tape(size_bytes)
        progress(done, head.size_bytes)
    tape.end()


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            yield chunk
