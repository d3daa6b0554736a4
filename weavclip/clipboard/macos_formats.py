r"""macOS' uniform type identifiers as MIME types, and back.

References:
    Apple, "NSPasteboard.PasteboardType" and "System-Declared Uniform Type Identifiers";
    https://nspasteboard.org for the types by which programs mark what must not be kept.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from weavclip.clipboard.formats import HTML, MARKER, PLAIN, URIS

if TYPE_CHECKING:
    from collections.abc import Mapping

# No MIME type may name pasteboard content: it is no valid identifier there.
MARK = "weavclip.clip-id"
SOURCE, REMOTE = "org.nspasteboard.source", "com.apple.is-remote-clipboard"
FILE_NAMES = "NSFilenamesPboardType"
FILE_URL, LINK, TEXT = "public.file-url", "public.url", "public.utf8-plain-text"

# In order of preference for each MIME type; older names come after the newer.
_MIME_TYPES = {
    FILE_URL: URIS,
    FILE_NAMES: URIS,
    "public.png": "image/png",
    "Apple PNG pasteboard type": "image/png",
    "org.webmproject.webp": "image/webp",
    "public.webp": "image/webp",
    "public.jpeg": "image/jpeg",
    "public.tiff": "image/tiff",
    "NeXT TIFF v4.0 pasteboard type": "image/tiff",
    "com.microsoft.bmp": "image/bmp",
    "com.compuserve.gif": "image/gif",
    "public.html": HTML,
    "Apple HTML pasteboard type": HTML,
    TEXT: PLAIN,
    "NSStringPboardType": PLAIN,
    "public.utf16-external-plain-text": PLAIN,
    "public.utf16-plain-text": PLAIN,
    LINK: PLAIN,
    MARK: MARKER,
}
_WRITTEN = {
    "image/png": "public.png",
    "image/webp": "org.webmproject.webp",
    "image/jpeg": "public.jpeg",
    "image/tiff": "public.tiff",
    "image/bmp": "com.microsoft.bmp",
    "image/gif": "com.compuserve.gif",
    HTML: "public.html",
    PLAIN: TEXT,
}


def readable(types: frozenset[str]) -> dict[str, str]:
    """What can be read, by MIME type: the pasteboard's name that is best for it.

    >>> readable(frozenset({"NSStringPboardType", "public.utf8-plain-text", "public.rtf"}))
    {'text/plain': 'public.utf8-plain-text'}
    """
    found: dict[str, str] = {}
    for name, mime_type in _MIME_TYPES.items():
        if name in types:
            found.setdefault(mime_type, name)
    return found


def uris_of_names(raw: bytes) -> list[str]:
    r"""The file URIs of NSFilenamesPboardType, which is a property list of paths.

    >>> import plistlib
    >>> uris_of_names(plistlib.dumps(["/a b", "/c"]))
    ['file:///a%20b', 'file:///c']

    Raises:
        ValueError: If it is no such list.
    """
    import plistlib
    from xml.parsers.expat import ExpatError

    try:
        paths = plistlib.loads(raw)
    except (plistlib.InvalidFileException, ExpatError, ValueError) as error:
        message = f"is no property list ({type(error).__name__})"
        raise ValueError(message) from None
    if not isinstance(paths, list):
        message = "is no list of paths"
        raise ValueError(message)  # noqa: TRY004 - a damaged copy, not a wrong call
    return [f"file://{quote(str(path))}" for path in paths]


def items_of(representations: Mapping[str, bytes], mark: bytes) -> list[dict[str, bytes]]:
    """What is put on the pasteboard: an item a file or link, the first with all the rest.

    Args:
        representations: Bytes by MIME type.
        mark: Says that it is ours.
    """
    uris = representations.get(URIS, b"").decode(errors="replace").split()
    listed = [each for each in uris if not each.startswith("#")]
    items = [{_kind(uri): uri.encode()} for uri in listed] or [{}]
    rest = {_WRITTEN[mime]: raw for mime, raw in representations.items() if mime in _WRITTEN}
    return [{**items[0], **rest, MARK: mark}, *items[1:]]


def _kind(uri: str) -> str:
    return FILE_URL if uri.startswith("file:") else LINK
