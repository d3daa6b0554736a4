"""cliphist's database (``~/.cache/cliphist/db``): one bucket, the bytes of each copy by number.

It keeps neither types nor times.

References:
    cliphist, ``cliphist.go`` (store, bucketKey, itob).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from weavclip.isolation import files
from weavclip.peers.bolt import MAGIC, BoltFile
from weavclip.peers.item import Item, faults, offer_of, time_of
from weavclip.peers.streams import Torn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

WHAT = "database of cliphist's"
_BUCKET = b"b"
_MAGIC_AT = 16


def recognises(path: Path) -> bool:
    """Whether a file begins as bbolt's databases do."""
    with files.opened(path) as file:
        head = file.read(_MAGIC_AT + 4)
    return head[_MAGIC_AT:] == MAGIC.to_bytes(4, "little")


def read(path: Path, sniff: Callable[[bytes], str | None]) -> Iterator[Item]:
    """Every entry, the oldest first.

    Raises:
        ArchiveError: If the file is damaged; those before that were yielded.
    """
    with faults(path, WHAT, Torn), files.opened(path) as file:
        last, entries = BoltFile(file).bucket(_BUCKET)
        for key, content in entries:
            place = max(0, last - int.from_bytes(key[:8]))
            at = time_of(path, place=min(place, 10**9))
            mime_type = sniff(content) or "application/octet-stream"
            yield Item(offer=offer_of({mime_type: content}, at=at))
