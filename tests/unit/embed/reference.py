"""CLIP's tokenizer written anew from its description, slow and plain: what ours has to equal.

OpenAI CLIP, ``clip/simple_tokenizer.py``: bytes as characters, words that end in ``</w>``, the
pair that was merged first in training merged first. ftfy's part is what the texts here need.
"""

from __future__ import annotations

import gzip
import html
import itertools
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ENDINGS = ("'s", "'t", "'re", "'ve", "'m", "'ll", "'d")
CURLED = str.maketrans("\u2018\u2019\u201c\u201d", "''\"\"")


class ReferenceTokenizer:
    def __init__(self, path: Path) -> None:
        lines = gzip.decompress(path.read_bytes()).decode().split("\n")[1:48895]
        merges = [tuple(line.split()) for line in lines]
        self.ranks = {pair: rank for rank, pair in enumerate(merges)}
        self.of_byte = _characters()
        first = list(self.of_byte.values())
        symbols = [*first, *(each + "</w>" for each in first), *map("".join, merges)]
        self.numbers = {symbol: number for number, symbol in enumerate(symbols)}

    def encode(self, text: str) -> list[int]:
        text = unicodedata.normalize("NFC", html.unescape(html.unescape(text)))
        text = " ".join(text.translate(CURLED).split()).lower()
        return [number for word in _words(text) for number in self._merged(word)]

    def _merged(self, word: str) -> list[int]:
        parts = [self.of_byte[byte] for byte in word.encode()]
        parts[-1] += "</w>"
        while len(parts) > 1:
            pairs = list(itertools.pairwise(parts))
            best = min(pairs, key=lambda pair: self.ranks.get(pair, 1 << 30))
            if best not in self.ranks:
                break
            parts = list(_joined(parts, best))
        return [self.numbers[part] for part in parts]


def _joined(parts: list[str], pair: tuple[str, str]) -> Iterator[str]:
    at = 0
    while at < len(parts):
        whole = tuple(parts[at : at + 2]) == pair
        yield "".join(pair) if whole else parts[at]
        at += 2 if whole else 1


def _words(text: str) -> Iterator[str]:
    at = 0
    while at < len(text):
        ending = next((each for each in ENDINGS if text.startswith(each, at)), None)
        end = at + 1
        kind = _kind(text[at])
        if ending:
            end = at + len(ending)
        elif kind != "number":
            while end < len(text) and _kind(text[end]) == kind:
                end += 1
        if kind != "blank":
            yield text[at:end]
        at = end


def _kind(character: str) -> str:
    if character.isspace():
        return "blank"
    return {"L": "letter", "N": "number"}.get(unicodedata.category(character)[0], "other")


def _characters() -> dict[int, str]:
    shown = [*range(33, 127), *range(161, 173), *range(174, 256)]
    hidden = [byte for byte in range(256) if byte not in shown]
    return dict(zip(shown, map(chr, shown), strict=True)) | {
        byte: chr(256 + number) for number, byte in enumerate(hidden)
    }
