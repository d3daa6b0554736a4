r"""Windows' clipboard formats as MIME types, and back.

References:
    Microsoft, "Standard Clipboard Formats", "HTML Clipboard Format", "Shell Clipboard Formats"
    (CF_HDROP, DROPFILES) and "Clipboard Formats" (those of history and cloud).
"""

from __future__ import annotations

import re
import struct
from pathlib import PureWindowsPath
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from weavclip.clipboard.dib import bmp_of, dib_of, is_v5
from weavclip.clipboard.formats import HTML, MARKER, PLAIN, URIS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

STANDARD = {
    1: "CF_TEXT",
    2: "CF_BITMAP",
    3: "CF_METAFILEPICT",
    4: "CF_SYLK",
    5: "CF_DIF",
    6: "CF_TIFF",
    7: "CF_OEMTEXT",
    8: "CF_DIB",
    9: "CF_PALETTE",
    10: "CF_PENDATA",
    11: "CF_RIFF",
    12: "CF_WAVE",
    13: "CF_UNICODETEXT",
    14: "CF_ENHMETAFILE",
    15: "CF_HDROP",
    16: "CF_LOCALE",
    17: "CF_DIBV5",
}
# Windows' names of what can be read, by the MIME type that each becomes. Of several for one
# type the owner's first is read: what Windows makes of another format comes after it.
_MIME_TYPES = {
    "PNG": "image/png",
    "image/png": "image/png",
    "image/webp": "image/webp",
    "JFIF": "image/jpeg",
    "image/jpeg": "image/jpeg",
    "CF_TIFF": "image/tiff",
    "CF_DIB": "image/bmp",
    "CF_DIBV5": "image/bmp",
    "GIF": "image/gif",
    "image/gif": "image/gif",
    "HTML Format": HTML,
    "CF_UNICODETEXT": PLAIN,
    "CF_HDROP": URIS,
    MARKER: MARKER,
}
_WRITTEN = {
    "image/png": "PNG",
    "image/jpeg": "JFIF",
    "image/gif": "GIF",
    "image/tiff": "CF_TIFF",
    "image/webp": "image/webp",
}
# A DWORD of 1 asks for the opposite of what the format's presence means elsewhere.
HISTORY = "CanIncludeInClipboardHistory"

_OFFSETS = re.compile(rb"(?m)^(StartHTML|EndHTML|StartFragment|EndFragment):\s*(-?\d+)\s*$")
_FRAGMENT = re.compile(rb"(?s)<!--\s*StartFragment\s*-->(.*)<!--\s*EndFragment\s*-->")
_BODY = re.compile(rb"(?is)(<body\b[^>]*>)(.*)(</body\s*>)")
_HTML_HEAD = (
    "Version:0.9\r\nStartHTML:{:010d}\r\nEndHTML:{:010d}\r\n"
    "StartFragment:{:010d}\r\nEndFragment:{:010d}\r\n"
)
_BEGIN, _END = b"<!--StartFragment-->", b"<!--EndFragment-->"
_PNG_END = b"IEND\xaeB`\x82"  # the last chunk's name and its sum
_DROP_FILES = struct.Struct("<IiiII")  # where the names begin, a point, its area, wide or not


def readable(names: Iterable[str]) -> dict[str, str]:
    """What can be read, by MIME type: the name of the format that it is read from."""
    found: dict[str, str] = {}
    for name in names:
        if name in _MIME_TYPES:
            found.setdefault(_MIME_TYPES[name], name)
    return found


def content_of(name: str, raw: bytes) -> bytes:
    """The content of a format as it is kept: UTF-8, URIs, a picture as a file.

    Memory may be larger than what was put into it, so each ends where it says itself.

    Raises:
        ValueError: If it is not what its format says.
    """
    if name == "CF_UNICODETEXT":
        return text_of(raw).encode()
    if name == "HTML Format":
        return html_of(raw)
    if name == "CF_HDROP":
        return "".join(f"{uri}\r\n" for uri in _uris(raw)).encode()
    if name in ("CF_DIB", "CF_DIBV5"):
        return bmp_of(raw)
    return raw[: raw.rfind(_PNG_END) + len(_PNG_END)] if _PNG_END in raw else raw


def written(representations: Mapping[str, bytes], mark: bytes) -> dict[str, bytes]:
    """The formats that programs ask for, by name, most telling first, and our mark.

    What has no form here is left out: a BMP that is damaged, or URIs that name no file.
    """
    found = {_WRITTEN[mime]: raw for mime, raw in representations.items() if mime in _WRITTEN}
    if "image/bmp" in representations:
        found |= _bitmap(representations["image/bmp"])
    if URIS in representations:
        found |= _dropped(representations[URIS])
    if HTML in representations:
        found["HTML Format"] = html_format(representations[HTML])
    if PLAIN in representations:
        found["CF_UNICODETEXT"] = unicode_text(representations[PLAIN])
    return {**found, MARKER: mark}


def text_of(raw: bytes) -> str:
    r"""The text in UTF-16 up to its NUL; what is no character becomes U+FFFD.

    >>> text_of("ä\0left over".encode("utf-16-le"))
    'ä'
    """
    text = raw[: len(raw) // 2 * 2].decode("utf-16-le", errors="replace")
    return text.partition("\0")[0]


def unicode_text(content: bytes) -> bytes:
    r"""A text in UTF-8 as CF_UNICODETEXT: lines end with CR LF, the text with NUL.

    >>> unicode_text(b"a\nb").decode("utf-16-le")
    'a\r\nb\x00'
    """
    text = content.decode(errors="replace").replace("\r\n", "\n").replace("\n", "\r\n")
    return f"{text}\0".encode("utf-16-le", errors="replace")


def html_of(raw: bytes) -> bytes:
    """The fragment in HTML Format, without the page around it.

    Its offsets count bytes; programs are met that count characters (WPF's first helper), so
    the comments that mark the fragment win where the offsets do not lie at them.
    """
    raw = raw.partition(b"\0")[0]
    offsets = {name: int(value) for name, value in _OFFSETS.findall(raw)}
    begin, end = offsets.get(b"StartFragment", -1), offsets.get(b"EndFragment", -1)
    marked = _FRAGMENT.search(raw)
    if marked and not (begin >= marked.start() and raw[:begin].endswith(b"-->")):
        return marked[1]
    if 0 <= begin <= end <= len(raw):
        return raw[begin:end]
    return marked[1] if marked else raw[max(0, offsets.get(b"StartHTML", 0)) :]


def html_format(content: bytes) -> bytes:
    """HTML in UTF-8 as HTML Format: with its offsets in bytes, and a page where it has none."""
    body = _BODY.search(content)
    before, fragment, after = (
        (content[: body.start(2)], body[2], content[body.end(2) :])
        if body
        else (b"<html><body>", content, b"</body></html>")
    )
    html = len(_HTML_HEAD.format(0, 0, 0, 0))
    begin = html + len(before) + len(_BEGIN)
    end = begin + len(fragment)
    head = _HTML_HEAD.format(html, end + len(_END) + len(after), begin, end)
    return b"".join([head.encode(), before, _BEGIN, fragment, _END, after])


def drop_files(paths: Sequence[str]) -> bytes:
    """Paths as CF_HDROP: a DROPFILES header, then each ended by NUL, and one more NUL."""
    names = "".join(f"{path}\0" for path in paths) + "\0"
    return _DROP_FILES.pack(_DROP_FILES.size, 0, 0, 0, 1) + names.encode("utf-16-le", "replace")


def path_of(uri: str) -> str:
    r"""The Windows path that a file URI names; empty when it names none.

    >>> path_of("file:///C:/Users/an%20a/b.txt")
    'C:\\Users\\an a\\b.txt'
    >>> path_of("file://server/share/x")
    '\\\\server\\share\\x'
    >>> path_of("https://example.org/")
    ''
    """
    try:
        parts = urlsplit(uri)
    except ValueError:
        return ""
    if parts.scheme != "file":
        return ""
    path = unquote(parts.path)
    if parts.netloc not in ("", "localhost"):
        return str(PureWindowsPath(f"//{parts.netloc}{path}"))
    return str(PureWindowsPath(path[1:])) if re.match(r"/[A-Za-z]:", path) else ""


def _uris(raw: bytes) -> list[str]:
    if len(raw) < _DROP_FILES.size:
        message = f"is cut short: {len(raw)} bytes"
        raise ValueError(message)
    begin, _, _, _, is_wide = _DROP_FILES.unpack_from(raw)
    # Names that are not wide are in the system's code page, which ANSI programs alone write.
    names = raw[begin:].decode("utf-16-le" if is_wide else "cp1252", errors="replace")
    listed = names.partition("\0\0")[0].split("\0")
    return [PureWindowsPath(each).as_uri() for each in listed if _is_absolute(each)]


def _is_absolute(path: str) -> bool:
    return PureWindowsPath(path).is_absolute()


def _bitmap(bmp: bytes) -> dict[str, bytes]:
    try:
        dib = dib_of(bmp)
    except ValueError:
        return {}
    return {"CF_DIBV5" if is_v5(dib) else "CF_DIB": dib}


def _dropped(uris: bytes) -> dict[str, bytes]:
    paths = [path for uri in uris.decode(errors="replace").split() if (path := path_of(uri))]
    return {"CF_HDROP": drop_files(paths)} if paths else {}
