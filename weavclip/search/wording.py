"""Whether a clip's words hold what they must, and nothing that they must not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from weavclip.domain.equality import caseless
from weavclip.search import patterns
from weavclip.search.terms import folded, occurs

if TYPE_CHECKING:
    from weavclip.domain.query import Wording


def admits(wording: Wording, text: str) -> bool:
    """The definition, for every index: phrases as the journal finds them, words as terms.

    Args:
        wording: What must be there and what must not.
        text: The clip's text and the words in its picture.

    >>> from weavclip.domain.query import Wording
    >>> only = Wording(phrases=("Two Peaks",), without_words=("cafe",))
    >>> admits(only, "two peaks of cafes"), admits(only, "two peaks in a café")
    (True, False)
    """
    if wording.pattern and not patterns.matches(wording.pattern, text):
        return False
    lowered = caseless(text)
    if not all(caseless(phrase) in lowered for phrase in wording.phrases):
        return False
    if any(caseless(phrase) in lowered for phrase in wording.without_phrases):
        return False
    plain = folded(text) if wording.without_words else ""
    return not any(occurs(folded(word), plain) for word in wording.without_words)
