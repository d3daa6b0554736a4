from __future__ import annotations

import random

import pytest

from weavclip.domain.clip import Kind
from weavclip.organise.same_words import MOST_CHARS, is_nearly_equal, marks

WORDS = [f"word{number}" for number in range(400)]


def prose(count: int, *, seed: int = 1) -> list[str]:
    return random.Random(seed).choices(WORDS, k=count)


def share_a_mark(one: str, other: str) -> bool:
    return bool(set(marks(one, Kind.TEXT)) & set(marks(other, Kind.TEXT)))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("git push origin main", "  git push\torigin main\n"),
        ("https://example.org/a", "https://example.org/a "),
        ("invisible", "in\u00advis\u200bible"),
    ],
)
def test_short_texts_differ_by_white_space_at_most(one: str, other: str) -> None:
    assert share_a_mark(one, other)
    assert is_nearly_equal(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("ls -v", "ls -V"), ("cd ..", "cd ."), ("invoice 4711", "invoice 4712"), ("a b", "ab")],
)
def test_one_letter_of_a_short_text_means_something_else(one: str, other: str) -> None:
    assert not share_a_mark(one, other)
    assert not is_nearly_equal(one, other)


@pytest.mark.parametrize("seed", range(10))
def test_one_other_word_in_fifty_is_nearly_equal_and_found(seed: int) -> None:
    words = prose(50, seed=seed)
    other = [*words[:20], "Changed", *words[21:]]

    assert share_a_mark(" ".join(words), "\n".join(other).upper())
    assert is_nearly_equal(" ".join(words), "\n".join(other).upper())


def test_several_other_words_are_another_text() -> None:
    words = prose(50)
    other = ["changed" if place % 10 == 5 else word for place, word in enumerate(words)]

    assert not is_nearly_equal(" ".join(words), " ".join(other))


def test_texts_of_the_same_words_in_another_order_share_nothing() -> None:
    words = prose(50)

    assert not share_a_mark(" ".join(words), " ".join(sorted(words)))


def test_names_of_files_are_no_text_of_the_same_words() -> None:
    assert not set(marks("/home/a.txt", Kind.FILES)) & set(marks("/home/a.txt", Kind.TEXT))


def test_a_text_without_a_word_has_no_mark() -> None:
    assert marks(" \n\u200b", Kind.TEXT) == ()


def test_a_text_that_is_very_long_has_to_be_equal() -> None:
    text = " ".join(prose(MOST_CHARS // 6))

    assert len(marks(text, Kind.TEXT)) == 1
    assert is_nearly_equal(text, text + "\n")
    assert not is_nearly_equal(text, text + " more")
