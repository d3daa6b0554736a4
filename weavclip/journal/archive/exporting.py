"""Clips into one file: a tape of lines of JSON and of what is too large for a line."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from weavclip.domain.errors import JournalError, UnknownClipError
from weavclip.journal.archive.records import written
from weavclip.journal.archive.tape import TapeWriter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime
    from uuid import UUID

    from weavclip.domain.query import Filter
    from weavclip.journal.archive.tape import Sink
    from weavclip.journal.archiving import Archiving

FORMAT = "weavclip-clips"
VERSION = 1
HEAD = "weavclip.json"
END = "end.json"
BATCH_CLIPS = 200
BATCH_BYTES = 4 * 1024 * 1024
"""Of lines and members that are held in memory before they are written; one clip may be larger."""


@dataclass(slots=True)
class Exported:
    """What an export wrote.

    Attributes:
        clips: How many.
        left_out: Ids of clips whose content cannot be read any more.
    """

    clips: int = 0
    left_out: list[UUID] = field(default_factory=list)


@dataclass(slots=True)
class _Batch:
    """Lines that make one member, and the members that follow it."""

    lines: list[bytes] = field(default_factory=list)
    members: dict[str, bytes] = field(default_factory=dict)

    @property
    def is_full(self) -> bool:
        held = sum(map(len, self.lines)) + sum(map(len, self.members.values()))
        return len(self.lines) >= BATCH_CLIPS or held >= BATCH_BYTES


def batch_name(number: int, lines: bytes) -> str:
    """The name of a member of lines: its number, and its SHA-256."""
    return f"clips/{number:08}.{hashlib.sha256(lines).hexdigest()}.jsonl"


def export(
    journal: Archiving,
    file: Sink,
    *,
    where: Filter,
    with_vectors: bool,
    at: datetime,
    progress: Callable[[int, int], None],
) -> Exported:
    """Write the clips that pass, the oldest first.

    A clip that is forgotten meanwhile is left out.

    Args:
        journal: Where they are.
        file: Is written from its present position on, and need not be seekable.
        where: Which clips.
        with_vectors: Write raw vectors, too.
        at: When it is made.
        progress: Told how many of how many are written.
    """
    ids = journal.kept_ids(where)
    models = journal.model_ids() if with_vectors else []
    tape = TapeWriter(file, at=int(at.timestamp()))
    head = {
        "format": FORMAT,
        "version": VERSION,
        "created_at": at.isoformat(),
        "clips": len(ids),
        "models": models,
    }
    tape.add(HEAD, _json(head))
    done = Exported()
    for number, batch in enumerate(_batches(journal, ids, models, done), start=1):
        lines = b"".join(batch.lines)
        tape.add(batch_name(number, lines), lines)
        for name, content in batch.members.items():
            tape.add(name, content)
        done.clips += len(batch.lines)
        progress(done.clips, len(ids))
    tape.add(END, _json({"clips": done.clips}))
    tape.end()
    return done


def _batches(
    journal: Archiving, ids: Sequence[UUID], models: Sequence[str], done: Exported
) -> Iterator[_Batch]:
    batch = _Batch()
    for clip_id in ids:
        try:
            line, members = written(journal.kept(clip_id, models=models))
        except UnknownClipError:
            continue
        except JournalError:
            done.left_out.append(clip_id)
            continue
        batch.lines.append(line)
        batch.members |= members
        if batch.is_full:
            yield batch
            batch = _Batch()
    if batch.lines:
        yield batch


def _json(values: object) -> bytes:
    return json.dumps(values, indent=2).encode() + b"\n"
