"""What an offer is to a person: its kind, its words, and what makes two copies equal."""

from __future__ import annotations

import html
import io
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from weavclip.domain.clip import PREVIEW_CHARS, Draft, Kind
from weavclip.domain.equality import normalise

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from weavclip.domain.clip import Offer

TEXT = "text/plain"
HTML = "text/html"
URI_LIST = "text/uri-list"
GNOME_FILES = "x-special/gnome-copied-files"
LINK_SCHEMES = frozenset({"http", "https", "ftp", "ftps", "mailto", "magnet", "tel"})
MAX_LINK_CHARS = 4096
_BLANKS = re.compile(r"\s+")
_LINE = re.compile(r"[^\r\n]+")
_MOST_URI_CHARS = 3 * 32_768  # Windows' longest path, each character of it escaped
_DRIVE = re.compile(r"/[A-Za-z]:")
_TOKEN = re.compile(
    r"""(?isx)
      <!--(?:.*?-->|.*)
    | <(script|style)\b[^<>]*+>?(?:.*?(?=</\1)|.*)      # what is in them is no markup
    | <(?P<closing>/?)(?P<name>[a-z][^\s/<>]*+)
      (?:[^<>=]++|=\s*+(?:"[^"]*+"|'[^']*+')?+)*+>?     # a quoted value may hold < and >
    | <[!?][^<>]*+>?
    """
)
"""Comment, script, tag or declaration. No alternative fails after a long look: linear time."""
_TITLE = re.compile(r"<title\b[^<>]{0,200}>([^<]{1,1000})</title", re.IGNORECASE)
_BODY = re.compile(r"<body\b", re.IGNORECASE)
_MOST_HEAD_CHARS = 65_536
_MOST_NAME_CHARS = 300
_SILENT_TAGS = frozenset({"head", "template"})
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_BREAKING_TAGS = _HEADINGS | {
    "blockquote",
    "br",
    "div",
    "li",
    "p",
    "pre",
    "table",
    "td",
    "th",
    "tr",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Over which size one clip is skipped, whole.

    Attributes:
        text_bytes: Of text, in UTF-8.
        image_bytes: Of an encoded picture.
        image_pixels: Of a picture, as its header says.
    """

    text_bytes: int = 10_000_000
    image_bytes: int = 50_000_000
    image_pixels: int = 50_000_000


def read(offer: Offer, *, device: str = "") -> Draft | None:
    """Make a draft of what was offered; None when there is nothing in it.

    A picture with text beside it (an office program's cells) is the text, unless that text is
    only the picture's address; a picture with only markup beside it (a browser's) is the picture.
    """
    found = {name: content for name, content in offer.representations.items() if content}
    text = normalise(_decode(found.get(TEXT, b"")))
    image_type = next((name for name in found if name.startswith("image/")), None)
    paths = _paths(found)
    if paths:
        listed = {URI_LIST: found.get(URI_LIST) or found[GNOME_FILES], **found}
        draft = _of_words(Kind.FILES, URI_LIST, listed, words=paths, text=paths, at=offer.at)
    elif image_type and (not text or _is_link(text)):
        draft = _of_picture(image_type, found, at=offer.at)
    else:
        markup = _decode(found.get(HTML, b""))
        # wl-copy and xclip answer for text, too, with the bytes that they were given.
        words = "" if text == normalise(markup) else text
        words = words or normalise(plain_text(markup))
        if not words:
            return None
        kept = found if TEXT in found else {TEXT: words.encode(), **found}
        kind, mime_type = _kind_of_words(words, markup)
        text = words if kind is Kind.TEXT else _NAMED[kind](words, markup)
        draft = _of_words(kind, mime_type, kept, words=words, text=text, at=offer.at)
    return replace(draft, source_app=offer.source_app, device=device)


def _titled(words: str, markup: str) -> str:
    """The words of a page, its title before them where it is not among them."""
    head = _BODY.split(markup[:_MOST_HEAD_CHARS], maxsplit=1)[0]
    found = _TITLE.search(head)
    title = normalise(" ".join(html.unescape(found[1]).split())) if found else ""
    return words if title in words else f"{title}\n{words}"


def _named(address: str, markup: str) -> str:
    """A link's address, and under it the words that it stood behind on its page."""
    name = normalise(" ".join(plain_text(markup[:_MOST_HEAD_CHARS]).split()))[:_MOST_NAME_CHARS]
    return address if name in address or address in name else f"{address}\n{name}"


_NAMED = {Kind.HTML: _titled, Kind.LINK: _named}


def _kind_of_words(words: str, markup: str) -> tuple[Kind, str]:
    if _is_link(words):
        return Kind.LINK, TEXT
    return (Kind.HTML, HTML) if markup.strip() else (Kind.TEXT, TEXT)


def texts_of(draft: Draft) -> Iterator[str]:
    """Every text that a draft's representations hold, one after the other.

    The words, markup as it is written, and its words: a tag may part what is read as one.
    """
    if draft.text:
        yield draft.text
    for name, content in draft.representations.items():
        if name.startswith("image/") or content == draft.digest_source:
            continue
        written = _decode(content)
        yield written
        if name == HTML:
            yield plain_text(written)


def over_limit(draft: Draft, limits: Limits) -> str | None:
    """Why ``draft`` is too large, with both numbers; None when it is not."""
    if draft.kind is not Kind.IMAGE:
        texts = (c for name, c in draft.representations.items() if not name.startswith("image/"))
        size = max(map(len, texts))
        if size > limits.text_bytes:
            return f"text of {size} bytes is over max_text_bytes={limits.text_bytes}"
        return None
    size = len(draft.digest_source)
    if size > limits.image_bytes:
        return f"picture of {size} bytes is over max_image_bytes={limits.image_bytes}"
    pixels = (draft.width_px or 0) * (draft.height_px or 0)
    if pixels > limits.image_pixels:
        return f"picture of {pixels} pixels is over max_image_pixels={limits.image_pixels}"
    return None


def preview_of(text: str) -> str:
    r"""One line of at most 200 characters, blanks run together, unprintable ones replaced.

    >>> preview_of("two\nlines\x1b[31m")
    'two lines�[31m'
    """
    line = _BLANKS.sub(" ", text[: PREVIEW_CHARS * 8]).strip()
    shown = "".join(c if c.isprintable() else "\ufffd" for c in line)
    return shown if len(shown) <= PREVIEW_CHARS else shown[: PREVIEW_CHARS - 1] + "…"


def plain_text(markup: str) -> str:
    """The words of an HTML fragment, line breaks where its blocks end.

    Read by a pattern that looks at each character a few times at most: ``html.parser`` of Python
    3.11 takes half a minute for 60 KB of ``<a `` and raises at ``<![x[``, both of which any page
    can put on the clipboard.
    """
    return "\n".join(_lines_of(markup))


def _lines_of(markup: str) -> Iterator[str]:
    # A line at a time: all the pieces of 10 MB of tags at once would take 60 MB.
    pieces: list[str] = []
    silent, read_to = 0, 0
    for token in _TOKEN.finditer(markup):
        if not silent and token.start() > read_to:
            pieces.append(markup[read_to : token.start()])
        read_to = token.end()
        name = (token["name"] or "").lower()
        if name in _SILENT_TAGS:
            silent = max(0, silent - 1) if token["closing"] else silent + 1
        if pieces and name in _BREAKING_TAGS:
            yield from _lines_in(pieces)
            pieces.clear()
    if not silent:
        pieces.append(markup[read_to:])
    yield from _lines_in(pieces)


def _lines_in(pieces: list[str]) -> Iterator[str]:
    for line in html.unescape("".join(pieces)).split("\n"):
        words = " ".join(line.split())
        if words:
            yield words


def _of_words(
    kind: Kind, mime_type: str, kept: Mapping[str, bytes], *, words: str, text: str, at: datetime
) -> Draft:
    """A draft of what was copied, ``words``, that is found by ``text``."""
    source = words.encode()
    return Draft(
        kind=kind,
        mime_type=mime_type,
        representations=kept,
        text=text,
        preview=preview_of(words if kind is Kind.LINK else text),
        # Mostly the very bytes that were copied: of 10 MB the agent holds no second.
        digest_source=next((each for each in kept.values() if each == source), source),
        at=at,
    )


def _of_picture(mime_type: str, kept: Mapping[str, bytes], *, at: datetime) -> Draft:
    width, height = header_size(kept[mime_type])
    return Draft(
        kind=Kind.IMAGE,
        mime_type=mime_type,
        representations=kept,
        digest_source=kept[mime_type],
        at=at,
        width_px=width,
        height_px=height,
    )


def header_size(encoded: bytes) -> tuple[int | None, int | None]:
    """Width and height in pixels as the file's header says, without decoding; None if unknown."""
    import imagesize

    try:
        width, height = imagesize.get(io.BytesIO(encoded))
    except Exception:  # noqa: BLE001 - a hostile header may break the reader in any way; it counts as unknown
        return None, None
    return (width, height) if width > 0 and height > 0 else (None, None)


def _decode(raw: bytes) -> str:
    return raw.decode("utf-8", errors="replace")


def _paths(found: Mapping[str, bytes]) -> str:
    """The paths of copied files, one a line; empty when there are none."""
    listed = _decode(found.get(URI_LIST) or found.get(GNOME_FILES, b""))
    lines = (line[0].strip("\0 ") for line in _LINE.finditer(listed))
    paths = (_path(line) for line in lines if line.startswith("file:"))
    written = io.StringIO()  # a million short paths are 60 MB as a list
    for path in filter(None, paths):
        written.write(f"\n{path}")
    return written.getvalue()[1:]


def _path(uri: str) -> str:
    """The path that a file URI names, with a drive of Windows' as it is written there."""
    if len(uri) > _MOST_URI_CHARS:
        return ""
    try:
        path = unquote(urlsplit(uri).path)
    except ValueError:  # no address at all, such as file://[
        return ""
    return path[1:] if _DRIVE.match(path) else path


def _is_link(text: str) -> bool:
    if len(text) > MAX_LINK_CHARS or _BLANKS.search(text):
        return False
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme.lower() in LINK_SCHEMES and bool(parts.netloc or parts.path)
