"""Draws screens with known words: a page, a table, a terminal, settings, two columns, a chat."""

from __future__ import annotations

import gzip
import io
import random
from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING

from PIL import Image, ImageDraw, ImageFont

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Font = ImageFont.FreeTypeFont | ImageFont.ImageFont

SIZE = (1920, 1080)
THEMES = {"light": ("#ffffff", "#1f2328", "#57606a"), "dark": ("#1e1e1e", "#d4d4d4", "#8b949e")}
FACES = ("DejaVuSans.ttf", "DejaVuSerif.ttf", "DejaVuSansMono.ttf", "DejaVuSansCondensed.ttf", "")
"""Debian's fonts-dejavu; the empty name is Pillow's own, which is drawn where one is absent."""
_VOCABULARY = "bpe_simple_vocab_16e6.txt.gz"
_FROM, _COUNT = 2_000, 9_000
_LEAST, _MOST = 5, 11


@dataclass(frozen=True, slots=True)
class Screen:
    """A drawn screen.

    Attributes:
        name: Its kind, theme, font and letter size.
        png: The picture.
        words: Everything that is written in it.
    """

    name: str
    png: bytes
    words: frozenset[str]


class _Page:
    """What is being drawn, and what was written."""

    def __init__(self, theme: str, face: str, size_px: int, words: Iterator[str]) -> None:
        ground, self.ink, self.faint = THEMES[theme]
        self.image = Image.new("RGB", SIZE, ground)
        self.draw = ImageDraw.Draw(self.image)
        self.size_px = size_px
        self.font = _font(face, size_px)
        self.words = words
        self.written: set[str] = set()

    def line(self, left: float, top: float, count: int, *, faint: bool = False) -> None:
        """Write so many new words."""
        words = [next(self.words) for _ in range(count)]
        self.written |= set(words)
        ink = self.faint if faint else self.ink
        self.draw.text((left, top), " ".join(words), font=self.font, fill=ink)


def screens(count: int, *, seed: int = 1) -> list[Screen]:
    """So many screens of all kinds, themes, fonts and sizes in turn; the same for one seed."""
    rng = random.Random(seed)
    vocabulary = _words()
    made = []
    for number in range(count):
        kind = list(_KINDS)[number % len(_KINDS)]
        theme = list(THEMES)[number // len(_KINDS) % 2]
        face = FACES[number % len(FACES)]
        size_px = (12, 14, 16, 20, 13)[number % 5]
        page = _Page(theme, face, size_px, iter(rng.sample(vocabulary, 2_000)))
        _KINDS[kind](page)
        out = io.BytesIO()
        page.image.save(out, "PNG")
        name = f"{kind}, {theme}, {face or 'Pillow'} {size_px} px"
        made.append(Screen(name, out.getvalue(), frozenset(page.written)))
    return made


def _page(page: _Page) -> None:
    for row in range(30):
        page.line(120, 40 + row * page.size_px * 1.7, 14 if row % 7 else 4)


def _table(page: _Page) -> None:
    for row in range(16):
        for column in range(6):
            page.line(60 + 300 * column, 60 + row * 2.6 * page.size_px, 1 + column % 2)
        page.draw.line(
            (50, 50 + row * 2.6 * page.size_px, 1880, 50 + row * 2.6 * page.size_px), page.faint
        )


def _terminal(page: _Page) -> None:
    for row in range(24):
        page.draw.text((20, 20 + row * page.size_px * 1.4), "$", font=page.font, fill="#3fb950")
        page.line(45, 20 + row * page.size_px * 1.4, 7, faint=not row % 3)


def _settings(page: _Page) -> None:
    for row in range(12):
        page.draw.rounded_rectangle(
            (40, 40 + row * 82, 900, 110 + row * 82), 8, outline=page.faint
        )
        page.line(60, 48 + row * 82, 2)
        page.line(60, 54 + row * 82 + page.size_px * 1.4, 5, faint=True)
        page.draw.ellipse((840, 60 + row * 82, 870, 90 + row * 82), fill="#2f81f7")


def _columns(page: _Page) -> None:
    for left in (80, 1000):
        for row in range(26):
            page.line(left, 60 + row * page.size_px * 1.6, 6)


def _chat(page: _Page) -> None:
    for row in range(12):
        left, top = (60, 700)[row % 2], 30 + row * 85
        page.draw.rounded_rectangle((left, top, left + 900, top + 70), 16, outline=page.faint)
        page.line(left + 20, top + 8, 1, faint=True)
        page.line(left + 20, top + 14 + page.size_px * 1.2, 6)


_KINDS: dict[str, Callable[[_Page], None]] = {
    "page": _page,
    "table": _table,
    "terminal": _terminal,
    "settings": _settings,
    "two columns": _columns,
    "chat": _chat,
}


def _font(face: str, size_px: int) -> Font:
    try:
        return ImageFont.truetype(face, size_px) if face else ImageFont.load_default(size_px)
    except OSError:
        return ImageFont.load_default(size_px)


def _words() -> list[str]:
    """Words of CLIP's vocabulary, the more frequent ones: letters alone."""
    packed = resources.files("weavclip.assets.clip_vocabulary").joinpath(_VOCABULARY).read_bytes()
    merges = gzip.decompress(packed).decode().splitlines()[1:]
    whole = ["".join(line.split())[:-4] for line in merges if line.endswith("</w>")]
    fit = [
        word
        for word in whole
        if word.isascii() and word.isalpha() and _LEAST <= len(word) <= _MOST
    ]
    return fit[_FROM : _FROM + _COUNT]
