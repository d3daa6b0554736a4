"""Files that clips go into and come out of: on disk, or standard output and input."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from weavclip.domain.errors import ArchiveError
from weavclip.isolation import files
from weavclip.wiring.given import STANDARD

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import BinaryIO

    from weavclip.journal.archive.output import Output, Room
    from weavclip.settings import Settings


@contextmanager
def output(settings: Settings, target: Path) -> Iterator[Output]:
    """A new file, there under its name when it is whole, or standard output."""
    from weavclip.journal.archive.output import Output, new_file, written_errors

    if target == STANDARD:
        yield Output(sys.stdout.buffer)
        sys.stdout.buffer.flush()
        return
    with written_errors(target):
        room = room_in(settings, target.parent)
    with new_file(target, room=room) as file:
        yield file


def room_in(settings: Settings, folder: Path) -> Room:
    """What may be written below a folder, the reserve left free."""
    from weavclip.journal.archive.output import Room

    return Room(folder, data_dir=settings.data_dir, reserve_bytes=settings.reserve_bytes)


@contextmanager
def opened(source: Path) -> Iterator[BinaryIO]:
    """Read a file, or standard input.

    Raises:
        ArchiveError: If it cannot be read.
    """
    if source == STANDARD:
        yield sys.stdin.buffer
        return
    try:
        with files.opened(source) as file:
            yield file
    except OSError as error:
        message = f"{source} cannot be read: {error.strerror}"
        raise ArchiveError(message, hint="give a file, or '-' for a pipe on stdin") from error
