"""What each space says of every candidate, not only of those that it found itself.

A clip that words found has a place in the vectors' order as well, only further down than was asked
for. Its cosine comes from the journal, so that no clip is less probable for want of a look.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from weavclip.domain.query import Match, Space
from weavclip.search.retrieve import HELD

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from weavclip.domain.clip import Clip
    from weavclip.domain.stores import Journal
    from weavclip.domain.vectors import Embedding
    from weavclip.search.question import Probe, Question
    from weavclip.search.retrieve import Found


def completed(
    found: Found, question: Question, clips: Mapping[UUID, Clip], *, journal: Journal, models: str
) -> Found:
    """The same with each candidate's distance in each space that was looked through.

    Args:
        found: What each way found.
        question: What was asked with; a space without calibration is left as it is: ranks are
            compared there, and a clip that was looked up has none.
        clips: The candidates, by the id that was found.
        journal: Has their vectors.
        models: Id of the set of models that made them.
    """
    beside = {}
    for space, near in found.near.items():
        probe = question.probes[space]
        if probe.chance is not None:
            seen = {clips[match.id].id for match in near if match.id in clips}
            left = {
                clip.id
                for clip in clips.values()
                if clip.id not in seen and _may_have(clip, space)
            }
            beside[space] = _distances(probe, journal.vectors_of(sorted(left), models, space))
    return replace(found, beside=beside)


def _may_have(clip: Clip, space: Space) -> bool:
    return space not in HELD or clip.kind in HELD[space]


def _distances(probe: Probe, raw: Mapping[UUID, Embedding]) -> list[Match]:
    if not raw:
        return []
    cosines = probe.cosines(np.stack([*raw.values()]))
    return [Match(each, 1 - float(cosine)) for each, cosine in zip(raw, cosines, strict=True)]
