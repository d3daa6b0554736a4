from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from tests.waiting import WITHIN_S, until
from weavclip.clipboard.patience import LateError, Patience
from weavclip.domain.errors import NoClipboardError

if TYPE_CHECKING:
    from collections.abc import Generator


def test_each_step_has_the_whole_time() -> None:
    pause = threading.Event()

    def steps() -> Generator[int]:
        for number in range(4):
            pause.wait(0.1)
            yield number

    assert list(Patience(0.3).each(steps)) == [0, 1, 2, 3]


def test_a_late_step_is_an_error_and_its_thread_goes_no_further() -> None:
    answered, ended, went_on = threading.Event(), threading.Event(), threading.Event()

    def steps() -> Generator[int]:
        try:
            yield 1
            answered.wait(WITHIN_S)
            yield 2
            went_on.set()
        finally:
            ended.set()

    found: list[int] = []
    with pytest.raises(LateError, match=r"was not answered within 0\.05 s"):
        found.extend(iter(Patience(0.05).each(steps)))
    answered.set()

    assert ended.wait(WITHIN_S)
    assert not went_on.is_set()


def test_waiting_that_has_no_use_any_more_ends_soon() -> None:
    over, answered = threading.Event(), threading.Event()
    over.set()

    def steps() -> Generator[int]:
        answered.wait(WITHIN_S)
        yield 1

    with pytest.raises(LateError, match="watching ended"):
        next(Patience(20.0).each(steps, is_over=over.is_set))
    answered.set()


def test_what_a_step_raises_is_raised_where_it_is_waited_for() -> None:
    def steps() -> Generator[int]:
        yield 1
        raise LookupError

    found = Patience(5.0).each(steps)

    assert next(found) == 1
    with pytest.raises(LookupError):
        next(found)


def test_threads_that_hang_are_counted_until_they_end() -> None:
    answered = threading.Event()
    patience = Patience(0.02, most_hung=2)

    def hang() -> Generator[int]:
        answered.wait(WITHIN_S)
        yield 1

    def answer() -> Generator[int]:
        yield 1

    for _ in range(2):
        with pytest.raises(LateError):
            next(patience.each(hang))
    with pytest.raises(NoClipboardError, match="2 reads of the clipboard hang"):
        next(patience.each(answer))
    answered.set()

    def answers() -> bool:
        try:
            return next(patience.each(answer)) == 1
        except NoClipboardError:
            return False

    until(answers)
