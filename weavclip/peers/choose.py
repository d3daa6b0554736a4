"""Which manager's history a file is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from weavclip.domain.errors import ArchiveError
from weavclip.peers import cliphist, copyq, gpaste, maccy
from weavclip.peers.item import faults

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from weavclip.peers.item import Item


class Reader(Protocol):
    """A module of this room that knows one manager's file."""

    WHAT: str

    def recognises(self, path: Path, /) -> bool:
        """Whether a file is this manager's."""
        ...

    def read(self, path: Path, sniff: Callable[[bytes], str | None], /) -> Iterator[Item]:
        """Its entries."""
        ...


READERS: Mapping[str, Reader] = {
    "copyq": copyq,
    "maccy": maccy,
    "cliphist": cliphist,
    "gpaste": gpaste,
}
"""By the name that people type."""


def recognised(path: Path) -> str:
    """Whose history a file is; empty for nobody's that is known.

    Raises:
        ArchiveError: If it cannot be read.
    """
    with faults(path, "history"):
        return next((name for name, reader in READERS.items() if reader.recognises(path)), "")


def read(path: Path, name: str, *, sniff: Callable[[bytes], str | None]) -> Iterator[Item]:
    """The entries of a history.

    Args:
        path: Of the file.
        name: One of :data:`READERS`.
        sniff: Says of which type a content is.

    Raises:
        ArchiveError: If it is damaged, or another's; entries before that were yielded.
    """
    if recognised(path) != name:
        message = f"{path} is no {READERS[name].WHAT}"
        raise ArchiveError(message, hint="docs/archive.md says which file to name")
    return READERS[name].read(path, sniff)
