from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weavclip.domain.query import Way
from weavclip.search.fuse import EXACT, MOST, Finding, combined, fuse

if TYPE_CHECKING:
    import random

chances = st.floats(0, 1)
findings = st.lists(
    st.builds(
        Finding,
        clip_id=st.integers(1, 5).map(lambda number: UUID(int=number)),
        way=st.sampled_from([Way.IMAGE, Way.TEXT, Way.WORDS]),
        value=st.floats(0, 2),
        chance=chances,
        rank=st.integers(0, 50),
    ),
    max_size=12,
)


def found(number: int, way: Way, chance: float | None, rank: int = 0) -> Finding:
    return Finding(UUID(int=number), way, 0.5, chance, rank)


@given(findings, st.randoms(use_true_random=False))
def test_the_order_of_findings_changes_nothing(given_: list[Finding], by: random.Random) -> None:
    shuffled = given_.copy()
    by.shuffle(shuffled)

    assert fuse(shuffled) == fuse(given_)


@given(findings)
def test_a_finding_that_comes_twice_counts_once(given_: list[Finding]) -> None:
    assert fuse(given_ + given_) == fuse(given_)


@given(findings)
def test_a_list_falls_in_relevance_and_holds_each_clip_once(given_: list[Finding]) -> None:
    fused = fuse(given_)

    relevances = [each.relevance for each in fused]
    assert relevances == sorted(relevances, key=lambda value: value or 0, reverse=True)
    assert {each.clip_id for each in fused} == {each.clip_id for each in given_}
    assert len(fused) == len({each.clip_id for each in fused})


@given(st.lists(chances, min_size=1, max_size=4))
def test_ways_that_agree_promise_at_least_the_best_and_at_most_noisy_or(
    each: list[float],
) -> None:
    noisy_or = 1.0
    for chance in each:
        noisy_or *= 1 - chance

    assert max(each) - 1e-9 <= combined(each) <= 1 - noisy_or + 1e-9


@given(st.lists(chances, min_size=1, max_size=4), st.floats(0, 1))
def test_a_likelier_way_never_makes_a_clip_less_likely(each: list[float], more: float) -> None:
    raised = [min(1.0, each[0] + more), *each[1:]]

    assert combined(raised) >= combined(each) - 1e-9


def test_the_question_as_typed_comes_first() -> None:
    fused = fuse([found(1, Way.IMAGE, 1.0), found(2, Way.EXACT, EXACT, rank=40)])

    assert [each.clip_id.int for each in fused] == [2, 1]
    assert [each.relevance for each in fused] == [EXACT, MOST]


def test_a_short_question_inside_of_a_word_does_not_come_first() -> None:
    fused = fuse([found(1, Way.IMAGE, 0.9), found(2, Way.EXACT, 0.5)])

    assert [each.clip_id.int for each in fused] == [1, 2]


def test_without_a_probability_there_are_ranks_and_no_relevance() -> None:
    fused = fuse(
        [
            found(1, Way.IMAGE, None, rank=0),
            found(2, Way.IMAGE, None, rank=1),
            found(2, Way.WORDS, 0.2, rank=0),
            found(3, Way.EXACT, EXACT, rank=3),
        ]
    )

    assert [each.clip_id.int for each in fused] == [3, 2, 1]
    assert {each.relevance for each in fused} == {None}


def test_the_distance_is_the_least_of_any_space() -> None:
    near, far = UUID(int=1), UUID(int=2)

    fused = fuse(
        [
            Finding(near, Way.IMAGE, 0.7, 0.5, 0),
            Finding(near, Way.TEXT, 0.3, 0.5, 0),
            Finding(far, Way.WORDS, 7.0, 0.5, 0),
        ]
    )

    assert [each.distance for each in fused] == [pytest.approx(0.3), None]
