from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weavclip.domain.clip import Kind
from weavclip.domain.errors import QueryError
from weavclip.domain.query import Filter, Wording
from weavclip.search import fields
from weavclip.search.language import Part, Reading, Sort, parts_of, read, written

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 21, 9, 12, 30, tzinfo=BERLIN)  # a Saturday


def reading(text: str) -> Reading:
    return read(text, now=NOW, zone=BERLIN)


@pytest.mark.parametrize(
    "text",
    [
        "the chart with two peaks",
        "https://example.org/a?b=c",
        "meet at 12:30",
        "std::vector<int> v;",
        r"C:\Temp\notes.txt",
        r"\\server\share",
        "git log --oneline --since=yesterday",
        "a -> next",
        "1 - 2",
        "--",
        "app::before",
        "kind://x",
        "mykind:image",
        'print("hello")',
        '5" screen',
        "note:",
        "line one\nline  two",
        "日本語 🙂",
    ],
)
def test_words_stay_as_they_are(text: str) -> None:
    found = reading(text)

    assert found == Reading(words=text, typed=(text,), wording=Wording(), where=Filter())


def test_blanks_around_a_question_are_no_part_of_it() -> None:
    assert reading("  two peaks\n").words == "two peaks"


def test_a_phrase_is_looked_for_and_has_to_be_there() -> None:
    found = reading('chart "Two peaks" blue')

    assert found.words == "chart Two peaks blue"
    assert found.typed == ('chart "Two peaks" blue',)
    assert found.wording == Wording(phrases=("Two peaks",))


def test_what_has_a_minus_is_not_looked_for() -> None:
    found = reading('chart -photo -"by night" -Größe')

    assert found.words == "chart"
    assert found.wording == Wording(
        without_phrases=("by night",), without_words=("photo", "Größe")
    )


def test_two_quotes_inside_a_phrase_are_one() -> None:
    assert reading('"say ""hi"" now"').wording.phrases == ('say "hi" now',)


def test_a_backslash_makes_a_word_of_it() -> None:
    typed = r'\-photo \"two \kind:image \-"x \\-y'

    found = reading(typed)

    assert found.words == r'-photo "two kind:image -"x \-y'
    assert found.typed == (typed, found.words)
    assert found.where == Filter()


def test_fields_say_which_clips() -> None:
    found = reading(
        'peaks kind:image,link app:firefox app:"VS Code" label:chart pinned: since:2026-11-09'
        ' before:"yesterday 14:00"'
    )

    assert found.words == "peaks"
    assert found.where == Filter(
        kinds=frozenset({Kind.IMAGE, Kind.LINK}),
        apps=frozenset({"firefox", "VS Code"}),
        labels=frozenset({"chart"}),
        pinned=True,
        after=datetime(2026, 11, 9, tzinfo=BERLIN),
        before=datetime(2026, 11, 20, 14, tzinfo=BERLIN),
    )


def test_text_is_text_with_markup_too() -> None:
    assert reading("kind:text").where.kinds == {Kind.TEXT, Kind.HTML}


@pytest.mark.parametrize("text", ["-kind:image,files", "-kind:image -kind:files"])
def test_kinds_can_be_excluded(text: str) -> None:
    assert reading(text).where.kinds == {Kind.TEXT, Kind.HTML, Kind.LINK}


@pytest.mark.parametrize(
    ("text", "pinned"),
    [("pinned:", True), ("pinned:yes", True), ("pinned:no", False), ("-pinned:", False)],
)
def test_pinned_is_yes_or_no(text: str, *, pinned: bool) -> None:
    assert reading(text).where.pinned is pinned


@pytest.mark.parametrize("night", ['"last night"', "last-night", '"letzte Nacht"'])
def test_last_night_begins_and_ends_at_its_own_hours_in_every_field(night: str) -> None:
    begins, ends = (datetime(2026, 11, *at, tzinfo=BERLIN) for at in ((20, 21), (21, 5)))

    assert reading(f"since:{night}").where == Filter(after=begins)
    assert reading(f"after:{night}").where == Filter(after=begins)
    assert reading(f"before:{night}").where == Filter(before=begins)
    assert reading(f"when:{night}").where == Filter(after=begins, before=ends)


def test_hyphens_stand_for_blanks_in_a_time() -> None:
    assert reading("since:last-week").where.after == datetime(2026, 11, 9, tzinfo=BERLIN)


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("chart kind:imag", "no kind is called 'imag'\n  chart kind:imag\n             ^^^^",
         "kind:image"),
        ("kind:banana", "no kind", "text, image, link, files, html"),
        ("app: firefox", "app: has no value\n  app: firefox\n  ^^^^", "app:firefox"),
        ('two "peaks', 'not closed\n  two "peaks\n      ^', "close the quote"),
        ("-app:firefox", "cannot be excluded", "-kind:image"),
        ("-since:yesterday", "cannot be excluded", "kind:"),
        ("since:soonish", "'soonish' is not understood\n  since:soonish\n        ^^^^^^^",
         "yesterday"),
        ("pinned:maybe", "yes or no", "pinned:no"),
        ("pinned: pinned:no", "pinned and not pinned", "leave one"),
        ("since:today before:yesterday", "no time is left", "since:"),
        ("kind:image -kind:image", "no kind is left", "leave one"),
        ('"" -" "', 'between these quotes\n  "" -" "\n  ^^^^^^^', "--plain"),
        ("面 kind:imag", "  面 kind:imag\n          ^^^^", "kind:image"),
    ],
)  # fmt: skip
def test_a_wrong_question_says_where(text: str, message: str, hint: str) -> None:
    with pytest.raises(QueryError) as caught:
        reading(text)

    assert message in str(caught.value)
    assert hint in caught.value.hint


def test_the_place_is_marked_in_a_long_question_too() -> None:
    with pytest.raises(QueryError) as caught:
        reading("word " * 100 + "kind:imag" + " word" * 100)

    _, shown, mark = str(caught.value).split("\n")
    assert shown[mark.index("^") : mark.rindex("^") + 1] == "imag"
    assert len(shown) < 80


def test_a_question_drives_no_terminal() -> None:
    with pytest.raises(QueryError) as caught:
        reading("\x1b[31m kind:imag")

    assert "\x1b" not in str(caught.value)


TEXTS = st.text(max_size=30) | st.text('ab -"\\:\n', max_size=12)
FRAGMENTS = st.sampled_from(
    ["kind:", "app:", "since:", "pinned:", "-", '"', "\\", " ", "image", "today", "x", "\n", "☕"]
)


@given(st.lists(FRAGMENTS | TEXTS, max_size=12).map("".join))
def test_any_text_is_understood_or_refused_as_a_question(text: str) -> None:
    with suppress(QueryError):
        assert isinstance(reading(text), Reading)


WORDS = st.text('ab1-"\\:', min_size=1, max_size=8) | st.text(min_size=1, max_size=8).filter(
    lambda text: not any(character.isspace() for character in text)
)
PARTS = st.lists(
    st.builds(Part, st.just(Sort.WORD), WORDS)
    | st.builds(Part, st.just(Sort.PHRASE), TEXTS, excluded=st.booleans())
    | st.builds(
        Part, st.just(Sort.FIELD), TEXTS, name=st.sampled_from(fields.NAMES),
        excluded=st.booleans(),
    ),
    max_size=6,
)  # fmt: skip


@given(PARTS)
def test_what_is_written_is_read_back(parts: list[Part]) -> None:
    text = " ".join(written(part) for part in parts)

    assert list(parts_of(text)) == parts


def test_filters_join_to_what_both_let_through() -> None:
    one = Filter(kinds=frozenset({Kind.IMAGE, Kind.LINK}), apps=frozenset({"Firefox", "mpv"}))
    other = Filter(kinds=frozenset({Kind.IMAGE}), apps=frozenset({"firefox"}), pinned=False)

    joined = fields.both(one, other)

    assert joined == Filter(
        kinds=frozenset({Kind.IMAGE}), apps=frozenset({"firefox"}), pinned=False
    )
    assert fields.both(Filter(), one) == one
    early = Filter(before=datetime(2026, 1, 1, tzinfo=UTC))
    with pytest.raises(QueryError, match="no time is left"):
        fields.both(early, Filter(after=NOW))
