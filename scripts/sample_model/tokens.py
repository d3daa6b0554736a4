"""Texts as the towers read them: rows of 77 numbers from CLIP's own tokenizer."""

import functools
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from weavclip.embed.tokenizer import ClipTokenizer

CONTEXT = 77
START, END = 49406, 49407
VOCABULARY_SIZE = 49408

_tokenizer = functools.cache(ClipTokenizer.from_vocabulary)


def encode(texts: Sequence[str]) -> NDArray[np.int32]:
    """Tokens of texts, int32 (n, 77): start, text, end, zeros; of a long text the beginning."""
    return np.concatenate([_tokenizer().windows(text)[:1] for text in texts])
