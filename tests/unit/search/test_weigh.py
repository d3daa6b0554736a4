from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast
from uuid import UUID

import numpy as np

from weavclip.domain.query import Match, Space
from weavclip.domain.vectors import Logistic
from weavclip.search.fuse import fuse
from weavclip.search.question import Probe, Question
from weavclip.search.rarity import Spread, beside_meaning, told
from weavclip.search.retrieve import Found
from weavclip.search.weigh import findings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from weavclip.domain.clip import Clip


@dataclass(frozen=True, slots=True)
class Identified:
    """All that weighing asks of a clip."""

    id: UUID


def clips_of(found: Found) -> Mapping[UUID, Clip]:
    return cast("Mapping[UUID, Clip]", {each: Identified(each) for each in found.clip_ids()})


def order(found: Found, texts: Mapping[UUID, str], words: str = "red kettle") -> list[UUID]:
    probe = Probe(np.zeros(2, np.float32), Logistic(slope=15.0, intercept=-8.0))
    question = Question(words=words, probes={Space.SENTENCE: probe})
    fused = fuse(findings(question, found, clips=clips_of(found), texts=texts))
    return [each.clip_id for each in fused]


ONE, TWO, THREE = (UUID(int=each) for each in (1, 2, 3))
SPREAD = Spread(1000, {"red": 200, "kettle": 3})


def test_beside_a_text_model_a_clip_counts_the_more_the_more_words_it_holds() -> None:
    near = [Match(each, 0.5) for each in (THREE, TWO, ONE)]
    found = Found(
        near={Space.SENTENCE: near}, words=[Match(ONE, 2.0), Match(TWO, 1.0)], spread=SPREAD
    )

    assert order(found, {ONE: "a red kettle", TWO: "a red van", THREE: "a van"}) == [
        ONE,
        TWO,
        THREE,
    ]


def test_a_rare_word_counts_more_than_a_common_one() -> None:
    near = [Match(each, 0.5) for each in (TWO, ONE)]
    found = Found(near={Space.SENTENCE: near}, spread=SPREAD)

    assert order(found, {ONE: "a kettle", TWO: "a red van"}) == [ONE, TWO]


def test_a_word_inside_of_another_counts_though_no_index_named_it() -> None:
    near = [Match(each, 0.5) for each in (TWO, ONE)]
    found = Found(near={Space.SENTENCE: near}, spread=SPREAD)

    assert order(found, {ONE: "teakettles", TWO: "a tea van"}) == [ONE, TWO]


def test_the_surer_the_text_model_is_the_less_words_count() -> None:
    unsure = [beside_meaning(10.0, nearest=each, among=1000) for each in (0.2, 0.5, 0.9, 1.0)]

    assert unsure == sorted(unsure, reverse=True)
    assert unsure[-1] == 0


def test_words_that_the_best_of_so_many_clips_has_by_chance_add_nothing() -> None:
    added = [beside_meaning(4.0, nearest=0.5, among=clips) for clips in (0, 1, 100, 1000, 10**6)]

    assert added == sorted(added, reverse=True)
    assert added[0] == added[1] > added[3] > added[4] == 0


def test_a_clip_that_words_found_has_the_cosine_that_it_has_behind_the_end_of_the_list() -> None:
    near = {Space.SENTENCE: [Match(THREE, 0.2)]}
    words = [Match(TWO, 2.0), Match(ONE, 2.0)]
    beside = {Space.SENTENCE: [Match(ONE, 0.3), Match(TWO, 0.9)]}
    found = Found(near=near, words=words, beside=beside, spread=SPREAD)

    texts = {ONE: "a red van", TWO: "a red van", THREE: "a pot"}

    assert order(found, texts) == [THREE, ONE, TWO]


def test_a_clip_that_no_text_model_has_read_is_found_by_its_words_alone() -> None:
    found = Found(near={Space.SENTENCE: [Match(ONE, 0.9)]}, words=[Match(TWO, 2.0)], spread=SPREAD)

    assert order(found, {ONE: "a pot", TWO: "a red kettle"}) == [TWO, ONE]


def test_pictures_without_words_do_not_make_texts_long() -> None:
    texts = {ONE: "a red kettle", TWO: "a pot"}
    pictures = {UUID(int=each): "" for each in range(10, 60)}

    assert told(("kettle",), texts | pictures, SPREAD) == told(("kettle",), texts, SPREAD)
