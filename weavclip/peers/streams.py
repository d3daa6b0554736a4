"""Reading of binary files in which every length may be a lie."""

from __future__ import annotations

import struct
import zlib
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO

from weavclip.peers.item import MOST_CONTENT_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterator


class Torn(Exception):  # noqa: N818 - it says what the file is
    """The file ends too early, or says something that cannot be."""


class Stream:
    """Big-endian values of a file, as Qt's QDataStream writes them; never past its end."""

    def __init__(self, file: BinaryIO) -> None:
        """Read ``file`` from its beginning."""
        self._file = file
        self._end = file.seek(0, 2)
        file.seek(0)

    @property
    def left(self) -> int:
        """Bytes up to the end, or to the end of what :meth:`within` was entered for."""
        return self._end - self._file.tell()

    @contextmanager
    def within(self, size_bytes: int) -> Iterator[None]:
        """Let the file end after so many bytes; what is left of them then is skipped."""
        if not 0 <= size_bytes <= self.left:
            raise Torn
        before, self._end = self._end, self._file.tell() + size_bytes
        try:
            yield
            self._file.seek(self._end)
        finally:
            self._end = before

    def take(self, size_bytes: int) -> bytes:
        """The next bytes."""
        if not 0 <= size_bytes <= min(self.left, MOST_CONTENT_BYTES):
            raise Torn
        return self._file.read(size_bytes)

    def skip(self, size_bytes: int) -> None:
        """Leave bytes out."""
        if not 0 <= size_bytes <= self.left:
            raise Torn
        self._file.seek(size_bytes, 1)

    def number(self, form: str = "I") -> int:
        """The next number, of a format of ``struct``."""
        (found,) = struct.unpack(f">{form}", self.take(struct.calcsize(f">{form}")))
        return int(found)


def inflated(content: bytes) -> bytes:
    """What Qt's ``qCompress`` made smaller: the length in four bytes, then zlib."""
    announced = int.from_bytes(content[:4])
    if len(content) < 4 or announced > MOST_CONTENT_BYTES:  # noqa: PLR2004 - of the length
        raise Torn
    unpacker = zlib.decompressobj()
    try:
        found = unpacker.decompress(content[4:], announced + 1)
    except zlib.error as error:
        raise Torn from error
    if len(found) != announced:
        raise Torn
    return found
