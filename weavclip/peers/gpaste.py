"""GPaste's history (``~/.local/share/gpaste/history.xml``) of version 1.0 and 2.0.

Pictures are files in the folder ``images`` beside it. Within CDATA, ``&`` and ``>`` are written as
entities once more. Text has no time, a picture has.

References:
    GPaste, ``gpaste-file-backend.c``, ``gpaste-util.c`` (xml_encode).
"""

from __future__ import annotations

import base64
import binascii
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote
from xml.parsers import expat

from weavclip.isolation import files
from weavclip.peers.item import MOST_CONTENT_BYTES, SECRET, Item, faults, offer_of, time_of
from weavclip.peers.streams import Torn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

WHAT = "history of GPaste's"
_CHUNK_BYTES = 64 * 1024
_SPECIAL = {
    "gnome-copied-files": "x-special/gnome-copied-files",
    "text-html": "text/html",
    "text-html-utf8": "text/html",
}


def recognises(path: Path) -> bool:
    """Whether a file begins as GPaste's histories do."""
    with files.opened(path) as file:
        head = file.read(200)
    return head.lstrip().startswith(b"<?xml") and b'<history version="' in head


def read(path: Path, sniff: Callable[[bytes], str | None]) -> Iterator[Item]:
    """Every entry, the newest first.

    Raises:
        ArchiveError: If the file is damaged; those before that were yielded.
    """
    with faults(path, WHAT, Torn, expat.ExpatError), files.opened(path) as file:
        reader, place = _Reader(), 0
        while chunk := file.read(_CHUNK_BYTES):
            reader.feed(chunk)
            for entry in reader.taken():
                item = _item(entry, path, place=place, sniff=sniff)
                place += 1
                if item is not None:
                    yield item
        reader.end()


class _Entry:
    """One ``<item>``: its attributes, its text, and its values of other types."""

    def __init__(self, attributes: dict[str, str]) -> None:
        self.attributes = attributes
        self.texts: dict[str, list[str]] = {}

    def text(self, mime: str = "") -> str:
        written = "".join(self.texts.get(mime, ()))
        return written.replace("&gt;", ">").replace("&amp;", "&")


class _Reader:
    """Takes XML in pieces; refuses what declares types or entities."""

    def __init__(self) -> None:
        self._entries: list[_Entry] = []
        self._entry: _Entry | None = None
        self._mime: str | None = None
        self._held = 0
        # GPaste writes nothing else, whatever a file says of itself.
        parser = self._parser = expat.ParserCreate("utf-8")
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.StartDoctypeDeclHandler = self._refuse

    def feed(self, chunk: bytes) -> None:
        self._parser.Parse(chunk, False)

    def end(self) -> None:
        self._parser.Parse(b"", True)

    def taken(self) -> list[_Entry]:
        """The entries that were read to their end since the last call."""
        entries, self._entries = self._entries, []
        return entries

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "item":
            self._entry, self._held, self._mime = _Entry(attributes), 0, ""
        elif name == "value" and self._entry is not None:
            self._mime = attributes.get("mime", "")
            self._entry.texts[self._mime] = []  # not the blanks before it

    def _end(self, name: str) -> None:
        if name == "value":
            self._mime = None
        elif name == "item" and self._entry is not None:
            self._entries.append(self._entry)
            self._entry = self._mime = None

    def _text(self, text: str) -> None:
        if self._entry is None or self._mime is None:
            return
        self._held += len(text)
        if self._held > MOST_CONTENT_BYTES:
            raise Torn
        self._entry.texts.setdefault(self._mime, []).append(text)

    def _refuse(self, *_: object) -> None:
        raise Torn


def _item(
    entry: _Entry, path: Path, *, place: int, sniff: Callable[[bytes], str | None]
) -> Item | None:
    kind, text = entry.attributes.get("kind", ""), entry.text()
    at = _time(entry) or time_of(path, place=place)
    hints = (SECRET,) if kind == "Password" else ()
    if kind == "Image":
        contents = _picture(path, text, sniff)
        if not contents:
            return None
    else:
        contents = {"text/plain": text.encode("utf-8", "replace"), **_special(entry)}
        if kind == "Uris":
            contents["text/uri-list"] = _addresses(text).encode()
    pinned = entry.attributes.get("favourite") == "true"
    return Item(offer=offer_of(contents, at=at, hints=hints), pinned=pinned)


def _time(entry: _Entry) -> datetime | None:
    with suppress(ValueError, OverflowError, OSError, KeyError):
        return datetime.fromtimestamp(int(entry.attributes["date"]), UTC)
    return None


def _picture(path: Path, reference: str, sniff: Callable[[bytes], str | None]) -> dict[str, bytes]:
    """The picture that an entry names, from the folder beside the history and no other."""
    folder = (path.parent / "images").resolve()
    named = (folder / Path(reference).name).resolve()
    if named.parent != folder:
        return {}
    try:
        content = files.read(named, most_bytes=MOST_CONTENT_BYTES)
    except OSError:
        return {}
    mime_type = sniff(content) or ""
    return {mime_type: content} if mime_type.startswith("image/") else {}


def _special(entry: _Entry) -> dict[str, bytes]:
    found = {}
    for name, mime_type in _SPECIAL.items():
        if name in entry.texts:
            with suppress(binascii.Error, ValueError):
                found[mime_type] = base64.b64decode(entry.text(name))
    return found


def _addresses(text: str) -> str:
    lines = (line.strip() for line in text.splitlines())
    return "\r\n".join(
        line if line.startswith("file:") else f"file://{quote(line)}" for line in lines if line
    )
