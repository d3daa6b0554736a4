from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weavclip.domain.clip import Kind
from weavclip.domain.equality import identity_of, normalise


@given(st.text(max_size=300))
def test_normalising_twice_changes_nothing(text: str) -> None:
    once = normalise(text)

    assert normalise(once) == once
    assert unicodedata.is_normalized("NFC", once)


def test_marks_without_end_are_normalised() -> None:
    text = "e\u0301 a" + "\u0315\u0300" * 500_000

    found = normalise(text)

    assert found.startswith("\u00e9 a")
    assert normalise(found) == found


@pytest.mark.parametrize("text", ["two\nlines", "one line", ""])
def test_words_without_a_title_are_all_that_was_copied(text: str) -> None:
    found = {identity_of(kind, text, plain=text) for kind in (Kind.TEXT, Kind.HTML, Kind.FILES)}

    assert found == {text}
