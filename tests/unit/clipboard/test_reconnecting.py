from __future__ import annotations

import logging
import threading
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from tests.waiting import until
from weavclip.clipboard.reconnecting import Pace, ReconnectingSource
from weavclip.domain.clip import Offer
from weavclip.domain.errors import ClipboardError, NoClipboardError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from weavclip.domain.ports import ClipboardSource, StopSignal

GONE = NoClipboardError("the display went away", hint="start it")


class Time:
    """A stop signal and a clock of which waiting takes no time."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self.waits: list[float] = []
        self.before_wait: Callable[[], None] = lambda: None
        self._stop = threading.Event()

    def clock(self) -> float:
        return self.now_s

    def set(self) -> None:
        self._stop.set()

    def is_set(self) -> bool:
        return self._stop.is_set()

    def wait(self, timeout: float | None = None) -> bool:
        if timeout is None:
            return self._stop.wait()
        self.before_wait()
        self.waits.append(timeout)
        self.now_s += timeout
        return self._stop.is_set()


class Heard:
    """What a listener was told."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def lost(self, problem: str, hint: str) -> None:
        self.told.append(f"lost: {problem}" + (f" ({hint})" if hint else ""))

    def found(self, source: str) -> None:
        self.told.append(f"found {source}")


class Fake:
    """Yields copies, then ends, fails, or goes on until it is stopped."""

    def __init__(
        self,
        *offers: Offer,
        name: str = "fake",
        ends: Exception | None = None,
        absent: Exception | None = None,
        lasts_s: float = 0.0,
        time: Time | None = None,
    ) -> None:
        self.name = name
        self._offers = offers
        self._ends = ends
        self._absent = absent
        self._lasts_s = lasts_s
        self._time = time

    def watch(self, stop: StopSignal) -> Iterator[Offer]:
        if self._absent:
            raise self._absent
        return self._follow(stop)

    def _follow(self, stop: StopSignal) -> Iterator[Offer]:
        for each in self._offers:
            if stop.is_set():
                return
            yield each
        if self._time:
            self._time.now_s += self._lasts_s
        if self._ends:
            raise self._ends


def offer(text: str, *, on_start: bool = False, types: Sequence[str] = ("text/plain",)) -> Offer:
    return Offer(
        types=tuple(types),
        representations={"text/plain": text.encode()},
        at=datetime.now(UTC),
        on_start=on_start,
    )


def texts(offers: Sequence[Offer]) -> list[str]:
    return [each.representations.get("text/plain", b"").decode() for each in offers]


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def heard() -> Heard:
    return Heard()


def run(
    sources: Sequence[ClipboardSource],
    time: Time,
    heard: Heard,
    *,
    is_patient: bool = False,
    look: Callable[[], object] = lambda: None,
) -> list[Offer]:
    """Watch these sources, one an attempt, to the end of the last."""
    left = iter(sources)
    source = ReconnectingSource(
        lambda: [next(left)],
        listener=heard,
        is_patient=is_patient,
        pace=Pace(0.5, 4.0),
        look=look,
        clock=time.clock,
    )
    try:
        return list(source.watch(time))
    finally:
        time.set()


def test_a_source_that_goes_away_is_chosen_anew_and_both_are_told_once(
    time: Time, heard: Heard
) -> None:
    sources = [
        Fake(offer("a"), ends=GONE),
        Fake(absent=GONE),
        Fake(absent=GONE),
        Fake(offer("b"), name="other"),
    ]

    got = run(sources, time, heard)

    assert texts(got) == ["a", "b"]
    assert heard.told == ["found fake", "lost: the display went away", "found other"]


def test_pauses_grow_to_their_most_and_are_short_again_after_a_steady_connection(
    time: Time, heard: Heard
) -> None:
    absent = [Fake(absent=GONE) for _ in range(5)]
    steady = Fake(offer("a"), ends=GONE, lasts_s=60.0, time=time)
    began: list[float] = []
    sources = iter([Fake(ends=GONE), *absent, steady, Fake(absent=GONE), Fake(offer("b"))])

    def choices() -> list[ClipboardSource]:
        began.append(time.now_s)
        return [next(sources)]

    source = ReconnectingSource(choices, listener=heard, pace=Pace(0.5, 4.0), clock=time.clock)
    list(source.watch(time))
    time.set()

    pauses = [after - before for before, after in pairwise(began)]
    assert pauses == [0.5, 1.0, 2.0, 4.0, 4.0, 4.0, 60.5, 1.0]


def test_a_source_that_dies_at_once_again_and_again_is_not_asked_more_and_more_often(
    time: Time, heard: Heard
) -> None:
    run([*(Fake(ends=GONE) for _ in range(5)), Fake()], time, heard)

    assert time.now_s == 0.5 + 1 + 2 + 4 + 4


def test_a_display_that_shows_itself_is_tried_at_once(time: Time, heard: Heard) -> None:
    def look() -> bool:
        return time.now_s >= 9.0

    run([Fake(ends=GONE), *(Fake(absent=GONE) for _ in range(4)), Fake()], time, heard, look=look)

    assert time.now_s == 9.5  # 0.5, 1, 2, 4, then 2 of the 4 that were to come


def test_a_display_that_is_not_ready_when_it_shows_itself_is_tried_again_soon(
    time: Time, heard: Heard
) -> None:
    def look() -> bool:
        return time.now_s >= 9.0

    absent = [Fake(absent=GONE) for _ in range(5)]
    run([Fake(ends=GONE), *absent, Fake()], time, heard, look=look)

    assert time.now_s == 10.0


def test_without_patience_there_must_be_a_clipboard_at_first(time: Time, heard: Heard) -> None:
    with pytest.raises(NoClipboardError, match="went away"):
        run([Fake(absent=GONE)], time, heard)

    assert heard.told == []


def test_with_patience_the_first_one_is_waited_for(time: Time, heard: Heard) -> None:
    got = run(
        [Fake(absent=GONE), Fake(absent=GONE), Fake(offer("a"))], time, heard, is_patient=True
    )

    assert texts(got) == ["a"]
    assert heard.told == ["lost: the display went away (start it)", "found fake"]


def test_a_stop_while_waiting_ends_it(time: Time, heard: Heard) -> None:
    time.before_wait = lambda: time.set() if time.now_s > 3 else None

    got = run([Fake(absent=GONE) for _ in range(9)], time, heard, is_patient=True)

    assert got == []
    assert time.now_s < 6


def test_a_finite_source_that_is_through_is_the_end(time: Time, heard: Heard) -> None:
    assert texts(run([Fake(offer("a"))], time, heard)) == ["a"]
    assert time.waits == []


def test_wrong_material_is_not_tried_again(time: Time, heard: Heard) -> None:
    with pytest.raises(ClipboardError, match="line 3"):
        run([Fake(offer("a"), ends=ClipboardError("line 3 is no JSON"))], time, heard)


@pytest.mark.parametrize("when", ["while watching", "while connecting"])
def test_a_source_that_breaks_is_made_anew_and_not_quoted(
    when: str, time: Time, heard: Heard, caplog: pytest.LogCaptureFixture
) -> None:
    broken = RuntimeError("hunter2")
    first = Fake(ends=broken) if when == "while watching" else Fake(absent=broken)

    with caplog.at_level(logging.DEBUG):
        got = run([first, Fake(offer("a"))], time, heard, is_patient=True)

    assert texts(got) == ["a"]
    assert "lost: the" in heard.told[-2]
    assert "broke: RuntimeError" in heard.told[-2]
    assert "hunter2" not in caplog.text + "".join(heard.told)


def test_the_best_of_several_choices_that_can_be_watched_is_taken(
    time: Time, heard: Heard
) -> None:
    source = ReconnectingSource(
        lambda: [Fake(absent=GONE), Fake(offer("b"), name="b"), Fake(offer("c"), name="c")],
        listener=heard,
        is_patient=True,
    )

    assert texts(list(source.watch(time))) == ["b"]
    assert source.name == "b"
    time.set()


def test_in_haste_only_the_best_choice_is_tried_at_first(time: Time, heard: Heard) -> None:
    source = ReconnectingSource(lambda: [Fake(absent=GONE), Fake(name="b")], listener=heard)

    with pytest.raises(NoClipboardError, match="went away"):
        source.watch(time)
    time.set()


def test_what_is_replayed_after_a_reconnect_is_no_new_copy(time: Time, heard: Heard) -> None:
    again = offer("a", on_start=True, types=("UTF8_STRING", "text/plain"))

    got = run([Fake(offer("a"), ends=GONE), Fake(again, offer("b"))], time, heard)

    assert texts(got) == ["a", "b"]


def test_what_was_copied_while_nothing_was_watched_is_a_copy(time: Time, heard: Heard) -> None:
    got = run([Fake(offer("a"), ends=GONE), Fake(offer("b", on_start=True))], time, heard)

    assert texts(got) == ["a", "b"]


def test_both_selections_are_remembered(time: Time, heard: Heard) -> None:
    replayed = [offer("a", on_start=True), offer("b", on_start=True)]

    got = run([Fake(offer("a"), offer("b"), ends=GONE), Fake(*replayed)], time, heard)

    assert texts(got) == ["a", "b"]


def test_a_copy_that_was_not_read_does_not_come_in_by_a_replay(time: Time, heard: Heard) -> None:
    unread = replace(offer("secret"), representations={})

    got = run([Fake(unread, ends=GONE), Fake(offer("secret", on_start=True))], time, heard)

    assert texts(got) == [""]


def test_a_copy_that_could_not_be_read_takes_no_later_one_for_its_replay(
    time: Time, heard: Heard
) -> None:
    torn = replace(offer("torn"), representations={}, problems=("text/plain was cut short",))

    got = run([Fake(torn, ends=GONE), Fake(offer("after", on_start=True))], time, heard)

    assert texts(got) == ["", "after"]


def test_copying_the_same_again_is_a_copy(time: Time, heard: Heard) -> None:
    assert texts(run([Fake(offer("a"), offer("a"))], time, heard)) == ["a", "a"]


def test_each_connection_s_own_threads_end_with_it(heard: Heard) -> None:
    class Threaded(Fake):
        def watch(self, stop: StopSignal) -> Iterator[Offer]:
            threading.Thread(target=stop.wait, name="of a connection", daemon=True).start()
            return self._follow(stop)

    stop = threading.Event()
    sources = iter([*(Threaded(ends=GONE) for _ in range(20)), Fake()])
    source = ReconnectingSource(lambda: [next(sources)], listener=heard, pace=Pace(0, 0))

    list(source.watch(stop))

    until(lambda: not [each for each in threading.enumerate() if each.name == "of a connection"])
    stop.set()


def test_attempts_are_guarded_one_by_one(time: Time, heard: Heard) -> None:
    marks: list[str] = []

    @contextmanager
    def attempt() -> Iterator[None]:
        marks.append("(")
        try:
            yield
        finally:
            marks.append(")")

    left = iter([Fake(absent=GONE), Fake(offer("a"))])
    source = ReconnectingSource(
        lambda: [next(left)], listener=heard, is_patient=True, attempt=attempt, clock=time.clock
    )
    list(source.watch(time))
    time.set()

    assert marks == ["(", ")", "(", ")"]
