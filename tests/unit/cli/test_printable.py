"""A clip may not drive the terminal, whatever it holds."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weavclip.cli.printable import cells, fitted, padded, printable

ANYTHING = st.text(st.characters(exclude_categories=()))
SPACING = {"\n", "\t"}
JOINERS = {"\u200c", "\u200d"}


def _may_be_shown(character: str) -> bool:
    unseen = unicodedata.category(character) in {"Cc", "Cf", "Cs", "Zl", "Zp"}
    return character in JOINERS or not unseen


@given(ANYTHING)
def test_no_character_that_a_terminal_obeys_is_left(text: str) -> None:
    assert all(map(_may_be_shown, printable(text)))


@given(ANYTHING)
def test_lines_keep_line_feeds_and_tabs_and_nothing_else(text: str) -> None:
    shown = printable(text, lines=True)

    assert all(c in SPACING or _may_be_shown(c) for c in shown)
    assert shown.count("\t") == text.count("\t")


@given(ANYTHING)
def test_what_is_printed_can_be_encoded(text: str) -> None:
    printable(text).encode()


@given(ANYTHING)
def test_what_was_replaced_stays_as_it_is(text: str) -> None:
    assert printable(printable(text)) == printable(text)


@given(ANYTHING)
def test_each_character_is_kept_or_has_one_in_its_place(text: str) -> None:
    assert len(printable(text)) == len(text)


@pytest.mark.parametrize(
    "text", ["plain words", "Größe 日本 Привет", "e\u0301", "👩\u200d💻", "🇪🇺"]
)
def test_people_s_words_are_kept(text: str) -> None:
    assert printable(text) == text


@pytest.mark.parametrize(
    ("evil", "shown"),
    [
        ("\x1b[2J\x1b]0;title\x07", "␛[2J␛]0;title␇"),
        ("\x9b31m", "\ufffd31m"),
        ("cod\u202eexe", "cod\ufffdexe"),
        ("a\u2066b\u2069", "a\ufffdb\ufffd"),
        ("\ud800", "\ufffd"),
        ("\x7f\x00", "␡␀"),
        ("one\u2028two", "one\ufffdtwo"),
    ],
)
def test_orders_to_the_terminal_become_their_pictures(evil: str, shown: str) -> None:
    assert printable(evil) == shown


@given(ANYTHING.map(printable), st.integers(0, 40))
def test_fitted_text_takes_no_more_columns_than_there_are(text: str, columns: int) -> None:
    assert cells(fitted(text, columns)) <= columns


@given(ANYTHING.map(printable), st.integers(0, 40))
def test_padded_text_takes_all_columns(text: str, columns: int) -> None:
    assert cells(padded(text, columns)) == columns


@given(ANYTHING.map(printable))
def test_text_that_fits_is_not_cut(text: str) -> None:
    assert fitted(text, cells(text)) == text
