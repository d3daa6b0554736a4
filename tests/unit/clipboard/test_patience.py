from __future__ import annotations

import threading
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

import pytest

from tests.waiting import WITHIN_S, until
from weavclip.clipboard.patience import LateError, Patience
from weavclip.domain.errors import NoClipboardError

if TYPE_CHECKING:
    from collections.abc import Generator


class Slow(SimpleQueue[object]):
    """Has what is put into it only when it is asked a second time."""

    asked = 0

    def get(self, block: bool = True, timeout: float | None = None) -> object:  # noqa: FBT001, FBT002 - as it is
        self.asked += 1
        if self.asked % 2:
            raise Empty
        return super().get(block, WITHIN_S if timeout else timeout)


def test_each_step_has_the_whole_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("weavclip.clipboard.patience.SimpleQueue", Slow)
    one_look_s = 0.25

    found = Patience(1.5 * one_look_s).each(lambda: (number for number in range(4)))

    assert list(found) == [0, 1, 2, 3]


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
        next(Patience(WITHIN_S).each(steps, is_over=over.is_set))
    answered.set()


def test_what_a_step_raises_is_raised_where_it_is_waited_for() -> None:
    def steps() -> Generator[int]:
        yield 1
        raise LookupError

    found = Patience(WITHIN_S).each(steps)

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
        except (LateError, NoClipboardError):
            return False

    until(answers)
