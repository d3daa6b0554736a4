"""Which texts are the same but for white space, or, of longer ones, for a few words."""

from __future__ import annotations

import hashlib
import re
import zlib
from typing import TYPE_CHECKING

import numpy as np

from weavclip.domain.clip import Kind

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Hashes = NDArray[np.uint64]

NEARLY_EQUAL = 0.85
"""Least share of three words in a row that two longer texts have in common.

One other word is allowed in about 40, two in about 80.
"""
LEAST_WORDS = 24
"""Of fewer the words must be equal: in a command or an address one letter means something else."""
MOST_CHARS = 100_000
"""Of more, too: their parts would take more time than a clip may."""
IN_A_ROW = 3
BANDS, ROWS = 8, 3
"""Of the least hashes: two texts that have 0.85 in common share a mark 0.9995 times, those that
have a tenth in common 0.008 times."""

_WORD = re.compile(r"\w+")
_INVISIBLE = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff"))
_SEEDS = np.random.default_rng(20261121).integers(0, 2**64, BANDS * ROWS, np.uint64)


def marks(text: str, kind: Kind) -> tuple[int, ...]:
    """Numbers by which a nearly equal text is found; it has at least one of them, too.

    Args:
        text: The words of a clip.
        kind: Names of files are no text that happens to have the same words.

    Returns:
        One or eight signed numbers of 64 bits; none for a text without a word.
    """
    plain = _plain(text)
    if not plain:
        return ()
    salt = b"files" if kind is Kind.FILES else b""
    parts = _parts(plain)
    if not len(parts):
        return (_number(salt, plain.encode()),)
    least = np.array([_mixed(parts ^ seed).min() for seed in _SEEDS]).reshape(BANDS, ROWS)
    return tuple(_number(salt, bytes([band]), least[band].tobytes()) for band in range(BANDS))


def is_nearly_equal(text: str, other: str) -> bool:
    r"""Whether two texts that share a mark say the same.

    >>> is_nearly_equal("git push  origin\n", "git push origin")
    True
    >>> is_nearly_equal("git push origin", "git push upstream")
    False
    """
    plain, other_plain = _plain(text), _plain(other)
    if plain == other_plain:
        return True
    parts, others = _parts(plain), _parts(other_plain)
    if not (len(parts) and len(others)):
        return False
    common = len(np.intersect1d(parts, others, assume_unique=True))
    return common / (len(parts) + len(others) - common) >= NEARLY_EQUAL


def _plain(text: str) -> str:
    return " ".join(text.translate(_INVISIBLE).split())


def _parts(plain: str) -> Hashes:
    """Hashes of every three words in a row, letter case ignored, without repeats.

    None for a text that is too short or too long for it.
    """
    words = _WORD.findall(plain.casefold()) if len(plain) <= MOST_CHARS else []
    if len(words) < LEAST_WORDS:
        return np.zeros(0, np.uint64)
    each = _mixed(np.array([zlib.crc32(word.encode()) for word in words], np.uint64))
    joined = np.zeros(len(each) - IN_A_ROW + 1, np.uint64)
    for place in range(IN_A_ROW):
        joined = _mixed(joined ^ each[place : len(joined) + place])
    return np.unique(joined)


def _mixed(values: Hashes) -> Hashes:
    """Each bit depends on each; wraps around on purpose.

    References:
        splitmix64. Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014.
    """
    found = values + np.uint64(0x9E3779B97F4A7C15)
    found = (found ^ (found >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    found = (found ^ (found >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(found ^ (found >> np.uint64(31)))


def _number(*parts: bytes) -> int:
    digest = hashlib.blake2b(b"\0".join(parts), digest_size=8).digest()
    return int.from_bytes(digest, "little", signed=True)
