"""One clip as a line of JSON, with what is large in members of its own (docs/archive.md)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import mimetypes
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from weavclip.domain.clip import PREVIEW_CHARS, Clip, Kind
from weavclip.domain.errors import ArchiveError
from weavclip.domain.query import Space

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

INLINE_BYTES = 64 * 1024
"""Of a line's contents together; what is over it gets a member of its own."""

_EXTENSIONS = {"text/plain": ".txt", "text/html": ".html", "text/uri-list": ".uris"}
_TIMES = ("captured_at", "last_copied_at")


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """All that the journal keeps of one clip.

    Attributes:
        clip: Its description.
        merged_ids: Of the clips that were merged into it.
        text: The words that can be searched.
        ocr_text: The words found in the picture.
        thumbnail: A small JPEG of a picture.
        representations: Bytes by MIME type, in the order in which they were kept.
        vectors: Raw vectors by model id, each a space's float32 in little-endian bytes.
        said: What the person said of its labels: whether each applies.
    """

    clip: Clip
    merged_ids: tuple[UUID, ...] = ()
    text: str = field(default="", repr=False)
    ocr_text: str = field(default="", repr=False)
    thumbnail: bytes | None = field(default=None, repr=False)
    representations: Mapping[str, bytes] = field(repr=False)
    vectors: Mapping[str, Mapping[Space, bytes]] = field(default_factory=dict, repr=False)
    said: Mapping[str, bool] = field(default_factory=dict, repr=False)

    @property
    def size_bytes(self) -> int:
        """About what it takes in memory."""
        return sum(map(len, self.representations.values())) + len(self.text) + len(self.ocr_text)


@dataclass(frozen=True, slots=True)
class Large:
    """A content that has a member of its own.

    Attributes:
        name: Of the member.
        size_bytes: Of the content.
        sha256: Of the content, in hex.
    """

    name: str
    size_bytes: int
    sha256: str


def written(kept: Kept) -> tuple[bytes, dict[str, bytes]]:
    """A clip's line, with its end, and the contents of the members that follow, by name."""
    writer = _Writer(kept.clip.id)
    words = kept.text.encode()
    line = {
        **_described(kept.clip),
        "merged_ids": [str(each) for each in kept.merged_ids],
        "words": writer.place(words, ".txt"),
        "ocr_words": writer.place(kept.ocr_text.encode(), ".txt"),
        "thumbnail": None if kept.thumbnail is None else writer.place(kept.thumbnail, ".jpg"),
        "representations": [
            {"mime_type": name, **_same_or(content, words, writer, extension_of(name))}
            for name, content in kept.representations.items()
        ],
        "vectors": {
            model: {str(space): base64.b64encode(row).decode() for space, row in rows.items()}
            for model, rows in kept.vectors.items()
        },
        **({"said": dict(kept.said)} if kept.said else {}),
    }
    return json.dumps(line, ensure_ascii=False).encode() + b"\n", writer.members


def _same_or(content: bytes, words: bytes, writer: _Writer, extension: str) -> dict[str, object]:
    return {"same_as": "words"} if content == words else writer.place(content, extension)


class _Writer:
    """Puts contents into the line while there is room, and the others into members."""

    def __init__(self, clip_id: UUID) -> None:
        self._clip_id = clip_id
        self._room = INLINE_BYTES
        self.members: dict[str, bytes] = {}

    def place(self, content: bytes, extension: str) -> dict[str, object]:
        if len(content) <= self._room:
            self._room -= len(content)
            return _inline(content)
        name = f"blobs/{self._clip_id}/{len(self.members)}{extension}"
        self.members[name] = content
        digest = hashlib.sha256(content).hexdigest()
        return {"member": name, "size_bytes": len(content), "sha256": digest}


def _inline(content: bytes) -> dict[str, object]:
    try:
        return {"text": content.decode()}
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(content).decode()}


def extension_of(mime_type: str) -> str:
    """The end of a file name for a content of this type, such as ``.png``.

    >>> extension_of("image/png"), extension_of("application/x-;/../odd")
    ('.png', '.bin')
    """
    return _EXTENSIONS.get(mime_type) or mimetypes.guess_extension(mime_type) or ".bin"


def _described(clip: Clip) -> dict[str, object]:
    return {
        "id": str(clip.id),
        "kind": str(clip.kind),
        "mime_type": clip.mime_type,
        "preview": clip.preview,
        **{name: getattr(clip, name).isoformat() for name in _TIMES},
        "copies": clip.copies,
        "source_app": clip.source_app,
        "device": clip.device,
        "width_px": clip.width_px,
        "height_px": clip.height_px,
        "size_bytes": clip.size_bytes,
        "labels": list(clip.labels),
        "pinned": clip.pinned,
    }


def read(line: bytes, fetch: Callable[[Large], bytes]) -> Kept:
    """The clip of a line.

    Args:
        line: As :func:`written` gave it.
        fetch: Gives a member's content, asked for in the order of the members.

    Raises:
        ArchiveError: If it is none; the message has no word of it.
    """
    try:
        return _kept(json.loads(line), fetch)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        # The error's text may quote what it could not read.
        message = f"a line of {len(line)} bytes describes no clip ({type(error).__name__})"
        raise ArchiveError(message) from None


def _kept(found: Mapping[str, Any], fetch: Callable[[Large], bytes]) -> Kept:
    words = _content(found["words"], fetch)
    ocr_words = _content(found["ocr_words"], fetch)
    thumbnail = found["thumbnail"]
    jpeg = None if thumbnail is None else _content(thumbnail, fetch)
    representations = dict(_representations(found["representations"], words, fetch))
    if len(representations) != len(found["representations"]):
        message = "a type occurs twice"
        raise ValueError(message)
    return Kept(
        clip=_clip(found, len(representations[_text(found["mime_type"])])),
        merged_ids=tuple(UUID(each) for each in found["merged_ids"]),
        text=words.decode(),
        ocr_text=ocr_words.decode(),
        thumbnail=jpeg,
        representations=representations,
        vectors={_text(model): _rows(rows) for model, rows in found["vectors"].items()},
        # Files that weavclip wrote before 0.3.0 have none.
        said={_text(label): applies is True for label, applies in found.get("said", {}).items()},
    )


def _clip(found: Mapping[str, Any], size_bytes: int) -> Clip:
    first, last = (datetime.fromisoformat(found[name]) for name in _TIMES)
    return Clip(
        id=UUID(found["id"]),
        kind=Kind(found["kind"]),
        mime_type=found["mime_type"],
        preview=_text(found["preview"])[:PREVIEW_CHARS],
        captured_at=first,
        last_copied_at=last,
        copies=_number(found["copies"]),
        source_app=_text(found["source_app"]),
        device=_text(found["device"]),
        width_px=_number_or_none(found["width_px"]),
        height_px=_number_or_none(found["height_px"]),
        size_bytes=size_bytes,
        labels=tuple(_text(each) for each in found["labels"]),
        pinned=found["pinned"] is True,
    )


def _representations(
    found: Sequence[Mapping[str, Any]], words: bytes, fetch: Callable[[Large], bytes]
) -> Iterator[tuple[str, bytes]]:
    for each in found:
        same = each.get("same_as") == "words"
        yield _text(each["mime_type"]), words if same else _content(each, fetch)


def _content(found: Mapping[str, Any], fetch: Callable[[Large], bytes]) -> bytes:
    if "text" in found:
        return _text(found["text"]).encode()
    if "base64" in found:
        return _bytes(found["base64"])
    return fetch(Large(_text(found["member"]), _number(found["size_bytes"]), found["sha256"]))


def _rows(found: Mapping[str, str]) -> dict[Space, bytes]:
    rows = {Space(name): _bytes(row) for name, row in found.items()}
    if any(not row or len(row) % 4 for row in rows.values()):
        message = "a vector is no float32"
        raise ValueError(message)
    return rows


def _bytes(found: str) -> bytes:
    try:
        return base64.b64decode(found, validate=True)
    except binascii.Error as error:
        raise ValueError from error


def _text(found: object) -> str:
    if not isinstance(found, str):
        raise TypeError
    found.encode()  # a lone surrogate is no text
    return found


_MOST = 2**53
"""What every reader of JSON can count to; SQLite's integers go further."""


def _number(found: object) -> int:
    if type(found) is not int or not 0 <= found <= _MOST:
        raise TypeError
    return found


def _number_or_none(found: object) -> int | None:
    return None if found is None else _number(found)
