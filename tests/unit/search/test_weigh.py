from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast
from uuid import UUID

import numpy as np

from weavclip.domain.query import Match, Space
from weavclip.domain.vectors import Logistic
from weavclip.search.fuse import fuse
from weavclip.search.question import Probe, Question
from weavclip.search.retrieve import Found
from weavclip.search.weigh import findings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from weavclip.domain.clip import Clip


@dataclass(frozen=True, slots=True)
class Identified:
    """All that weighing asks of a clip."""

    id: UUID


def test_beside_a_text_model_a_clip_counts_the_more_the_more_words_it_holds() -> None:
    whole, half, neither = (UUID(int=each) for each in (1, 2, 3))
    near = [Match(each, 0.5) for each in (neither, half, whole)]
    found = Found(near={Space.SENTENCE: near}, words=[Match(whole, 2.0), Match(half, 1.0)])
    probe = Probe(np.zeros(2, np.float32), Logistic(slope=15.0, intercept=-8.0))
    question = Question(words="red kettle", probes={Space.SENTENCE: probe})
    clips = cast("Mapping[UUID, Clip]", {each: Identified(each) for each in found.clip_ids()})
    texts = {whole: "a red kettle", half: "a red van"}

    fused = fuse(findings(question, found, clips=clips, texts=texts))

    assert [each.clip_id for each in fused] == [whole, half, neither]


def test_a_clip_found_by_words_alone_is_taken_for_the_farthest_that_the_text_model_found() -> None:
    near_one, by_words = UUID(int=1), UUID(int=2)
    found = Found(near={Space.SENTENCE: [Match(near_one, 0.2)]}, words=[Match(by_words, 2.0)])
    probe = Probe(np.zeros(2, np.float32), Logistic(slope=15.0, intercept=-8.0))
    question = Question(words="red kettle lid", probes={Space.SENTENCE: probe})
    clips = cast("Mapping[UUID, Clip]", {each: Identified(each) for each in found.clip_ids()})

    fused = fuse(findings(question, found, clips=clips, texts={by_words: "a red van"}))

    assert all(each.relevance is not None and each.relevance > 0.9 for each in fused)
