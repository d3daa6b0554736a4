"""Which of the offered types are read, in order of preference, and what they become.

One table serves every source: a source asks :func:`wanted` which of its types to read, hands
the bytes to :func:`normalised`, and puts them into an offer under the MIME type.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from weavclip.clipboard.encodings import decoded, is_utf8

if TYPE_CHECKING:
    from collections.abc import Iterable

MARKER = "application/x-weavclip-id"
# Plasma's clipboard manager puts back what its owner took along, and marks it so
# (plasma-workspace, klipper/systemclipboard.cpp).
RESTORED = "application/x-kde-onlyReplaceEmpty"
PLAIN, HTML, URIS = "text/plain", "text/html", "text/uri-list"

# What GNOME's, MATE's and Cinnamon's file managers add: a line "copy" or "cut", then the URIs.
_COPIED_FILES = ("x-special/gnome-copied-files", "x-special/mate-copied-files")
_FILES = (URIS, *_COPIED_FILES)
_IMAGES = {
    "image/png": "image/png",
    "image/webp": "image/webp",
    "image/jpeg": "image/jpeg",
    "image/jpg": "image/jpeg",
    "image/tiff": "image/tiff",
    "image/bmp": "image/bmp",
    "image/x-bmp": "image/bmp",
    "image/x-MS-bmp": "image/bmp",
    "image/gif": "image/gif",
}
_TEXTS = (
    "UTF8_STRING",
    "text/plain;charset=utf-8",
    "text/plain;charset=UTF-8",
    "text/plain",
    "COMPOUND_TEXT",
    "STRING",
    "TEXT",
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """One type to read.

    Attributes:
        native: The owner's name of the type.
        mime_type: What its content is kept under.
    """

    native: str
    mime_type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The largest representations that are read, in bytes.

    Attributes:
        max_text_bytes: Of texts, HTML and lists of files.
        max_image_bytes: Of pictures as they are encoded.
    """

    max_text_bytes: int = 10_000_000
    max_image_bytes: int = 50_000_000

    def most(self, mime_type: str) -> int:
        """The limit that holds for ``mime_type``, in bytes."""
        return self.max_image_bytes if mime_type.startswith("image/") else self.max_text_bytes

    def problem(self, mime_type: str) -> str:
        """The sentence for a representation that is over its limit."""
        kind = "image" if mime_type.startswith("image/") else "text"
        return f"{mime_type} is over max_{kind}_bytes={self.most(mime_type)}"


def wanted(types: Iterable[str]) -> tuple[Wanted, ...]:
    """What to read of an offer: at most one file list, picture, HTML and text, in this order.

    With a list of files only its text is read beside it: a file manager's picture is an icon.

    >>> [each.native for each in wanted(["STRING", "image/gif", "UTF8_STRING", "image/png"])]
    ['image/png', 'UTF8_STRING']
    >>> [each.mime_type for each in wanted(["text/plain", "image/png", "text/uri-list"])]
    ['text/uri-list', 'text/plain']
    """
    offered = frozenset(types)
    files = _first(_FILES, offered, URIS)
    picture = next((Wanted(name, mime) for name, mime in _IMAGES.items() if name in offered), None)
    html = _first((HTML,), offered, HTML)
    text = _first(_TEXTS, offered, PLAIN)
    chosen = (files, text) if files else (picture, html, text)
    return tuple(each for each in chosen if each)


def normalised(native: str, content: bytes) -> bytes:
    r"""The content as it is kept: texts and HTML in UTF-8, file lists as URIs, pictures as is.

    Args:
        native: The type's name as the owner gives it, or the one it answered with.
        content: What it answered.

    >>> normalised("STRING", b"caf\xe9").decode()
    'café'
    >>> normalised("x-special/gnome-copied-files", b"cut\nfile:///a\nfile:///b")
    b'file:///a\r\nfile:///b\r\n'
    """
    if native.startswith("image/") or _is_plain(native, content):
        return content
    text = decoded(native, content).rstrip("\0")
    if native in _COPIED_FILES:
        text = "".join(f"{uri}\r\n" for uri in text.split("\n")[1:] if uri.strip())
    return text.encode(errors="replace")


def _is_plain(native: str, content: bytes) -> bool:
    """Whether every reading of it is the same, so that 10 MB need not be held three times."""
    if native in (*_COPIED_FILES, "COMPOUND_TEXT") or b"\0" in content:
        return False
    return content.isascii() or (native != "STRING" and is_utf8(content))


def _first(names: tuple[str, ...], offered: frozenset[str], mime_type: str) -> Wanted | None:
    return next((Wanted(name, mime_type) for name in names if name in offered), None)
