"""A person's regular expressions: what they match, and that none of them hangs."""

from __future__ import annotations

from itertools import count, repeat
from uuid import UUID

import pytest

from weavclip.domain.errors import QueryError
from weavclip.search import patterns

SLOWEST = "(?:a?){900}b"
ONE = UUID(int=1)


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        (r"ERR-\d{4}", "see ERR-4711.", True),
        (r"^two", "one\ntwo", True),
        (r"one$", "one\ntwo", True),
        ("err", "ERR", False),
        ("(?i)err", "ERR", True),
        ("größe|höhe", "die Höhe und die größe", True),
        ("", "anything", True),
    ],
)
def test_a_pattern_matches_as_written_line_by_line(
    pattern: str, text: str, *, expected: bool
) -> None:
    assert patterns.matches(pattern, text) is expected


@pytest.mark.parametrize(
    ("pattern", "reason", "mark"),
    [
        ("see [a-z", "missing ]", "      ^^^^"),
        ("*a", "no argument for repetition operator", "  ^"),
        ("ab**", "bad repetition operator", "    ^^"),
        (r"(a)\1", "invalid escape sequence", "     ^^"),
        ("(?=a)b", "invalid perl operator", "  ^^^"),
        ("(?:a?){999}(?:b?){999}", "it repeats too often", "  " + "^" * 22),
    ],
)
def test_what_is_wrong_with_a_pattern_is_marked(pattern: str, reason: str, mark: str) -> None:
    with pytest.raises(QueryError, match="no regular expression") as caught:
        patterns.compiled(pattern)

    said, shown, marked = str(caught.value).splitlines()
    assert reason in said
    assert shown == f"  {pattern}"
    assert marked == mark
    assert "ERR" in caught.value.hint


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|aa)+$", "(.*a){20}z", SLOWEST])
def test_no_pattern_hangs(pattern: str) -> None:
    patterns.matches(pattern, "a" * 10_000_000 + "c")  # who tries all ways is not done today


def test_a_look_ends_when_its_time_is_over_and_says_so() -> None:
    texts = ((UUID(int=number), "no match") for number in count())
    seconds = iter([0.0, 0.0, 1.0, 4.0, 9.0])

    found, notes = patterns.holding("x", texts, limit=10, clock=lambda: next(seconds))

    assert found == []
    (note,) = notes
    assert "the last copied 3 clips" in note


def test_a_look_ends_when_enough_are_found() -> None:
    found, notes = patterns.holding("a", repeat((ONE, "a")), limit=3)

    assert (found, notes) == ([ONE] * 3, ())


def test_of_a_long_text_the_beginning_is_looked_at_and_that_is_said() -> None:
    text = "b" * patterns.MOST_CHARS + "a"

    found, notes = patterns.holding("a", iter([(ONE, text)]), limit=3)

    assert found == []
    assert notes == ("of 1 long clip the first 100,000 characters were looked at",)
