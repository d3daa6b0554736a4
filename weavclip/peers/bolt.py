"""The keys and values of one bucket of a bbolt database, without its writer.

Pages of one size, the first two of which say where the newest tree of buckets begins; a branch
page leads to others, a leaf page holds keys and values, or small buckets whole. Numbers are those
of the machine that wrote it: little-endian wherever a desktop runs.

References:
    bbolt, ``internal/common/page.go``, ``meta.go``, ``bucket.go``.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from weavclip.peers.item import MOST_CONTENT_BYTES
from weavclip.peers.streams import Torn

if TYPE_CHECKING:
    from collections.abc import Iterator

MAGIC = 0xED0CDAED
VERSION = 2
_HEADER = struct.Struct("<QHHI")
_META = struct.Struct("<IIIIQQQQQ")
_CHECKSUM = struct.Struct("<Q")
_BRANCH = struct.Struct("<IIQ")
_LEAF = struct.Struct("<IIII")
_BUCKET = struct.Struct("<QQ")
_IS_BRANCH, _IS_LEAF, _IS_BUCKET = 0x01, 0x02, 0x01
_PAGE_SIZES = tuple(1 << power for power in range(10, 17))
_DEEPEST = 32


@dataclass(frozen=True, slots=True)
class _Meta:
    page_bytes: int
    root: int
    pages: int
    transaction: int


class BoltFile:
    """A database that nobody writes meanwhile, or whose newest tree is left alone so long."""

    def __init__(self, file: BinaryIO) -> None:
        """Find the newest tree.

        Raises:
            Torn: If neither of the first two pages is whole.
        """
        self._file = file
        self._size_bytes = file.seek(0, 2)
        metas = [meta for size in _PAGE_SIZES for meta in self._metas(size)]
        if not metas:
            raise Torn
        self._meta = max(metas, key=lambda meta: meta.transaction)
        self._seen: set[int] = set()

    def _metas(self, page_bytes: int) -> Iterator[_Meta]:
        for at in (0, page_bytes):
            raw = self._bytes_or_none(at + _HEADER.size, _META.size + _CHECKSUM.size)
            if raw is None:
                continue
            magic, version, size, _, root, _, _, pages, transaction = _META.unpack_from(raw)
            (checksum,) = _CHECKSUM.unpack_from(raw, _META.size)
            is_whole = checksum == fnv1a(raw[: _META.size])
            if (magic, version, size) == (MAGIC, VERSION, page_bytes) and is_whole:
                yield _Meta(size, root, pages, transaction)

    def bucket(self, name: bytes) -> tuple[int, Iterator[tuple[bytes, bytes]]]:
        """A bucket's last number, and its keys and values in the order of the keys.

        Raises:
            Torn: If there is no such bucket, or a page is damaged.
        """
        for key, flags, value in self._leaves(self._page(self._meta.root), depth=0):
            if key == name and flags & _IS_BUCKET and len(value) >= _BUCKET.size:
                root, last = _BUCKET.unpack_from(value)
                page = self._page(root) if root else value[_BUCKET.size :]
                return last, ((k, v) for k, f, v in self._leaves(page, depth=0) if not f)
        raise Torn

    def _leaves(self, page: bytes, *, depth: int) -> Iterator[tuple[bytes, int, bytes]]:
        if depth > _DEEPEST or len(page) < _HEADER.size:
            raise Torn
        _, flags, count, _ = _HEADER.unpack_from(page)
        if flags == _IS_LEAF:
            for at in _places(page, count, _LEAF.size):
                kind, start, key_bytes, value_bytes = _LEAF.unpack_from(page, at)
                key = _part(page, at + start, key_bytes)
                yield key, kind, _part(page, at + start + key_bytes, value_bytes)
        elif flags == _IS_BRANCH:
            for at in _places(page, count, _BRANCH.size):
                _, _, child = _BRANCH.unpack_from(page, at)
                yield from self._leaves(self._page(child), depth=depth + 1)
        else:
            raise Torn

    def _page(self, number: int) -> bytes:
        """A page with its overflow; each once, so that no ring of pages goes on for ever."""
        if not 1 < number < self._meta.pages or number in self._seen:
            raise Torn
        self._seen.add(number)
        size = self._meta.page_bytes
        header = self._bytes_or_none(number * size, _HEADER.size)
        if header is None:
            raise Torn
        found, _, _, overflow = _HEADER.unpack(header)
        wanted = (overflow + 1) * size
        if found != number or wanted > MOST_CONTENT_BYTES:
            raise Torn
        page = self._bytes_or_none(number * size, wanted)
        if page is None:
            raise Torn
        return page

    def _bytes_or_none(self, at: int, size_bytes: int) -> bytes | None:
        if at + size_bytes > self._size_bytes:
            return None
        self._file.seek(at)
        return self._file.read(size_bytes)


def _places(page: bytes, count: int, size_bytes: int) -> range:
    end = _HEADER.size + count * size_bytes
    if end > len(page):
        raise Torn
    return range(_HEADER.size, end, size_bytes)


def _part(page: bytes, start: int, size_bytes: int) -> bytes:
    if start + size_bytes > len(page):
        raise Torn
    return page[start : start + size_bytes]


def fnv1a(content: bytes) -> int:
    """The 64-bit FNV-1a hash.

    >>> hex(fnv1a(b"a"))
    '0xaf63dc4c8601ec8c'
    """
    found = 0xCBF29CE484222325
    for byte in content:
        found = (found ^ byte) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    return found
