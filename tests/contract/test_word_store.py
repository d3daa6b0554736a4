"""What every WordStore promises."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.journal.drafts import AT, opened, picture_draft, text_draft
from weavclip.domain.clip import Kind
from weavclip.domain.query import Filter

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from uuid import UUID

    from weavclip.journal.store import SqliteJournal

LETTERS = "abcABC äÄéÉжЖ.\"'()*%_-0"
APPS = ("", "Editor", "STRASSE", "Straße", "браузер")
LABELS = ("chart", "terminal", "photo's")

_MOMENTS = st.none() | st.integers(-3, 33).map(lambda hours: AT + timedelta(hours=hours))
_SIZES = st.none() | st.integers(0, 60)
FILTERS = st.builds(
    Filter,
    kinds=st.frozensets(st.sampled_from(Kind), max_size=3),
    after=_MOMENTS,
    before=_MOMENTS,
    apps=st.frozensets(st.sampled_from([*APPS, "editor", "strasse"]), max_size=3),
    labels=st.frozensets(st.sampled_from(LABELS), max_size=2),
    pinned=st.none() | st.booleans(),
    min_size_bytes=_SIZES,
    max_size_bytes=_SIZES,
)


@pytest.fixture(scope="module")
def journal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqliteJournal]:
    choose = random.Random(7)
    with opened(tmp_path_factory.mktemp("words")) as found:
        for number in range(60):
            text = "".join(choose.choices(LETTERS, k=choose.randint(1, 40))) + f" {number}"
            at = AT + timedelta(hours=number % 30)
            kind = choose.choice(list(Kind))
            clip_id = found.add(text_draft(text, at=at, app=choose.choice(APPS), kind=kind)).id
            found.add(text_draft(text, at=at + timedelta(hours=choose.choice([0, 5])), kind=kind))
            found.label_found({clip_id: choose.sample(LABELS, choose.randint(0, 3))}, 1)
            found.pin(clip_id, pinned=choose.random() < 0.3)
        yield found


@given(where=FILTERS, among=st.none() | st.sets(st.integers(0, 59)))
@settings(max_examples=150)
def test_a_filter_lets_through_what_it_admits(
    journal: SqliteJournal, where: Filter, among: set[int] | None
) -> None:
    if among is not None:
        every = [clip.id for clip in journal.clips(where=Filter())]
        where = replace(where, among=frozenset(every[place] for place in among))
    expected = [clip for clip in journal.clips(where=Filter()) if where.admits(clip)]

    assert list(journal.clips(where=where)) == expected
    assert journal.count(where) == len(expected)


@given(
    phrase=st.text(LETTERS, min_size=1, max_size=4) | st.text(max_size=12),
    limit=st.integers(1, 80),
    where=FILTERS,
)
@settings(max_examples=150)
def test_containing_equals_reading_every_text(
    journal: SqliteJournal, phrase: str, limit: int, where: Filter
) -> None:
    expected = [
        clip.id
        for clip in journal.clips(where=where)
        if phrase and phrase.lower() in journal.text(clip.id).lower()
    ]

    assert journal.containing(phrase, limit=limit, where=where) == expected[:limit]


@given(words=st.text() | st.text('"*()-^:+{}NEAROTD a', max_size=30), where=FILTERS)
@settings(max_examples=150)
def test_no_words_are_a_syntax_error(journal: SqliteJournal, words: str, where: Filter) -> None:
    found = journal.match_words(words, limit=70, where=where)

    assert all(match.value >= 0 for match in found)
    assert [match.value for match in found] == sorted(
        (match.value for match in found), reverse=True
    )
    clips = journal.get_many([match.id for match in found])
    assert all(where.admits(clip) for clip in clips.values())


def test_the_words_of_clips_are_counted_without_case_and_accents(empty: SqliteJournal) -> None:
    one, _ = _add(empty, "Café, café and tea", "the CAFE in\nKöln")
    picture = empty.add(picture_draft(b"png")).id
    empty.read_in_picture(picture, "tea time")

    assert empty.terms() == {
        "cafe": 2,
        "and": 1,
        "tea": 2,
        "the": 1,
        "in": 1,
        "koln": 1,
        "time": 1,
    }
    assert empty.terms(("t", "ko")) == {"tea": 2, "the": 1, "time": 1, "koln": 1}
    empty.forget([one])
    assert "and" not in empty.terms()
    assert empty.terms(("c", "te")) == {"cafe": 1, "tea": 1}


@given(where=FILTERS)
@settings(max_examples=50)
def test_every_text_is_given_once_the_last_copied_first(
    journal: SqliteJournal, where: Filter
) -> None:
    expected = [(clip.id, journal.text(clip.id)) for clip in journal.clips(where=where)]

    assert list(journal.texts(where=where)) == expected


def _add(journal: SqliteJournal, *texts: str) -> list[UUID]:
    return [journal.add(text_draft(text)).id for text in texts]


@pytest.fixture
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqliteJournal]:
    with opened(tmp_path_factory.mktemp("words")) as found:
        yield found


def test_among_no_clips_nothing_is_found(journal: SqliteJournal) -> None:
    nothing = Filter(among=frozenset())

    assert list(journal.texts(where=nothing)) == []
    assert journal.containing("peaks", limit=5, where=nothing) == []


def test_any_of_the_words_matches_and_more_are_better(empty: SqliteJournal) -> None:
    both, one, none = _add(empty, "chart with two peaks", "a chart", "something else")

    found = empty.match_words("peaks CHART", limit=9, where=Filter())

    assert [match.id for match in found] == [both, one]
    assert none not in {match.id for match in found}
    assert len(empty.match_words("peaks CHART", limit=1, where=Filter())) == 1


def test_accents_and_letter_case_do_not_part_words(empty: SqliteJournal) -> None:
    (clip_id,) = _add(empty, "Café in Zürich")

    for words in ("cafe", "CAFÉ", "zurich", "cafe\u0301"):
        assert [match.id for match in empty.match_words(words, limit=9, where=Filter())] == [
            clip_id
        ]


def test_words_in_pictures_are_found(empty: SqliteJournal) -> None:
    shot = empty.add(picture_draft(b"shot")).id
    empty.read_in_picture(shot, "draft")
    empty.read_in_picture(shot, "Revenue by quarter")

    found = empty.match_words("revenue", limit=9, where=Filter())

    assert [match.id for match in found] == [shot]
    assert empty.match_words("draft", limit=9, where=Filter()) == []
    assert empty.containing("revenue", limit=9, where=Filter()) == [shot]


def test_a_phrase_is_found_in_a_long_text_too(empty: SqliteJournal) -> None:
    long, short = _add(empty, "filler " * 20_000 + "neeDLE in it", "a needle")

    found = empty.containing("Needle", limit=9, where=Filter())

    assert set(found) == {long, short}
    assert empty.containing("needle in", limit=9, where=Filter()) == [long]
    empty.forget([long])
    assert empty.containing("needle", limit=9, where=Filter()) == [short]


def test_a_phrase_that_no_text_can_hold_finds_nothing(empty: SqliteJournal) -> None:
    _add(empty, "text")

    for phrase in ("", "\ud800", "te\0xt"):
        assert empty.containing(phrase, limit=9, where=Filter()) == []
    assert empty.match_words("\ud800 \0", limit=9, where=Filter()) == []


def test_a_string_is_found_in_the_words_of_a_picture(tmp_path: Path) -> None:
    with opened(tmp_path) as journal:
        text = journal.add(text_draft("Quarterly revenue in a text", at=AT)).id
        picture = journal.add(picture_draft(b"one", at=AT + timedelta(hours=1))).id
        other = journal.add(picture_draft(b"two", at=AT + timedelta(hours=2))).id
        journal.read_in_picture(picture, "Quarterly revenue, 2026")
        journal.read_in_picture(other, "Headquarters' costs (net) in Größe L")

        def containing(phrase: str) -> list[UUID]:
            return journal.containing(phrase, limit=10, where=Filter())

        assert containing("quarterly REVENUE") == [picture, text]
        assert containing("quarter") == [other, picture, text]
        assert containing("ters' costs (net) in gr") == [other]
        assert containing("costs (gross) in") == []
        assert containing("größe l") == [other]
        only = Filter(kinds=frozenset({Kind.TEXT}))
        assert journal.containing("quarterly revenue", limit=10, where=only) == [text]
        journal.read_in_picture(picture, "nothing of that")
        assert containing("quarterly") == [text]


def test_words_are_counted_in_texts_and_in_pictures(tmp_path: Path) -> None:
    with opened(tmp_path / "counted") as journal:
        for text in ("Kettle, kettle", "kettles", "a kettle here"):
            journal.add(text_draft(text))
        journal.read_in_picture(journal.add(picture_draft(b"pixels")).id, "a KETTLE")
        journal.index_words()

        found = journal.having(["kettle", "pot", "kettles"])

    assert found == {"kettle": 3, "pot": 0, "kettles": 1}
