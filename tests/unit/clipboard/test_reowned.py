from __future__ import annotations

from collections.abc import Callable

import pytest

from weavclip.clipboard.formats import MARKER
from weavclip.clipboard.reowned import UNREAD, Memory, Successor
from weavclip.clipboard.rules import Contents
from weavclip.domain.clip import new_id

HINT = "x-kde-passwordManagerHint"
UTF8 = "text/plain;charset=utf-8"
TEXT = Contents(
    types=(UTF8, "text/html"),
    representations={"text/plain": b"words", "text/html": b"<b>words</b>"},
)
KEPT = Contents(types=(UTF8,), representations={"text/plain": b"words"})
Heir = Callable[[Contents], Successor]


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def memory(clock: Clock) -> Memory:
    return Memory(clock)


def keep(memory: Memory, contents: Contents) -> None:
    memory.keep(contents, unread_types={HINT})


def after_leaving(contents: Contents) -> Successor:
    return Successor(types=contents.types, has_left=True)


def passed_on(contents: Contents) -> Successor:
    return Successor(types=contents.types, has_left=False, may_have_left=True)


@pytest.mark.parametrize("successor", [after_leaving, passed_on])
def test_one_type_of_what_was_there_is_no_new_copy(memory: Memory, successor: Heir) -> None:
    keep(memory, TEXT)

    assert memory.repeats(successor(KEPT), KEPT)
    assert not memory.forbids(successor(KEPT))


@pytest.mark.parametrize("successor", [after_leaving, passed_on])
def test_other_content_is_a_new_copy(memory: Memory, successor: Heir) -> None:
    keep(memory, TEXT)
    other = Contents(types=(UTF8,), representations={"text/plain": b"others"})

    assert not memory.repeats(successor(other), other)


def test_the_same_content_is_a_new_copy_where_nobody_has_left(memory: Memory) -> None:
    keep(memory, TEXT)

    assert not memory.repeats(Successor(types=KEPT.types, has_left=False), KEPT)


@pytest.mark.parametrize("successor", [after_leaving, passed_on])
@pytest.mark.parametrize(
    "unread",
    [Contents(types=(UTF8, HINT)), Contents(types=(UTF8,), own_id=new_id())],
    ids=["secret", "our own"],
)
def test_what_stands_in_for_what_was_not_to_be_read_is_not_read(
    memory: Memory, unread: Contents, successor: Heir
) -> None:
    keep(memory, unread)

    assert memory.forbids(successor(KEPT))


@pytest.mark.parametrize("problem", [UNREAD, "text/plain was cut short: its owner ended"])
def test_our_own_copy_that_was_not_read_is_ours_by_its_mark(memory: Memory, problem: str) -> None:
    keep(memory, Contents(types=(UTF8, MARKER), problems=(problem,)))

    assert memory.forbids(after_leaving(KEPT))


def test_a_mark_that_names_no_clip_hides_nothing(memory: Memory) -> None:
    keep(memory, Contents(types=(UTF8, MARKER), representations=KEPT.representations))

    assert not memory.forbids(after_leaving(KEPT))


def test_after_a_secret_another_kind_of_copy_is_read(memory: Memory) -> None:
    keep(memory, Contents(types=(UTF8, HINT)))

    assert not memory.forbids(passed_on(TEXT))
    assert not memory.forbids(passed_on(Contents(types=("image/png",))))
    assert not memory.forbids(Successor(types=(UTF8,), has_left=False))


def test_it_is_not_read_once_only(memory: Memory) -> None:
    keep(memory, Contents(types=(UTF8, HINT)))
    keep(memory, Contents(types=(UTF8,), problems=(UNREAD,)))

    assert not memory.forbids(passed_on(KEPT))


def test_an_x11_program_s_names_for_a_text_are_mutter_s(memory: Memory) -> None:
    keep(memory, Contents(types=("TARGETS", "UTF8_STRING"), representations=KEPT.representations))

    assert memory.repeats(passed_on(KEPT), KEPT)


def test_what_was_replaced_before_it_was_read_is_known_by_its_types(memory: Memory) -> None:
    keep(memory, TEXT)
    missed = Contents(types=(UTF8,), problems=("text/plain was superseded by a newer copy",))
    other = Contents(types=("image/png",), problems=missed.problems)

    assert memory.repeats(after_leaving(missed), missed)
    assert not memory.repeats(after_leaving(other), other)


def test_a_text_that_may_have_been_left_before_the_start_is_not_read(memory: Memory) -> None:
    assert memory.forbids(passed_on(KEPT))
    assert not memory.forbids(passed_on(TEXT))
    assert not memory.forbids(passed_on(Contents(types=("image/png", "TARGETS"))))
    assert not memory.forbids(Successor(types=KEPT.types, has_left=False))


def test_an_owner_that_left_counts_for_the_next_copy_and_for_a_second(
    memory: Memory, clock: Clock
) -> None:
    memory.leave()
    assert memory.has_left()
    assert not memory.has_left()

    memory.leave()
    clock.now_s += 1.1
    assert not memory.has_left()
