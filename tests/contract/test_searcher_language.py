"""What a Searcher promises of phrases, excluded words, fields and pages."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tests.contract.test_searcher import (
    DRAWINGS,
    START,
    TEXTS,
    Memory,
    decoder,
    embedder,
    empty,
    filled,
    memory,
)
from weavclip.domain.alike import Compared
from weavclip.domain.clip import Kind
from weavclip.domain.equality import normalise
from weavclip.domain.errors import QueryError
from weavclip.domain.query import Answer, Filter, Query, Way, Wording
from weavclip.search import language
from weavclip.search.terms import terms
from weavclip.search.understanding import understood

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["decoder", "embedder", "empty", "filled", "memory"]


def ask(memory: Memory, typed: str, **rest: object) -> Answer:
    query = understood(
        typed,
        Query(**rest),  # type: ignore[arg-type] # by name
        is_kept=lambda text, where: bool(memory.journal.containing(text, limit=1, where=where)),
        now=START + timedelta(days=30),
    )
    return memory.service().run(query)


def names(memory: Memory, typed: str, **rest: object) -> Sequence[str]:
    return memory.names(ask(memory, typed, **rest))


def test_only_clips_with_the_phrase_answer(memory: Memory) -> None:
    assert names(memory, '"two peaks" review', everything=True) == ["note"]
    assert names(memory, '"TWO peaks"') == ["note"]
    assert names(memory, '"peaks two"', everything=True) == []
    assert names(memory, '"two peaks" "before the"') == ["note"]
    assert names(memory, '"two peaks" "plumber"', everything=True) == []


def test_a_phrase_alone_is_as_sure_as_what_was_typed(memory: Memory) -> None:
    (hit,) = ask(memory, '"brings the"').hits

    assert hit.relevance == pytest.approx(0.99)
    assert Way.EXACT in [found.way for found in hit.ways]


def test_a_phrase_inside_of_words_is_found(memory: Memory) -> None:
    assert names(memory, '"umber\'s inv"') == ["invoice"]


def test_a_phrase_of_signs_is_found(memory: Memory) -> None:
    assert names(memory, '"-> next"') == ["code"]


def test_the_order_among_clips_with_the_phrase_is_by_the_rest(memory: Memory) -> None:
    memory.copy("other", text="ask before the plumber comes")
    memory.embed()

    assert names(memory, '"ask before the" review')[0] == "note"
    assert names(memory, '"ask before the" plumber')[0] == "other"


def test_an_excluded_word_is_in_no_answer(memory: Memory) -> None:
    assert "note" in names(memory, "ask before the review", everything=True)
    assert "note" not in names(memory, "ask before the review -Peaks", everything=True)
    assert "note" in names(memory, "ask before the review -peak", everything=True)
    assert "german" not in names(memory, "tabelle -groesse -GRÖSSE", everything=True)


def test_an_excluded_phrase_is_in_no_answer(memory: Memory) -> None:
    assert "note" not in names(memory, 'ask -"two peaks"', everything=True)
    assert "note" in names(memory, 'ask -"peaks two"', everything=True)


def test_words_in_a_picture_count_as_its_words(memory: Memory) -> None:
    memory.journal.read_in_picture(memory.ids["terminal"], "quarterly revenue")

    assert "terminal" in names(memory, "revenue")
    assert names(memory, '"arterly rev"') == ["terminal"]
    assert "terminal" not in names(memory, "a dark terminal -revenue", everything=True)


def test_what_contains_the_question_as_typed_comes_first_whatever_its_signs(
    memory: Memory,
) -> None:
    memory.copy("command line", text='rm -rf build "old files"')
    memory.embed()

    assert names(memory, 'rm -rf build "old files"')[0] == "command line"
    assert names(memory, "rm -rf build")[0] == "command line"


PASTED = (
    'said "hello world',
    "kind:foo when parsing",
    "parsing label:",
    "if kind:image then label:chart",
    "since:yesterday",
    "-old -new",
    "-since:never",
    'x = {"app:a": [1, 2], "pinned:": 3}',
    '"kind:text"',
    '"',
    '""',
    '-"" -""',
    "--",
    "-> ",
    "+=",
    "C++ -> [x] (y) {z} : 'q",
    r"\-photo \"two \kind:image",
    r"C:\Temp\"quoted",
    "pinned: pinned:no",
    "when:2026-13-45",
    "line one\r\nkind:line two",
    "cafe\u0301 kind:grand",
    "ΟΔΟΣ kind:ΟΔΟΣ",
    "https://a.org/?q=kind:x&when:y",
)


@pytest.mark.parametrize("pasted", PASTED)
def test_what_is_pasted_comes_first_whatever_its_signs(memory: Memory, pasted: str) -> None:
    memory.copy("pasted", text=normalise(f"before{pasted}ΑΣ behind"))
    memory.copy("words alone", text=", ".join(["before", *terms(pasted), "behind"]))
    memory.embed()

    for answer in (ask(memory, pasted), memory.ask(pasted)):
        assert normalise(pasted) in memory.journal.text(answer.hits[0].clip.id)


def test_what_is_no_question_is_said_above_the_clips_that_contain_it(memory: Memory) -> None:
    memory.copy("code", text="it parses kind:foo when it can")
    memory.embed()

    answer = ask(memory, "kind:foo when")

    assert memory.names(answer) == ["code"]
    (note,) = answer.notes
    assert note.splitlines() == [
        "looked for as it stands, since as a question no kind is called 'foo'",
        "  kind:foo when",
        "       ^^^",
    ]
    with pytest.raises(QueryError, match="no kind is called 'foo'"):
        ask(memory, "kind:foo if")
    with pytest.raises(QueryError, match="no kind is called 'foo'"):
        ask(memory, "kind:foo when", where=Filter(kinds=frozenset({Kind.IMAGE})))


def test_a_clip_that_contains_a_field_comes_before_what_the_field_lets_through(
    memory: Memory,
) -> None:
    memory.copy("fields", text="kind:image and kind:link are fields")
    memory.embed()
    listed = ["fields", *reversed(DRAWINGS)]

    assert names(memory, "kind:image", limit=20) == listed
    assert names(memory, "kind:image", limit=2, offset=1) == listed[1:3]
    assert names(memory, "kind:text")[0] == "fields"
    assert names(memory, "kind:image", where=Filter(kinds=frozenset({Kind.IMAGE}))) == listed[1:]


def test_a_clip_that_contains_the_fields_too_comes_first(memory: Memory) -> None:
    memory.copy("code", text="a chart kind:image of two peaks")
    memory.embed()

    found = names(memory, "a chart kind:image")

    assert found[0] == "code"
    assert set(found[1:]) <= DRAWINGS.keys()


def test_quotes_that_a_clip_has_count_more_than_the_words_between_them(memory: Memory) -> None:
    memory.copy("quoted", text='he said "brings the" twice')
    memory.embed()

    assert names(memory, '"brings the"') == ["quoted", "meeting"]


def test_a_backslash_that_a_clip_has_counts_more_than_the_word_that_it_makes(
    memory: Memory,
) -> None:
    memory.copy("escaped", text=r"write \-photo for the word")
    memory.copy("word", text="it has -photo in it")
    memory.embed()

    assert names(memory, r"\-photo")[:2] == ["escaped", "word"]


def test_a_pattern_holds_for_what_was_pasted_too(memory: Memory) -> None:
    memory.copy("one", text="kind:image 1")
    memory.copy("other", text="kind:image 22")
    memory.embed()
    query = understood("kind:image", Query(), is_kept=lambda _text, _where: False, now=START)

    answer = memory.service().run(replace(query, wording=Wording(pattern=r"\d\d")))

    assert memory.names(answer) == ["other"]


def test_fields_alone_list_the_clips_the_last_copied_first(memory: Memory) -> None:
    assert names(memory, "kind:image", limit=3) == [*reversed(DRAWINGS)][:3]
    assert names(memory, "kind:image", limit=3, offset=3) == [*reversed(DRAWINGS)][3:6]
    assert names(memory, "-peaks -invoice kind:text") == [
        name for name in reversed(TEXTS) if name not in ("note", "invoice")
    ]


def test_pages_are_parts_of_one_list(memory: Memory) -> None:
    for number in range(70):
        memory.copy(f"more {number}", text=f"peaks of number {number} in the review")
    memory.embed()

    pages = [names(memory, "peaks review", limit=10, offset=10 * page) for page in range(7)]

    found = [name for page in pages for name in page]
    assert len(found) == len(set(found)) == 70
    assert found[:10] == names(memory, "peaks review", limit=10)


def test_exclusions_are_made_up_for_from_deeper(memory: Memory) -> None:
    for number in range(120):
        memory.copy(f"more {number}", text=f"peaks {number} with a draft")
    memory.copy("wanted", text="an earlier peaks text, much longer, of other things altogether")
    memory.embed()

    assert "wanted" in names(memory, "peaks -draft kind:text", limit=3)


@pytest.mark.parametrize("offset", [-1, 995])
def test_pages_end_where_a_search_does(memory: Memory, offset: int) -> None:
    with pytest.raises(QueryError, match="1000 hits"):
        ask(memory, "peaks", limit=10, offset=offset)


def test_only_clips_that_match_the_pattern_answer(memory: Memory) -> None:
    def matching(pattern: str, typed: str = "", **rest: object) -> Sequence[str]:
        found = language.read(typed, now=START + timedelta(days=30))
        wording = replace(found.wording, pattern=pattern)
        query = Query(words=found.words, typed=found.typed, wording=wording, where=found.where)
        return memory.names(memory.service().run(replace(query, **rest)))  # type: ignore[arg-type] # by name

    assert matching(r"\b\d{4}\b") == ["invoice"]
    assert matching("(?i)^meet|^GIT", limit=1) == ["command"]
    assert matching("(?i)^meet|^GIT", limit=1, offset=1) == ["meeting"]
    assert matching("peaks|number", "plumber's invoice", everything=True)[0] == "invoice"
    assert matching("peaks", "the plumber's invoice number") == []
    assert matching("ask|review", '"two peaks"') == ["note"]
    assert matching("no such thing") == []


def test_words_in_a_picture_can_match_the_pattern(memory: Memory) -> None:
    memory.journal.read_in_picture(memory.ids["terminal"], "error: ENOENT 4711")

    answer = memory.service().run(Query(wording=Wording(pattern=r"ENO\w+ \d+")))

    assert memory.names(answer) == ["terminal"]


def test_a_word_that_was_read_without_the_space_beside_it_is_found(memory: Memory) -> None:
    memory.with_model = False
    memory.journal.read_in_picture(memory.ids["terminal"], "with rights ofACCOUNTADMIN")

    assert memory.names(memory.ask("accountadmin")) == ["terminal"]


def test_a_pattern_that_is_none_is_refused(memory: Memory) -> None:
    with pytest.raises(QueryError, match="missing"):
        memory.service().run(Query(wording=Wording(pattern="[a-")))


def test_typing_slips_are_looked_past_when_that_is_asked_for(memory: Memory) -> None:
    memory.with_model = False

    strict = memory.ask("plumbre invioce")
    fuzzy = memory.ask("plumbre invioce", fuzzy=True)

    assert (memory.names(strict), strict.meant) == ([], "plumber invoice")
    assert (memory.names(fuzzy), fuzzy.meant) == (["invoice"], "plumber invoice")


def test_what_has_no_slip_is_meant_as_typed(memory: Memory) -> None:
    memory.with_model = False

    for words, fuzzy in (("plumber", True), ("plumber", False), ("zebra", True), ("zebra", False)):
        assert memory.ask(words, fuzzy=fuzzy).meant == ""


def test_a_word_with_a_slip_still_asks_for_what_it_is_and_contains(memory: Memory) -> None:
    memory.copy("slip", text="an invioce, as it was typed")
    memory.embed()

    answer = memory.ask("invioce", fuzzy=True)

    assert memory.names(answer)[0] == "slip"
    assert answer.meant == ""


def _alike(memory: Memory) -> None:
    """Two more clips that are nearly equal to the note, which stands for them."""
    memory.copy("same", text="Two peaks in Q3: ask before the review")
    memory.copy("edited", text="two peaks in Q3, ask before the review!")
    memory.embed()
    note = memory.ids["note"]
    memory.journal.compared(
        [Compared(id=memory.ids[name], like=note) for name in ("note", "same", "edited")]
    )


def test_nearly_equal_clips_are_one_hit_and_name_the_others(memory: Memory) -> None:
    _alike(memory)
    words = "two peaks in Q3, ask before the review"

    each = memory.ask(words, everything=True, limit=50)
    one = memory.ask(words, everything=True, limit=50, collapse=True)

    assert set(memory.names(each)[:3]) == {"note", "same", "edited"}
    assert all(hit.alike == () for hit in each.hits)
    assert memory.names(one)[:1] == memory.names(each)[:1]
    assert one.hits[0].alike == tuple(hit.clip.id for hit in each.hits[1:3])
    assert memory.names(one)[1:] == memory.names(each)[3:]


def test_pages_count_what_is_shown(memory: Memory) -> None:
    _alike(memory)

    def page(number: int) -> Sequence[str]:
        where = Filter(kinds=frozenset({Kind.TEXT}))
        query = Query(where=where, limit=2, offset=2 * (number - 1), collapse=True)
        return memory.names(memory.service().run(query))

    pages = [page(number) for number in range(1, 6)]

    assert pages[0][0] == "edited"
    assert [len(each) for each in pages] == [2, 2, 2, 1, 0]
    assert len({name for each in pages for name in each}) == len(TEXTS)


def test_only_clips_that_may_answer_are_hidden_behind_a_hit(memory: Memory) -> None:
    _alike(memory)

    strict = ask(memory, '"in Q3, ask"', collapse=True)

    assert {memory.ids["same"]}.isdisjoint({strict.hits[0].clip.id, *strict.hits[0].alike})
    assert len(strict.hits[0].alike) == 1
