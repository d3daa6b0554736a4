"""What a backup says of itself, before anything else of it is read."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from weavclip.domain.errors import ArchiveError
from weavclip.journal.archive.staging import DATABASE

FORMAT = "weavclip-journal"
VERSION = 1
HEAD = "weavclip.json"
MOST_HEAD_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What a backup says of itself, in its first member.

    Attributes:
        created_at: When it was made, in ISO 8601.
        device: Where.
        schema: Version of the journal's tables.
        clips: How many.
        size_bytes: Of all members that follow, with their headers.
        files: SHA-256 by name of the database and of the vectors; a blob is named by its own.
        blobs: How many files of content follow.
        format: Says that it is a backup.
        version: Of this layout.
    """

    created_at: str
    device: str
    schema: int
    clips: int
    size_bytes: int
    files: dict[str, str]
    blobs: int
    format: str = FORMAT
    version: int = VERSION

    def written(self) -> bytes:
        """As the first member's content."""
        return json.dumps(asdict(self), indent=2).encode() + b"\n"

    @classmethod
    def read(cls, content: bytes, *, name: str) -> Head:
        """From the first member's content.

        Raises:
            ArchiveError: If it is no backup, or one of another layout.
        """
        try:
            found = json.loads(content)
            if found["format"] == "weavclip-clips":
                message = f"{name} holds exported clips, it is no backup"
                raise ArchiveError(message, hint="weavclip import FILE")
            if (found["format"], found["version"]) == (FORMAT, VERSION):
                return _typed(cls(**found))
        except (ValueError, TypeError, KeyError, RecursionError):
            pass
        message = f"{name} is no backup that this weavclip reads"
        raise ArchiveError(message, hint="'weavclip backup' makes one")


def _typed(head: Head) -> Head:
    numbers = (head.schema, head.clips, head.size_bytes, head.blobs)
    names = (head.created_at, head.device, *head.files.values())
    if not all(type(each) is int and each >= 0 for each in numbers):
        raise TypeError
    if not all(isinstance(each, str) for each in names) or DATABASE not in head.files:
        raise TypeError
    return head
