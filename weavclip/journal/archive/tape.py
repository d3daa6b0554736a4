"""Tar, one member after the other, in memory that no file can make large.

``tarfile`` keeps a list of all members, and reads the extended headers of a hostile file whole;
its header of 512 bytes is all that is taken of it. A reader here gets plain files and nothing
else, and no name of a member ever becomes a path.
"""

from __future__ import annotations

import tarfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, Protocol

from weavclip.domain.errors import ArchiveError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

BLOCK = tarfile.BLOCKSIZE
CHUNK_BYTES = 1024 * 1024
_PRIVATE = 0o600
_COMPRESSED = {
    b"\x1f\x8b": "gzip -dc",
    b"\x28\xb5\x2f\xfd": "zstd -dc",
    b"\xfd7zXZ": "xz -dc",
    b"BZh": "bzip2 -dc",
}
_READ = "docs/archive.md says which files can be read"
_ENCRYPTED = {b"age-encryption.org": "age -d", b"-----BEGIN": "age -d, or gpg -d"}


@dataclass(frozen=True, slots=True)
class Member:
    """The header of one file in a tape.

    Attributes:
        name: As it is written there.
        size_bytes: Of its content.
    """

    name: str
    size_bytes: int


def on_tape(size_bytes: int) -> int:
    """What a member of this size takes, with its header.

    >>> on_tape(0), on_tape(1), on_tape(512)
    (512, 1024, 1024)
    """
    return BLOCK + size_bytes + -size_bytes % BLOCK


class Sink(Protocol):
    """What takes bytes."""

    def write(self, content: bytes, /) -> object:
        """Take all of them."""
        ...


class TapeWriter:
    """Writes members to a stream that need not be seekable."""

    def __init__(self, file: Sink, *, at: int) -> None:
        """Write to ``file``, with members of the time ``at``, in seconds since the epoch."""
        self._file = file
        self._at = at

    def add(self, name: str, content: bytes) -> None:
        """Write one member."""
        self.copy(Member(name, len(content)), [content])

    def copy(self, member: Member, chunks: Iterable[bytes]) -> None:
        """Write one member piece by piece.

        Raises:
            ArchiveError: If its content is not of the size that its header says.
        """
        self._file.write(self._header(member))
        written = 0
        for chunk in chunks:
            self._file.write(chunk)
            written += len(chunk)
        if written != member.size_bytes:
            message = f"{member.name} has {written} bytes, not {member.size_bytes}: it has changed"
            raise ArchiveError(message, hint="try again")
        self._file.write(bytes(-written % BLOCK))

    def end(self) -> None:
        """Write the two empty blocks that end a tape."""
        self._file.write(bytes(2 * BLOCK))

    def _header(self, member: Member) -> bytes:
        header = tarfile.TarInfo(member.name)
        header.size, header.mode, header.mtime = member.size_bytes, _PRIVATE, self._at
        return header.tobuf(tarfile.GNU_FORMAT)


class TapeReader:
    """Reads members in their order; each is read to its end before the next."""

    def __init__(
        self, file: BinaryIO, *, name: str, progress: Callable[[int], None] = lambda _: None
    ) -> None:
        """Read from ``file``.

        Args:
            file: Need not be seekable.
            name: Of the file, as messages say it.
            progress: Told how many bytes of it were read.
        """
        self._file = file
        self._name = name
        self._progress = progress
        self._read = 0
        self._at = "its beginning"
        self._left = 0

    def next(self, *, most_bytes: int) -> Member | None:
        """The next member's header; None at the end.

        Raises:
            ArchiveError: If there is none, it is no plain file, or over ``most_bytes``.
        """
        block = self._exactly(BLOCK)
        try:
            header = tarfile.TarInfo.frombuf(block, "utf-8", "replace")
        except tarfile.HeaderError as error:
            if not any(block):
                return None
            raise self._no_header(block) from error
        if not header.isreg() or header.issparse():
            message = f"{self._name} holds something that is no plain file, after {self._at}"
            raise ArchiveError(message)
        member = Member(header.name, header.size)
        if not 0 <= member.size_bytes <= most_bytes:
            message = (
                f"{self._name} holds a member of {member.size_bytes} bytes after {self._at}, "
                f"over the {most_bytes} that it may have"
            )
            raise ArchiveError(message)
        self._at, self._left = member.name, member.size_bytes
        return member

    def chunks(self) -> Iterator[bytes]:
        """The present member's content, at most 1 MiB at a time."""
        padding = -self._left % BLOCK
        while self._left:
            chunk = self._exactly(min(self._left, CHUNK_BYTES))
            self._left -= len(chunk)
            yield chunk
        self._exactly(padding)

    def content(self) -> bytes:
        """The present member's content, whole."""
        # Grown as it comes: a size that lies costs no memory.
        return b"".join(self.chunks())

    def _exactly(self, size_bytes: int) -> bytes:
        found = self._file.read(size_bytes)
        if len(found) != size_bytes:
            if found and not self._read:
                raise self._no_header(found)
            message = f"{self._name} ends too early, in {self._at}"
            raise ArchiveError(message, hint="copy it again: its end is missing")
        self._read += size_bytes
        self._progress(self._read)
        return found

    def _no_header(self, block: bytes) -> ArchiveError:
        for magics, what in ((_COMPRESSED, "compressed"), (_ENCRYPTED, "encrypted")):
            for magic, command in magics.items():
                if self._read <= BLOCK and block.startswith(magic):
                    message = f"{self._name} is {what}"
                    return ArchiveError(message, hint=f"{command} FILE | weavclip import -")
        if self._read <= BLOCK:
            message = f"{self._name} is no file of weavclip's"
            return ArchiveError(message, hint=_READ)
        message = f"{self._name} is damaged after {self._at}"
        return ArchiveError(message, hint="make or copy it again")
