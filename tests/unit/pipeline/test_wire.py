from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weavclip.domain import errors
from weavclip.domain.clip import Clip, Kind, new_id
from weavclip.domain.query import Addend, Answer, Evidence, Filter, Hit, Query, Way, Wording
from weavclip.pipeline import wire

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

MOMENTS = st.datetimes(
    min_value=datetime.fromisoformat("1990-01-01"),
    max_value=datetime.fromisoformat("2100-01-01"),
    timezones=st.just(UTC),
)
FILTERS: SearchStrategy[Filter] = st.builds(
    Filter,
    kinds=st.frozensets(st.sampled_from(Kind)),
    after=st.none() | MOMENTS,
    before=st.none() | MOMENTS,
    apps=st.frozensets(st.text(max_size=5), max_size=3),
    pinned=st.none() | st.booleans(),
    among=st.none() | st.frozensets(st.uuids(), max_size=3),
)


@given(
    words=st.text(max_size=40),
    picture=st.none() | st.binary(max_size=40),
    where=FILTERS,
    limit=st.integers(1, 1000),
)
def test_a_query_arrives_as_it_was_sent(
    words: str, picture: bytes | None, where: Filter, limit: int
) -> None:
    query = Query(
        words=words,
        picture=picture,
        like=new_id(),
        addends=(Addend(words=words, weight=-0.5), Addend(picture=picture)),
        wording=Wording(phrases=(words,), without_words=("a", words)),
        limit=limit,
        where=where,
    )

    assert wire.loads(wire.dumps(query)) == query


def test_an_answer_arrives_as_it_was_sent() -> None:
    at = datetime(2026, 11, 20, 9, tzinfo=timezone(timedelta(hours=1)))
    clip = Clip(
        id=new_id(),
        kind=Kind.LINK,
        mime_type="text/plain",
        preview="lone \ud800 surrogate",
        captured_at=at,
        last_copied_at=at,
        size_bytes=3,
        labels=("a", "b"),
    )
    by_words = Evidence(way=Way.WORDS, value=2.5, chance=0.5, place=1, words=("lone",))
    hit = Hit(clip=clip, relevance=0.5, distance=None, ways=(by_words,))
    answer = Answer(hits=(hit,), nearest=hit, index="exact", notes=("n",), total=1, took_ms=1.5)

    assert wire.loads(wire.dumps(answer)) == answer


@pytest.mark.parametrize("each", [e for e in vars(errors).values() if isinstance(e, type)])
def test_every_error_arrives_as_one_of_ours(each: type[errors.WeavclipError]) -> None:
    if each is errors.PartialWriteError:
        error: errors.WeavclipError = errors.PartialWriteError("m", failed={}, hint="h")
    else:
        error = each("m", hint="h")

    arrived = wire.error_from_wire(wire.error_to_wire(error))

    assert (str(arrived), arrived.hint) == ("m", "h")
    assert each is errors.PartialWriteError or type(arrived) is each


def test_a_class_that_does_not_travel_is_refused() -> None:
    with pytest.raises(TypeError, match="object does not travel"):
        wire.dumps({"x": object()})


def test_a_name_that_is_no_class_of_ours_is_refused() -> None:
    with pytest.raises(ValueError, match="'Popen' is no class"):
        wire.loads(b'{"$": "Popen", "v": {}}')


def test_a_class_with_other_parts_is_refused() -> None:
    with pytest.raises(ValueError, match="Filter has other parts"):
        wire.loads(b'{"$": "Filter", "v": {"colour": "blue"}}')
