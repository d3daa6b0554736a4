"""Histories as other managers write them, made anew from their public sources."""

from __future__ import annotations

import sqlite3
import struct
import zlib
from contextlib import closing
from typing import TYPE_CHECKING

from weavclip.peers.bolt import MAGIC, VERSION, fnv1a

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

PAGE = 4096


def text(words: str) -> bytes:
    encoded = words.encode("utf-16-be")
    return struct.pack(">I", len(encoded)) + encoded


def sized(content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + content


def variant(kind: int, value: bytes) -> bytes:
    return struct.pack(">IB", kind, 0) + value


def mapped(values: Mapping[str, bytes]) -> bytes:
    pairs = b"".join(text(name) + value for name, value in values.items())
    return struct.pack(">I", len(values)) + pairs


def copyq_item(contents: Mapping[str, bytes], *, compress: bool = False) -> bytes:
    """One item as CopyQ 3 and later write it."""
    parts = [struct.pack(">iI", -2, len(contents))]
    for mime_type, content in contents.items():
        kept = struct.pack(">I", len(content)) + zlib.compress(content) if compress else content
        parts.append(text(f"0{mime_type}") + bytes([compress]) + sized(kept))
    return b"".join(parts)


def old_copyq_item(contents: Mapping[str, bytes]) -> bytes:
    """One item as CopyQ 2 wrote it."""
    parts = [struct.pack(">i", len(contents))]
    for mime_type, content in contents.items():
        parts.append(
            text(mime_type) + sized(struct.pack(">I", len(content)) + zlib.compress(content))
        )
    return b"".join(parts)


def copyq(
    tabs: Sequence[Sequence[bytes]], *, settings: Mapping[str, bytes] | None = None
) -> bytes:
    parts = [sized(b"CopyQ v4"), mapped(settings or {})]
    for number, items in enumerate(tabs):
        listed = struct.pack(">I", len(items)) + b"".join(items)
        values = {"name": variant(10, text(f"tab {number}")), "data": variant(12, sized(listed))}
        parts.append(mapped(values))
    return b"".join(parts)


def page(number: int, flags: int, count: int, body: bytes, *, overflow: int = 0) -> bytes:
    whole = struct.pack("<QHHI", number, flags, count, overflow) + body
    return whole.ljust((overflow + 1) * PAGE, b"\0")


def leaf(number: int, entries: Sequence[tuple[int, bytes, bytes]]) -> bytes:
    heads, contents = b"", b""
    for at, (flags, key, value) in enumerate(entries):
        start = (len(entries) - at) * 16 + len(contents)
        heads += struct.pack("<IIII", flags, start, len(key), len(value))
        contents += key + value
    overflow = (16 + len(heads) + len(contents)) // PAGE
    return page(number, 2, len(entries), heads + contents, overflow=overflow)


def branch(number: int, children: Sequence[int]) -> bytes:
    heads = b"".join(struct.pack("<IIQ", 0, 0, child) for child in children)
    return page(number, 1, len(children), heads)


def meta(number: int, *, root: int, pages: int, transaction: int) -> bytes:
    body = struct.pack("<IIIIQQQQQ", MAGIC, VERSION, PAGE, 0, root, 0, 2, pages, transaction)
    return page(number, 4, 0, body + struct.pack("<Q", fnv1a(body)))


def bolt(bucket: bytes, pages: Sequence[bytes], *, last: int, root: int) -> bytes:
    """A database with the bucket ``b``: its value, and the pages from the fourth on."""
    value = struct.pack("<QQ", root, last) + bucket
    count = 4 + sum(map(len, pages)) // PAGE
    metas = [meta(each, root=3, pages=count, transaction=each) for each in (0, 1)]
    return b"".join([*metas, page(2, 16, 0, b""), leaf(3, [(1, b"b", value)]), *pages])


def cliphist(entries: Mapping[int, bytes]) -> bytes:
    pairs = [(0, struct.pack(">Q", number), content) for number, content in entries.items()]
    return bolt(b"", [leaf(4, pairs)], last=max(entries), root=4)


def maccy(path: Path, items: Sequence[tuple[Sequence[object], Mapping[str, bytes]]]) -> None:
    """A store of Core Data: application, first and last time, copies, pin; then contents."""
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(
            "CREATE TABLE ZHISTORYITEM (Z_PK INTEGER PRIMARY KEY, Z_ENT INTEGER, Z_OPT INTEGER,"
            " ZNUMBEROFCOPIES INTEGER, ZFIRSTCOPIEDAT TIMESTAMP, ZLASTCOPIEDAT TIMESTAMP,"
            " ZAPPLICATION VARCHAR, ZPIN VARCHAR, ZTITLE VARCHAR)"
        )
        connection.execute(
            "CREATE TABLE ZHISTORYITEMCONTENT (Z_PK INTEGER PRIMARY KEY, Z_ENT INTEGER,"
            " Z_OPT INTEGER, ZITEM INTEGER, ZTYPE VARCHAR, ZVALUE BLOB)"
        )
        for number, (described, contents) in enumerate(items, start=1):
            connection.execute(
                "INSERT INTO ZHISTORYITEM (Z_PK, ZAPPLICATION, ZFIRSTCOPIEDAT, ZLASTCOPIEDAT,"
                " ZNUMBEROFCOPIES, ZPIN) VALUES (?, ?, ?, ?, ?, ?)",
                (number, *described),
            )
            connection.executemany(
                "INSERT INTO ZHISTORYITEMCONTENT (ZITEM, ZTYPE, ZVALUE) VALUES (?, ?, ?)",
                [(number, name, content) for name, content in contents.items()],
            )
