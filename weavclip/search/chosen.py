"""Numbers that were chosen on corpora, since no model's calibration can find them.

Captions of one picture share few words (fitted to those that ship with weavclip, words weigh
nothing), and none of them was typed as a phrase. So what words tell is weighed by these numbers,
which are the same for every model.
"""

from __future__ import annotations

from dataclasses import dataclass

from weavclip.domain.vectors import Logistic


@dataclass(frozen=True, slots=True, kw_only=True)
class WordWeights:
    """How much words count beside a text model's cosine.

    Attributes:
        by_nat: What a squared natural unit of information adds to a cosine of 0.
        by_chance: Share of ln(clips) that the best of so many clips holds by chance.
        by_length: Nats that a word loses for each unit of ln(length / middle length): a long text
            holds words by chance.
        most_squared: From so many nats on words add up as they are.
        origin: What they are from, one sentence.
    """

    by_nat: float
    by_chance: float
    by_length: float
    most_squared: float
    origin: str


WORDS = WordWeights(
    by_nat=0.005,
    by_chance=0.4,
    by_length=0.25,
    most_squared=20.0,
    origin="commands of tldr-pages, 30-seconds-of-python and awesome-python read by "
    "all-MiniLM-L6-v2, 2026-11-21: by_nat as the three together are likeliest (scripts/bench "
    "weights), the rest tried by hand: from 0.3 to 0.7 of ln(clips) no corpus that is left out of "
    "the fit falls below the text model",
)
COVERED = Logistic(slope=8.0, intercept=-5.5)
"""Probability of a text that no text model has read, from the share of the question's words that
it holds: 3 % at a quarter, 18 % at a half, 62 % at three quarters.

From the same corpora: fits to them one by one lie between 6 % and 88 % at a half. This is a
middle, and of five tried the one whose list with CLIP's probabilities has the least log loss on
captions of photos (scripts/bench wording fusing).
"""
WITH_PHRASES = 0.5
"""Probability of a clip that has the phrases that were asked for, by hand: the other ways say in
which order such clips stand."""
