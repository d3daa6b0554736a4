"""Clips out of a file that weavclip exported, each proved whole before it is taken in."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass, field, replace
from functools import cache
from typing import TYPE_CHECKING, Any, BinaryIO

from weavclip.domain.errors import ArchiveError, WeavclipError
from weavclip.journal.archive import exporting, heads
from weavclip.journal.archive.records import read
from weavclip.journal.archive.tape import TapeReader
from weavclip.journal.archiving import Adopted
from weavclip.journal.vector_files import FLOAT_BYTES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from weavclip.journal.archive.records import Kept, Large
    from weavclip.journal.archiving import Archiving

MOST_LINES_BYTES = 64 * 1024 * 1024
MOST_CONTENT_BYTES = 512 * 1024 * 1024
_MOST_JSON_BYTES = 1024 * 1024
GROUP_CLIPS = 100
GROUP_BYTES = 8 * 1024 * 1024
"""Taken in at once: the agent waits no longer than that for its own commit."""

_BATCH = re.compile(r"clips/(\d{8})\.([0-9a-f]{64})\.jsonl")


@dataclass(slots=True)
class Imported:
    """What an import did.

    Attributes:
        counts: How many clips were added, merged with an equal one, and known by their id.
        expected: How many the file says it has.
        left_out_models: Whose vectors were left out, since they do not fit a model that is here.
    """

    counts: dict[Adopted, int] = field(default_factory=lambda: dict.fromkeys(Adopted, 0))
    expected: int = 0
    left_out_models: set[str] = field(default_factory=set)

    @property
    def taken(self) -> int:
        """How many clips of the file are here now."""
        return sum(self.counts.values())


def take_in(
    journal: Archiving,
    file: BinaryIO,
    *,
    name: str,
    dim_of: Callable[[str], int | None],
    progress: Callable[[int, int], None],
) -> Imported:
    """Take in the clips of an exported file. Taken again, they add nothing.

    Args:
        journal: Where they go.
        file: Its content; need not be seekable.
        name: Of the file, for messages.
        dim_of: Length of the vectors of a model that is installed here, None of another: a
            journal believes the first vector of a model, and a file is not to be that.
        progress: Told how many of how many are taken.

    Raises:
        ArchiveError: If it is damaged, cut off, or no such file; says how many were taken before.
        DiskReserveError: If free space would fall under the reserve; those before are taken.
    """
    done, dim_of = Imported(), cache(dim_of)
    try:
        for whole in _groups(_Source(file, name=name), done):
            group = [_fitting(kept, dim_of, done) for kept in whole]
            for outcome in journal.adopt(group):
                done.counts[outcome] += 1
            progress(done.taken, done.expected)
    except WeavclipError as error:
        message = f"{error}{_so_far(done)}"
        raise type(error)(message, hint=error.hint) from error
    except ValueError as error:  # of vectors: it names the lengths, and no content
        message = f"{name} has vectors that do not fit: {error}{_so_far(done)}"
        raise ArchiveError(message) from error
    return done


def _fitting(kept: Kept, dim_of: Callable[[str], int | None], done: Imported) -> Kept:
    """A clip with those of its vectors that a model here could have made."""
    fitting = {
        model: rows
        for model, rows in kept.vectors.items()
        if {len(row) // FLOAT_BYTES for row in rows.values()} == {dim_of(model)}
    }
    done.left_out_models |= kept.vectors.keys() - fitting.keys()
    return kept if len(fitting) == len(kept.vectors) else replace(kept, vectors=fitting)


def _so_far(done: Imported) -> str:
    return f"; {done.taken:,} clips before that were taken" if done.taken else ""


def _groups(source: _Source, done: Imported) -> Iterator[list[Kept]]:
    """Clips in groups to take in at once; those before a fault come before its error."""
    group: list[Kept] = []
    fault: ArchiveError | None = None
    try:
        done.expected = source.begin()
        for kept in source.clips():
            group.append(kept)
            if len(group) >= GROUP_CLIPS or sum(each.size_bytes for each in group) >= GROUP_BYTES:
                yield group
                group = []
    except ArchiveError as error:
        fault = error
    if group:
        yield group
    if fault is not None:
        raise fault


class _Source:
    """The members of an exported file, which can come in one order only."""

    def __init__(self, file: BinaryIO, *, name: str) -> None:
        self._name = name
        self._tape = TapeReader(file, name=name)

    def begin(self) -> int:
        """Read the head; how many clips it announces."""
        member = self._tape.next(most_bytes=_MOST_JSON_BYTES)
        if member is None or member.name != exporting.HEAD:
            message = f"{self._name} is no file of 'weavclip export'"
            raise ArchiveError(message, hint="docs/archive.md says which files can be read")
        head = self._json(exporting.HEAD)
        if head.get("format") != exporting.FORMAT:
            message = f"{self._name} is no file of 'weavclip export'"
            is_backup = head.get("format") == heads.FORMAT
            raise ArchiveError(message, hint="weavclip restore FILE" if is_backup else "")
        if head.get("version") != exporting.VERSION:
            message = (
                f"{self._name} has version {head.get('version')!r}, "
                f"this weavclip reads version {exporting.VERSION}"
            )
            raise ArchiveError(message, hint="install the newer weavclip that wrote it")
        clips = head.get("clips")
        return clips if isinstance(clips, int) else 0

    def clips(self) -> Iterator[Kept]:
        """Every clip, once its members are read and their digests are right."""
        number = count = 0
        while True:
            member = self._tape.next(most_bytes=MOST_LINES_BYTES)
            if member is not None and member.name == exporting.END:
                break
            number += 1
            for line in self._lines(member.name if member else "its end", number):
                yield read(line, self._fetch)
                count += 1
        self._check_end(count)

    def _lines(self, name: str, number: int) -> Iterator[bytes]:
        named = _BATCH.fullmatch(name)
        if named is None or int(named[1]) != number:
            message = f"{self._name} has {name[:80]!r} where batch {number} of clips was expected"
            raise ArchiveError(message)
        lines = self._tape.content()
        if hashlib.sha256(lines).hexdigest() != named[2]:
            raise self._damaged(name)
        start = 0
        # Line by line: a copy of each, not of all of them.
        while (end := lines.find(b"\n", start)) >= 0:
            yield lines[start:end]
            start = end + 1

    def _fetch(self, large: Large) -> bytes:
        member = self._tape.next(most_bytes=MOST_CONTENT_BYTES)
        if member is None or (member.name, member.size_bytes) != (large.name, large.size_bytes):
            found = f"{member.name[:80]!r}" if member else "its end"
            message = f"{self._name} has {found} where {large.name[:80]!r} was expected"
            raise ArchiveError(message)
        content = self._tape.content()
        if hashlib.sha256(content).hexdigest() != large.sha256:
            raise self._damaged(large.name)
        return content

    def _check_end(self, count: int) -> None:
        announced = self._json(exporting.END).get("clips")
        if announced != count:
            message = f"{self._name} holds {count} clips, its end says {announced!r}"
            raise ArchiveError(message)

    def _json(self, member: str) -> dict[str, Any]:
        try:
            found = json.loads(self._tape.content())
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, dict):
            raise self._damaged(member)
        return found

    def _damaged(self, member: str) -> ArchiveError:
        return ArchiveError(f"{self._name} is damaged: {member[:80]!r} is not what was written")
