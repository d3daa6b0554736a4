"""Words to tokens: CLIP's byte-pair encoding, or that of a model that brings its own."""

from __future__ import annotations

import gzip
import itertools
from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING

import numpy as np

from weavclip.domain.errors import ModelError
from weavclip.embed.cleaning import cleaned

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from numpy.typing import NDArray
    from tokenizers import Tokenizer

TOKENIZER = "tokenizer.json"
"""Of a model that brings its own, as the ``tokenizers`` package writes it."""
CONTEXT_LENGTH = 77
MOST_WINDOWS = 16
MOST_CHARACTERS = 65_536
_MERGES = 49_152 - 256 - 2
_START, _END = "<|startoftext|>", "<|endoftext|>"
_WORD_END = "</w>"
# OpenAI's pattern but for its two markers: a copied text cannot end its own encoding.
_PATTERN = r"'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"


@dataclass(frozen=True, slots=True)
class ClipTokenizer:
    """Turns texts into the numbers that a text tower or a text model reads.

    Attributes:
        encode: The tokens of a text of any length, without start and end.
        start: Token before a text.
        end: Token after a text.
        largest: The largest number that a token has.
        padding: Token that fills the rest.
    """

    encode: Callable[[str], list[int]]
    start: int
    end: int
    largest: int
    padding: int = 0

    @classmethod
    def from_vocabulary(cls, path: Path | None = None) -> ClipTokenizer:
        """CLIP's own, from its list of merges.

        Args:
            path: ``bpe_simple_vocab_16e6.txt.gz``; the package's copy when None.

        Raises:
            ModelError: If the file is not that list.

        References:
            OpenAI CLIP, ``clip/simple_tokenizer.py``.
        """
        merges = _read_merges(path)
        symbols = [*_byte_symbols(), *(each + _WORD_END for each in _byte_symbols())]
        symbols += [first + second for first, second in merges]
        symbols += [_START, _END]
        numbers = {symbol: number for number, symbol in enumerate(symbols)}
        tokenizer = _byte_pairs(numbers, merges)

        def encode(text: str) -> list[int]:
            return list(tokenizer.encode(cleaned(text)).ids)

        return cls(encode, numbers[_START], numbers[_END], largest=len(symbols) - 1)

    @classmethod
    def from_file(cls, path: Path) -> ClipTokenizer:
        """A model's own, from a ``tokenizer.json`` as the ``tokenizers`` package writes it.

        Raises:
            ModelError: If it is no such file, or does not put one token before and after a text.
        """
        tokenizer = _from_file(path)
        padding = (tokenizer.padding or {}).get("pad_id", 0)
        tokenizer.no_padding()
        tokenizer.no_truncation()
        tokenizer.encode_special_tokens = True  # a text that says [SEP] does not end there
        around = tokenizer.encode("").ids
        if len(around) != 2:  # noqa: PLR2004 - start and end
            message = f"{path.name} puts {len(around)} tokens around a text, not 2"
            raise ModelError(message)

        def encode(text: str) -> list[int]:
            return list(tokenizer.encode(text, add_special_tokens=False).ids)

        largest = tokenizer.get_vocab_size() - 1
        return cls(encode, around[0], around[1], largest=largest, padding=padding)

    def windows(self, text: str, context_length: int = CONTEXT_LENGTH) -> NDArray[np.int32]:
        """Cut a text into pieces that the text tower can read.

        CLIP learnt a position embedding for each of 77 tokens and none beyond: it cannot read a
        longer text, and OpenAI's tokenizer raises (or cuts the rest off). The rest of a copied
        text is as likely what a person looks for, so each piece is encoded by itself, and the
        embedder averages their vectors. The pieces are of nearly equal length, so each counts
        alike, and at most 16, spread over the first 65,536 characters, so one huge copy cannot
        hold up the others; its words are found by BM25 whole.

        Returns:
            Shape (n, context_length), int32, n from 1 to 16: start, tokens, end, padding.
        """
        pieces = self.pieces(text, context_length)
        rows = np.full((len(pieces), context_length), self.padding, np.int32)
        for row, piece in zip(rows, pieces, strict=True):
            row[: len(piece)] = piece
        return rows

    def pieces(
        self,
        text: str,
        context_length: int,
        *,
        window_length: int | None = None,
        most: int = MOST_WINDOWS,
        prefix: str = "",
    ) -> list[NDArray[np.int32]]:
        """The same without padding: each of shape (m,), 2 <= m <= ``context_length``.

        Args:
            text: Any.
            context_length: Tokens that the model reads, start and end included.
            window_length: Of the pieces of a text that is longer; as long as can be when None.
            most: Pieces of one text.
            prefix: Words that stand before each piece.
        """
        tokens = self.encode(prefix + text[:MOST_CHARACTERS])
        # A blank at its end is no token of its own, or belongs to the word that follows.
        before = tokens[: len(self.encode(prefix.rstrip())) if prefix else 0]
        tokens = tokens[len(before) :]
        around = len(before) + 2
        fits = len(tokens) <= context_length - around
        room = (context_length if fits else window_length or context_length) - around
        count = max(1, -(-len(tokens) // room))
        parts = np.array_split(np.asarray(tokens, np.int32), count)
        chosen = np.linspace(0, count - 1, min(count, most)).round().astype(int)
        return [
            np.concatenate([[self.start, *before], parts[number], [self.end]]).astype(np.int32)
            for number in chosen
        ]


def cut_at(path: Path) -> int | None:
    """At how many tokens a model's own tokenizer would cut a text; None where it says nothing.

    Raises:
        ModelError: If it is no such file.
    """
    length = (_from_file(path).truncation or {}).get("max_length")
    return int(length) if length else None


def _from_file(path: Path) -> Tokenizer:
    from tokenizers import Tokenizer

    try:
        return Tokenizer.from_file(str(path))
    except Exception as error:  # the package raises nothing narrower
        message = f"{path.name} is no tokenizer: {error}"
        raise ModelError(message) from error


def _read_merges(path: Path | None) -> list[tuple[str, str]]:
    name = "clip_vocabulary/bpe_simple_vocab_16e6.txt.gz"
    file = path or resources.files("weavclip.assets").joinpath(name)
    try:
        lines = gzip.decompress(file.read_bytes()).decode().split("\n")
        merges = [tuple(line.split()) for line in lines[1 : _MERGES + 1]]
    except (OSError, EOFError, UnicodeDecodeError) as error:
        message = f"{file.name} cannot be read: {error.__class__.__name__}"
        raise ModelError(message, hint="install weavclip again") from error
    pairs = [(each[0], each[1]) for each in merges if len(each) == 2]  # noqa: PLR2004 - a pair
    if len(pairs) != _MERGES:
        message = f"{file.name} has {len(pairs)} merges, not {_MERGES}"
        raise ModelError(message, hint="install weavclip again")
    return pairs


def _byte_symbols() -> Iterator[str]:
    """One printable character for each byte, in the order in which CLIP numbers them."""
    printable = [*range(ord("!"), ord("~") + 1), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = range(256 - len(printable))
    return itertools.chain(map(chr, printable), (chr(256 + number) for number in others))


def _byte_pairs(numbers: dict[str, int], merges: list[tuple[str, str]]) -> Tokenizer:
    from tokenizers import Regex, Tokenizer, models, pre_tokenizers

    tokenizer = Tokenizer(models.BPE(numbers, merges, end_of_word_suffix=_WORD_END))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(_PATTERN), behavior="removed", invert=True),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    return tokenizer
