from __future__ import annotations

import select
import threading
import weakref
from datetime import UTC, datetime

import pytest

from tests.waiting import WITHIN_S, until
from weavclip.clipboard.waking import Backlog, Waker
from weavclip.domain.clip import Offer
from weavclip.domain.errors import NoClipboardError


def offer(content: bytes) -> Offer:
    at = datetime(2026, 11, 21, tzinfo=UTC)
    return Offer(types=("text/plain",), representations={"text/plain": content}, at=at)


def test_a_stop_wakes_who_selects() -> None:
    stop = threading.Event()
    waker = Waker(stop)

    assert select.select([waker], [], [], 0)[0] == []
    stop.set()
    assert select.select([waker], [], [], WITHIN_S)[0] == [waker]
    assert waker.is_woken()
    waker.close()


def test_a_stop_that_was_set_before_wakes_too() -> None:
    stop = threading.Event()
    stop.set()
    waker = Waker(stop)

    assert select.select([waker], [], [], WITHIN_S)[0] == [waker]
    waker.close()


def test_a_stop_after_the_end_does_no_harm() -> None:
    stop = threading.Event()
    waker = Waker(stop)
    waker.close()

    stop.set()
    waker.wake()

    assert waker.is_woken()


def test_an_offer_that_was_taken_is_not_held_while_the_next_is_waited_for() -> None:
    class Content(dict[str, bytes]):
        """A mapping that can be referred to weakly."""

    content = Content({"text/plain": b"large"})
    gone = weakref.ref(content)
    backlog, went_on = Backlog(), threading.Event()
    backlog.put(Offer(types=(), representations=content, at=datetime(2026, 11, 21, tzinfo=UTC)))
    del content

    def take_all() -> None:
        for each in backlog:
            del each
            went_on.set()

    taking = threading.Thread(target=take_all)
    taking.start()

    assert went_on.wait(WITHIN_S)
    until(lambda: gone() is None)
    backlog.fill(lambda: None)
    taking.join(WITHIN_S)


def test_offers_come_in_order_and_then_the_error_that_ended_them() -> None:
    backlog, offers = Backlog(), [offer(b"a"), offer(b"b")]

    def run() -> None:
        for each in offers:
            backlog.put(each)
        message = "gone"
        raise NoClipboardError(message)

    backlog.fill(run)
    taken = iter(backlog)

    assert [next(taken), next(taken)] == offers
    with pytest.raises(NoClipboardError, match="gone"):
        next(taken)


def test_what_does_not_fit_is_told_without_its_content() -> None:
    backlog = Backlog(most_bytes=10)
    for size in (8, 8, 2):
        backlog.put(offer(bytes(size)))
    backlog.fill(lambda: None)

    first, second, third = backlog

    assert (first.problems, third.problems) == ((), ())
    assert second.representations == {}
    assert second.problems == (
        "its content was let go: copies of 10 bytes are waiting to be kept",
    )


def test_room_comes_back_as_offers_are_taken() -> None:
    backlog = Backlog(most_bytes=10)
    backlog.put(offer(bytes(8)))
    taken = iter(backlog)
    next(taken)

    backlog.put(offer(bytes(8)))

    assert next(taken).problems == ()
