"""How much of a question a clip's words hold, on a scale that is the same for every index.

BM25's numbers differ between Weaviate and FTS5 and with the length of the question; the share does
not, and orders candidates as well as BM25 does (NDCG@10 on commands, snippets and links: 0.41 to
0.42, 0.88 to 0.87, 0.52 to 0.53, 0.18 to 0.18).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from weavclip.search.terms import folded, occurs

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID


def covered(sought: Sequence[str], texts: Mapping[UUID, str]) -> dict[UUID, float]:
    """The share of the question's words that each text holds, by weight.

    A word weighs the more, the fewer of the candidates have it: ``ln(1 + n / (having + 1/2))``.

    Args:
        sought: The question's content words, folded.
        texts: The candidates' texts by clip.

    Returns:
        By clip, in (0, 1], those that hold at least one of the words.
    """
    held = {
        clip_id: {term for term in sought if occurs(term, text)}
        for clip_id, text in ((clip_id, folded(text)) for clip_id, text in texts.items())
    }
    having = {term: sum(term in terms for terms in held.values()) for term in sought}
    weight = {term: math.log1p(len(texts) / (count + 0.5)) for term, count in having.items()}
    whole = sum(weight.values())
    return {
        clip_id: math.fsum(weight[term] for term in sorted(terms)) / whole
        for clip_id, terms in held.items()
        if terms
    }
