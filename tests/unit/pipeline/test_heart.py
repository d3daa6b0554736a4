from __future__ import annotations

import threading

from tests.waiting import WITHIN_S, until
from weavclip.pipeline.heart import Heart


class Clock:
    now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def test_a_loop_that_waits_is_sound() -> None:
    assert Heart(lambda: None, watchdog_s=60.0).is_sound()


def test_a_loop_whose_work_hangs_is_not_sound() -> None:
    clock = Clock()
    heart = Heart(lambda: None, watchdog_s=60.0, clock=clock)

    with heart.busy():
        clock.now_s = 59.0
        worked = heart.is_sound()
        clock.now_s = 60.0
        hung = heart.is_sound()

    assert (worked, hung, heart.is_sound()) == (True, False, True)


def test_it_beats_while_the_loop_waits_and_not_while_its_work_hangs() -> None:
    beats = threading.Semaphore(0)
    clock = Clock()
    heart = Heart(beats.release, watchdog_s=0.02, clock=clock)

    heart.start()
    for _ in range(3):
        assert beats.acquire(timeout=WITHIN_S)
    with heart.busy():
        clock.now_s = 1.0
        while beats.acquire(timeout=0.1):
            pass
    assert beats.acquire(timeout=WITHIN_S)
    heart.stop()
    until(lambda: not any(each.name == "heart" for each in threading.enumerate()))


def test_no_watchdog_no_thread() -> None:
    heart = Heart(lambda: None, watchdog_s=None)

    heart.start()

    assert not any(each.name == "heart" for each in threading.enumerate())
    heart.stop()
