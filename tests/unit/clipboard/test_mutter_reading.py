from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from weavclip.clipboard.formats import Limits
from weavclip.clipboard.mutter_bus import Bus
from weavclip.clipboard.mutter_events import Handed
from weavclip.clipboard.mutter_reading import Reading
from weavclip.clipboard.rules import Rules

if TYPE_CHECKING:
    from weavclip.clipboard.rules import Contents

TYPES = ("text/plain", "text/html")
WHOLE, GONE = {"text/html": b"<b>words</b>", "text/plain": b"words"}, "was not read: it went away"


class Asking(Bus):
    """Numbers what it is asked for, and answers nothing by itself."""

    def __init__(self) -> None:
        self.calls = 0

    def ask(self, session: str, name: str) -> int:
        del session, name
        return self.sync()

    def sync(self) -> int:
        self.calls += 1
        return self.calls


@pytest.fixture
def bus() -> Asking:
    return Asking()


@pytest.fixture
def reading(bus: Asking) -> Reading:
    rules = Rules(limits=Limits(), read_timeout_s=60.0, unread_types=frozenset())
    return Reading(bus, "session", TYPES, rules)


def answer(reading: Reading, bus: Asking, content: bytes) -> None:
    """Hand over a pipe whose writer has written that and closed it."""
    receiving, sending = os.pipe()
    os.write(sending, content)
    os.close(sending)
    assert reading.handed(Handed(bus.calls, receiving))
    while pipe := reading.pipe():
        pipe.take()
        reading.advance()


def ended(reading: Reading) -> Contents:
    assert reading.contents
    return reading.contents


def test_what_came_is_whole_once_mutter_was_heard_of_afterwards(
    reading: Reading, bus: Asking
) -> None:
    for content in WHOLE.values():
        answer(reading, bus, content)
    assert reading.contents is None

    reading.handed(Handed(bus.calls, -1))

    assert (ended(reading).representations, ended(reading).problems) == (WHOLE, ())


def test_what_came_last_may_be_cut_short_where_mutter_was_not_heard_of_again(
    reading: Reading, bus: Asking
) -> None:
    for content in WHOLE.values():
        answer(reading, bus, content)

    reading.give_up(GONE)

    assert ended(reading).representations == {"text/html": WHOLE["text/html"]}
    assert ended(reading).problems == (f"text/plain {GONE}",)


def test_a_copy_that_was_superseded_is_no_more_certain(reading: Reading, bus: Asking) -> None:
    answer(reading, bus, WHOLE["text/html"])
    reading.supersede(has_left=False)
    assert reading.contents is None

    reading.give_up(GONE)

    assert ended(reading).representations == {}
