"""What expiring clips hold: a file each, so that nothing of it is ever in the database.

SQLite keeps old copies of a row in the WAL and in the free parts of pages, and FTS5 its words in
older segments, until the whole file is written anew: seconds of work at 100,000 clips, which no
secret that is kept for ten minutes is worth. A file is gone when it is deleted.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from weavclip.domain.clip import Kind
from weavclip.journal.blobs import make_private_folder, sync_folder, write_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path
    from uuid import UUID

    from weavclip.domain.clip import Draft


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What an expiring clip holds.

    Attributes:
        digest: Under which it is known when it is copied again.
        preview: Of the clip.
        text: Its words.
        representations: All that is kept, bytes by MIME type.
        source: The type whose bytes the digest is of; empty where it is that of the words.
    """

    digest: bytes = field(repr=False)
    preview: str = field(repr=False)
    text: str = field(repr=False)
    representations: Mapping[str, bytes] = field(repr=False)
    source: str = ""


def held_of(draft: Draft, digest: bytes) -> Held:
    """What a draft would have the journal hold."""
    return Held(
        digest=digest,
        preview=draft.preview,
        text=draft.text,
        representations=draft.representations,
        source=draft.mime_type if draft.kind is Kind.IMAGE else "",
    )


class ExpiringFolder:
    """Files named by the clip's id; like blobs, they change inside write transactions only."""

    def __init__(self, root: Path) -> None:
        """Keep files below ``root``, which is made with the first one."""
        self._root = root

    def write(self, clip_id: UUID, held: Held) -> None:
        """Store or replace; durable, the file's name too, when this returns."""
        told = {
            "digest": held.digest.hex(),
            "preview": held.preview,
            "text": held.text,
            "source": held.source,
            "representations": {
                name: base64.b64encode(content).decode()
                for name, content in held.representations.items()
            },
        }
        make_private_folder(self._root)
        fresh = self._path(clip_id).with_suffix(".new")
        try:
            # Lone surrogates are written as escapes, and come back as they were.
            write_file(fresh, json.dumps(told).encode())
            fresh.replace(self._path(clip_id))
        except BaseException:
            fresh.unlink(missing_ok=True)
            raise
        sync_folder(self._root)

    def read(self, clip_id: UUID) -> Held:
        """What the clip holds.

        Raises:
            OSError: If the file is not there.
        """
        told = json.loads(self._path(clip_id).read_bytes())
        return Held(
            digest=bytes.fromhex(told["digest"]),
            preview=told["preview"],
            text=told["text"],
            source=told["source"],
            representations={
                name: base64.b64decode(content)
                for name, content in told["representations"].items()
            },
        )

    def names(self) -> set[str]:
        """The names of all files that are there."""
        if not self._root.is_dir():
            return set()
        return {path.name for path in self._root.iterdir()}

    def remove_all_but(self, clip_ids: Iterable[UUID]) -> int:
        """Delete every other file, half-written ones too, durably; how many."""
        gone = self.names() - {clip_id.hex for clip_id in clip_ids}
        for name in gone:
            (self._root / name).unlink(missing_ok=True)
        if gone:
            sync_folder(self._root)
        return len(gone)

    def _path(self, clip_id: UUID) -> Path:
        return self._root / clip_id.hex
