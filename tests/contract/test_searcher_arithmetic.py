"""What a Searcher promises of questions that are added up."""

from __future__ import annotations

import pytest

from scripts.sample_model.drawings import named, png
from tests.contract.test_searcher import Memory, decoder, embedder, empty, filled, memory
from weavclip.domain.errors import QueryError
from weavclip.domain.query import Addend

__all__ = ["decoder", "embedder", "empty", "filled", "memory"]


def circle(*, colour: str = "red", seed: int = 90) -> bytes:
    return png(named(f"a {colour} circle on white"), seed=seed)


def test_an_addend_alone_asks_as_its_question_does(memory: Memory) -> None:
    alone = memory.ask("mountains at night")
    added = memory.ask(addends=(Addend(words="mountains at night", weight=0.5),))

    assert memory.names(added) == memory.names(alone)
    assert [hit.relevance for hit in added.hits][1:] == pytest.approx(
        [hit.relevance for hit in alone.hits][1:]
    )


def test_a_picture_and_words_meet_between_both(memory: Memory) -> None:
    both = (Addend(words="mountains at night"),)

    found = memory.names(memory.ask(picture=circle(), addends=both, everything=True))

    assert {"circle", "night"} <= set(found[:4])


def test_what_is_taken_away_falls_back(memory: Memory) -> None:
    less = (Addend(picture=circle(), weight=-0.7),)

    plain = memory.names(memory.ask("a red circle", limit=100, everything=True))
    without = memory.names(memory.ask("a red circle", limit=100, everything=True, addends=less))

    assert plain[0] == "circle"
    assert without.index("circle") > plain.index("circle")


def test_clips_that_are_asked_with_do_not_answer(memory: Memory) -> None:
    likes = (Addend(clip=memory.ids["circle"]), Addend(clip=memory.ids["star"]))

    found = memory.names(memory.ask(addends=likes, everything=True))

    assert found
    assert not {"circle", "star"} & set(found)


def test_the_order_of_addends_does_not_matter(memory: Memory) -> None:
    parts = (Addend(words="a chart"), Addend(picture=circle()), Addend(words="night", weight=-0.3))

    one = memory.ask(addends=parts, everything=True)
    other = memory.ask(addends=parts[::-1], everything=True)

    assert set(memory.names(one)) == set(memory.names(other))
    assert {hit.clip.id: hit.relevance for hit in one.hits} == pytest.approx(
        {hit.clip.id: hit.relevance for hit in other.hits}, abs=1e-6
    )


def test_what_cancels_out_is_refused(memory: Memory) -> None:
    with pytest.raises(QueryError, match="cancel"):
        memory.ask("a chart", addends=(Addend(words="a chart", weight=-1),))


def test_only_something_to_keep_away_from_is_refused(memory: Memory) -> None:
    with pytest.raises(QueryError, match="keep away"):
        memory.ask(addends=(Addend(words="a chart", weight=-1),))


def test_without_a_model_the_words_that_are_added_are_found(memory: Memory) -> None:
    memory.with_model = False

    answer = memory.ask("plumber", addends=(Addend(words="review"), Addend(words="x", weight=-1)))

    assert set(memory.names(answer)) == {"invoice", "note"}
    assert len(answer.notes) == 1


def test_without_calibration_sums_have_an_order(memory: Memory) -> None:
    memory.calibrated = False

    answer = memory.ask("mountains", addends=(Addend(words="at night"),))

    assert {hit.relevance for hit in answer.hits} == {None}
