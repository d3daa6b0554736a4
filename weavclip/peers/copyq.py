"""CopyQ's export (``copyq exportData FILE``, File > Export): a ``.cpq`` file of version 4.

A QDataStream of Qt 4.7: the header, a map of settings, then a map a tab; in its ``data`` the tab's
items, each a list of types and bytes. CopyQ keeps no times. Encrypted exports (version 5) are for
CopyQ itself.

References:
    CopyQ, ``src/gui/mainwindow.cpp`` (exportDataV4), ``src/item/serialize.cpp``; Qt, "Serializing
    Qt Data Types".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from weavclip.domain.errors import ArchiveError
from weavclip.isolation import files
from weavclip.peers.item import MOST_TYPES, SECRET, Item, faults, offer_of, time_of
from weavclip.peers.streams import Stream, Torn, inflated

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

WHAT = "export of CopyQ's"
MAGIC = b"\0\0\0\x08CopyQ v"
_READ = MAGIC + b"4"
_NULL = 0xFFFFFFFF
_MOST_NAME_BYTES = 64 * 1024
_DEEPEST = 16
_LIST_WITH_MIME_IDS = -2

# The first character of a type's name stands for its beginning.
_BEGINNINGS = (
    "",
    "application/x-copyq-owner-window-title",
    "application/x-copyq-item-notes",
    "application/x-copyq-",
    "text/plain",
    "text/html",
    "text/uri-list",
    "image/",
    "text/",
    "application/",
    "audio/",
    "video/",
)
_OWN = "application/x-copyq-"
_SECRET_MARK = "application/x-copyq-secret"  # noqa: S105 - a type's name
_BYTE_ARRAY = 12
# QVariant's types of a fixed size, in bytes: bool, int, uint, long, ulong, double, char, date,
# time, rectangles, sizes, lines and points.
_FIXED = {
    1: 1, 2: 4, 3: 4, 4: 8, 5: 8, 6: 8, 7: 2, 14: 8, 15: 4,
    19: 16, 20: 32, 21: 8, 22: 16, 23: 16, 24: 32, 25: 8, 26: 16,
}  # fmt: skip


def recognises(path: Path) -> bool:
    """Whether a file begins as CopyQ's exports do."""
    with files.opened(path) as file:
        return file.read(len(MAGIC)) == MAGIC


def read(path: Path, _sniff: Callable[[bytes], str | None]) -> Iterator[Item]:
    """The items of every tab, those at its top first.

    Raises:
        ArchiveError: If the file is damaged or of another version; those before it were yielded.
    """
    with faults(path, WHAT, Torn, UnicodeDecodeError), files.opened(path) as file:
        stream = Stream(file)
        header = stream.take(min(stream.left, len(_READ)))
        if header != _READ:
            version = header.removeprefix(MAGIC).decode("ascii", "replace")
            message = f"{path} is CopyQ's export of version {version!r}, not 4"
            raise ArchiveError(message, hint="export it again with a present CopyQ, no password")
        for _ in range(_count(stream, 6)):
            _name(stream)
            _skip_value(stream)
        place = 0
        while stream.left:
            for contents in _tab(stream):
                yield _item(contents, path, place)
                place += 1


def _item(contents: dict[str, bytes], path: Path, place: int) -> Item:
    # What CopyQ marked as secret, it hides itself.
    hints = (SECRET,) if _SECRET_MARK in contents else ()
    kept = {name: content for name, content in contents.items() if not name.startswith(_OWN)}
    return Item(offer=offer_of(kept, at=time_of(path, place=place), hints=hints))


def _tab(stream: Stream) -> Iterator[dict[str, bytes]]:
    for _ in range(_count(stream, 6)):
        name = _name(stream)
        if name != "data":
            _skip_value(stream)
            continue
        if (stream.number(), stream.number("B")) != (_BYTE_ARRAY, 0):
            raise Torn
        with stream.within(stream.number()):
            for _ in range(_count(stream, 4)):
                yield _contents(stream)


def _contents(stream: Stream) -> dict[str, bytes]:
    form = stream.number("i")
    if form == _LIST_WITH_MIME_IDS:
        count = _count(stream, 6)
        return dict(_typed(stream) for _ in range(min(count, MOST_TYPES + 1)))
    if not 0 <= form <= MOST_TYPES:
        raise Torn
    return {_name(stream): _inflated_if_any(_bytes(stream)) for _ in range(form)}


def _typed(stream: Stream) -> tuple[str, bytes]:
    name = _name(stream)
    if not name or name[0] not in "0123456789ab":
        raise Torn
    mime_type = _BEGINNINGS[int(name[0], 16)] + name[1:]
    is_compressed = stream.number("B")
    content = _bytes(stream)
    return mime_type, inflated(content) if is_compressed else content


def _inflated_if_any(content: bytes) -> bytes:
    return inflated(content) if content else b""


def _count(stream: Stream, least_bytes: int) -> int:
    """A number of things of at least so many bytes each."""
    count = stream.number()
    if count * least_bytes > stream.left:
        raise Torn
    return count


def _bytes(stream: Stream) -> bytes:
    size_bytes = stream.number()
    return b"" if size_bytes == _NULL else stream.take(size_bytes)


def _name(stream: Stream) -> str:
    size_bytes = stream.number()
    if size_bytes == _NULL:
        return ""
    if size_bytes > _MOST_NAME_BYTES:
        raise Torn
    return stream.take(size_bytes).decode("utf-16-be")


def _skip_value(stream: Stream, *, depth: int = 0) -> None:
    """Pass over a QVariant: a setting."""
    kind, _is_null = stream.number(), stream.number("B")
    if depth > _DEEPEST:
        raise Torn
    if kind in _FIXED:
        stream.skip(_FIXED[kind])
    elif kind in {10, 12}:  # string, bytes
        _skip_text(stream)
    elif kind == 11:  # noqa: PLR2004 - strings
        for _ in range(_count(stream, 4)):
            _skip_text(stream)
    elif kind in {8, 28, 9}:  # map, hash, list
        for _ in range(_count(stream, 5)):
            if kind != 9:  # noqa: PLR2004 - list
                _skip_text(stream)
            _skip_value(stream, depth=depth + 1)
    elif kind:
        raise Torn


def _skip_text(stream: Stream) -> None:
    size_bytes = stream.number()
    stream.skip(0 if size_bytes == _NULL else size_bytes)
