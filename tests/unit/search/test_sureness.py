from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.search.test_calibrate import made_set
from weavclip.domain.vectors import Sureness
from weavclip.search.calibrate import fit
from weavclip.search.fuse import moved
from weavclip.search.sureness import WITHOUT, cut_off, shift

SURE = Sureness(cut_off=0.1, by_candidates=0.9, usual=200, most=80)


def test_the_best_of_many_is_not_as_sure_as_the_best_of_few() -> None:
    among = [moved(0.5, shift(SURE, clips)) for clips in (10, 100, 1000, 10_000, 100_000)]

    assert among == sorted(among, reverse=True)
    assert among[:2] == [0.5, 0.5]
    assert among[1] > 2 * among[-1]


@given(st.floats(0, 1), st.integers(0, 10_000_000))
def test_what_answers_is_the_same_among_any_number(chance: float, clips: int) -> None:
    among = moved(chance, shift(SURE, clips))

    assert 0 <= among <= 1
    assert chance == pytest.approx(SURE.cut_off) or (
        (among >= cut_off(SURE, clips)) == (chance >= SURE.cut_off)
    )


def test_a_card_that_does_not_say_goes_on_as_before() -> None:
    assert shift(None, 100_000) == 0
    assert cut_off(None, 100_000) == WITHOUT


def test_a_set_says_where_answers_end_and_what_their_number_does() -> None:
    found = fit(*made_set(noise=1.0), origin="a test").sureness

    assert found is not None
    assert 0 < found.cut_off < 0.9
    assert 0 <= found.by_candidates <= 1
    assert found.most >= 10
