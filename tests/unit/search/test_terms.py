from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weavclip.search.coverage import covered
from weavclip.search.terms import MOST_TERMS, around, content_terms, folded, occurs, terms

A, B, C = (UUID(int=number) for number in (1, 2, 3))


@pytest.mark.parametrize(
    ("term", "text", "expected"),
    [
        ("cat", "the cat sat", True),
        ("cat", "cat", True),
        ("cat", "concatenate", False),
        ("cat", "concat cat", True),
        ("cat", "snake_cat", True),
        ("4711", "no. 4711.", True),
        ("4711", "147110", False),
        ("x", "", False),
    ],
)
def test_a_word_occurs_on_its_own(term: str, text: str, *, expected: bool) -> None:
    assert occurs(term, text) is expected


@given(st.text(max_size=40))
def test_every_word_of_a_text_occurs_in_it(text: str) -> None:
    assert all(occurs(term, folded(text)) for term in terms(text))


@given(st.text(max_size=40))
def test_a_question_with_words_has_content(text: str) -> None:
    assert bool(content_terms(text)) == bool(terms(text))


def test_a_pasted_page_asks_for_a_limited_number_of_words() -> None:
    assert len(content_terms(" ".join(f"word{place}" for place in range(1000)))) == MOST_TERMS
    assert len(content_terms("the " * 1000)) == 1


def test_more_words_are_a_larger_share() -> None:
    sought = ("plumber", "invoice", "paid")
    texts = {A: "The plumber's invoice is paid", B: "an invoice, paid", C: "nothing of it"}

    shares = covered(sought, texts)

    assert shares[A] == pytest.approx(1)
    assert 0.05 < shares[B] < shares[A]
    assert C not in shares


def test_a_word_that_few_have_weighs_more() -> None:
    texts = {A: "error common", B: "error common", C: "error rare"}

    shares = covered(("common", "rare"), texts)

    assert shares[C] > shares[A]


@given(
    st.lists(st.sampled_from(["red", "green", "blue"]), min_size=1, unique=True),
    st.lists(st.sampled_from(["red", "green", "blue", "grey"]), max_size=4),
)
def test_a_further_word_never_makes_the_share_smaller(sought: list[str], has: list[str]) -> None:
    others = {B: "red", C: "blue green"}
    less = covered(sought, {A: " ".join(has), **others}).get(A, 0.0)
    full = covered(sought, {A: "red green blue", **others})[A]

    assert full >= less - 1e-9


def test_letter_case_and_accents_do_not_matter() -> None:
    assert covered(content_terms("CAFÉ"), {A: "cafe"})[A] > 0.9


def test_a_snippet_is_short_and_around_the_word() -> None:
    text = "x " * 500 + "the Invoice of\nMay" + " y" * 500

    snippet = around(text, ("invoice",))

    assert "the Invoice of May" in snippet
    assert len(snippet) < 80
    assert around(text, ("absent",)) == ""
    assert around(text, ()) == ""


def test_a_text_of_marks_without_end_is_folded() -> None:
    assert folded("Café" + "\u0315\u0300" * 500_000).startswith("cafe")
