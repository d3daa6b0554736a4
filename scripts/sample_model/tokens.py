"""Texts as the towers read them: rows of 77 numbers, as CLIP's own tokenizer gives them."""

import functools
import gzip
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers

CONTEXT = 77
START, END = 49406, 49407
VOCABULARY_SIZE = 49408
VOCABULARY = (
    Path(__file__).parents[2] / "weavclip/assets/clip_vocabulary/bpe_simple_vocab_16e6.txt.gz"
)
WORDS = Regex(r"'s|'t|'re|'ve|'m|'ll|'d|\p{L}+|\p{N}|[^\s\p{L}\p{N}]+")


@functools.cache
def tokenizer() -> Tokenizer:
    """CLIP's byte-pair encoding without its start and end tokens."""
    lines = gzip.decompress(VOCABULARY.read_bytes()).decode("utf-8").split("\n")
    merges = [(a, b) for a, b in (line.split() for line in lines[1 : VOCABULARY_SIZE - 512 - 1])]
    letters = _byte_letters()
    words = [*letters, *(f"{letter}</w>" for letter in letters), *(a + b for a, b in merges)]
    found = Tokenizer(
        models.BPE(
            vocab={word: i for i, word in enumerate(words)},
            merges=merges,
            end_of_word_suffix="</w>",
        )
    )
    found.normalizer = normalizers.Lowercase()
    found.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(WORDS, behavior="removed", invert=True),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    return found


def _byte_letters() -> list[str]:
    """The letters that stand for the 256 bytes, the printable ones first, as in the file."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    return [*map(chr, plain), *(chr(256 + i) for i in range(256 - len(plain)))]


def encode(texts: Sequence[str]) -> NDArray[np.int32]:
    """Tokens of texts, int32 (n, 77): start, text, end, zeros; longer texts are cut."""
    rows = np.zeros((len(texts), CONTEXT), np.int32)
    for row, found in zip(rows, tokenizer().encode_batch(list(texts)), strict=True):
        ids = [START, *found.ids[: CONTEXT - 2], END]
        row[: len(ids)] = ids
    return rows
