"""What the words that a text holds tell beside its meaning: the more, the rarer they are."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from statistics import median
from typing import TYPE_CHECKING

from weavclip.search.chosen import WORDS
from weavclip.search.terms import folded, occurs

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from weavclip.search.chosen import WordWeights

LEAST_PART_CHARS = 3
"""A word so long counts inside of another as well: ``tar`` in ``untar``, ``file`` in ``files``."""


@dataclass(frozen=True, slots=True)
class Spread:
    """How common words are in a memory.

    Attributes:
        among: Clips in all.
        having: How many of them have each word.
    """

    among: int = 0
    having: Mapping[str, int] = field(default_factory=dict, repr=False)

    def nats(self, word: str) -> float:
        """What it tells that a clip has the word: ``ln(1 + clips / (those that have it + 1/2))``.

        >>> round(Spread(1000, {"tar": 3}).nats("tar"), 2)
        5.66
        """
        return math.log1p(self.among / (self.having.get(word, 0) + 0.5))


@dataclass(frozen=True, slots=True)
class Told:
    """What the words of a question that one text holds tell.

    Attributes:
        nats: Natural units of information, 0 or more.
        words: Which they are.
    """

    nats: float
    words: tuple[str, ...] = field(repr=False)


def told(sought: Sequence[str], texts: Mapping[UUID, str], spread: Spread) -> dict[UUID, Told]:
    """By clip what the question's words in its text tell; those without any are left out.

    Args:
        sought: The question's content words, folded.
        texts: Of the clips that may answer; empty ones, as pictures have, say nothing of length.
        spread: How common the words are.
    """
    lengths = [len(text) for text in texts.values() if text]
    middle = median(lengths) if lengths else 1
    found = {}
    for clip_id, text in texts.items():
        if words := _held(sought, folded(text)):
            by_chance = WORDS.by_length * math.log(len(text) / middle)
            nats = math.fsum(max(0.0, spread.nats(word) - by_chance) for word in words)
            found[clip_id] = Told(nats, words)
    return found


def _held(sought: Sequence[str], text: str) -> tuple[str, ...]:
    return tuple(
        word
        for word in sought
        if (word in text if len(word) >= LEAST_PART_CHARS else occurs(word, text))
    )


def beside_meaning(nats: float, *, nearest: float, among: int, by: WordWeights = WORDS) -> float:
    """What words add to a text model's cosine.

    One word is shared by chance, two rare ones seldom: together they tell more than twice as
    much, so up to a limit their information counts squared, and what the best of so many clips
    holds by chance does not count. And the less sure the model is, the more words count: by the
    square of what the nearest text leaves open.

    Args:
        nats: From :func:`told`.
        nearest: Cosine of the nearest text, at most 1.
        among: Clips in all.
        by: How much they count.
    """
    over = max(0.0, nats - by.by_chance * math.log(max(1, among)))
    return by.by_nat * (1 - nearest) ** 2 * over * min(nats, by.most_squared)
