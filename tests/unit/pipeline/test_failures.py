"""What goes wrong in a loop or a thread that nobody watches ends neither, but for good reason."""

from __future__ import annotations

import os
import sys
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from tests.unit.journal.drafts import text_draft
from tests.unit.pipeline.fakes import ListSource, text_offer
from tests.waiting import WITHIN_S, until
from weavclip.domain.errors import JournalError, JournalVersionError, ModelError
from weavclip.domain.retention import Keep
from weavclip.pipeline import engine as engines
from weavclip.pipeline import rpc, upkeep
from weavclip.pipeline.agent import Agent, Waker
from weavclip.pipeline.engine import Engine
from weavclip.pipeline.health import Health
from weavclip.pipeline.heart import Heart
from weavclip.pipeline.upkeep import kept_up
from weavclip.pipeline.work import Step, Work

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from weavclip.domain.clip import Offer
    from weavclip.domain.ports import StopSignal
    from weavclip.journal.store import SqliteJournal
    from weavclip.pipeline.ingest import Outcome
    from weavclip.pipeline.status import EngineState

NEWER = JournalVersionError("the journal has version 99")
UNEXPECTED = KeyError("a clip's words")


class Failing(Work):
    """Fails where it is told to, as often as it has errors left."""

    def __init__(self, *errors: Exception, at: str = "step") -> None:
        self.left = [*errors]
        self._at = at

    def steps(self, leaving: StopSignal) -> Iterator[tuple[str, Callable[[], Step]]]:
        del leaving
        yield "failing", self._step

    def rest(self) -> bool:
        if self._at == "rest" and self.left:
            raise self.left.pop()
        return False

    def _step(self) -> Step:
        if self._at == "step" and self.left:
            raise self.left.pop()
        return Step()


@contextmanager
def running(engine: Engine) -> Iterator[threading.Thread]:
    stop = threading.Event()
    thread = threading.Thread(target=engine.run, args=(stop,))
    thread.start()
    try:
        yield thread
    finally:
        stop.set()
        thread.join(WITHIN_S)
        assert not thread.is_alive()


def problem_of(runtime_dir: Path) -> str | None:
    """What an engine says that stopped its work; None while it does not listen yet."""
    try:
        state: EngineState = rpc.call(runtime_dir, "state", timeout_s=WITHIN_S)
    except ConnectionError:
        return None
    return state.problem


@pytest.mark.parametrize("error", [UNEXPECTED, ModelError("broken"), JournalError("busy")])
def test_an_engine_whose_work_fails_answers_and_says_why(
    journal: SqliteJournal, runtime_dir: Path, error: Exception
) -> None:
    engine = Engine(journal, [Failing(error)], runtime_dir=runtime_dir, idle_s=60)

    with running(engine):
        problem = until(lambda: problem_of(runtime_dir))

    assert problem
    assert "words" not in problem


def test_an_engine_whose_rest_fails_tries_again_and_leaves(
    journal: SqliteJournal, runtime_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("weavclip.pipeline.setback.FIRST_PAUSE_S", 0.01)
    failing = Failing(JournalError("busy"), at="rest")

    Engine(journal, [failing], runtime_dir=runtime_dir, idle_s=0.01).run(threading.Event())

    assert failing.left == []


def test_an_engine_leaves_at_once_where_a_newer_weavclip_has_the_journal(
    journal: SqliteJournal, runtime_dir: Path
) -> None:
    engine = Engine(journal, [Failing(*[NEWER] * 9)], runtime_dir=runtime_dir, idle_s=3600)

    with running(engine) as thread:
        thread.join(WITHIN_S)

        assert not thread.is_alive()


def test_an_engine_begins_although_nothing_can_be_collected(
    journal: SqliteJournal, runtime_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def collect() -> int:
        message = "another weavclip has been writing for 30 s"
        raise JournalError(message)

    monkeypatch.setattr(journal, "collect", collect)
    work = Failing()

    with running(Engine(journal, [work], runtime_dir=runtime_dir, idle_s=60)):
        until(lambda: problem_of(runtime_dir) == "")


@pytest.mark.skipif(sys.platform != "linux", reason="a thread has a priority on Linux alone")
@pytest.mark.parametrize(("before", "after"), [(0, engines.BACKGROUND_NICENESS), (15, 15)])
def test_an_engine_gives_way_and_takes_no_more_than_it_was_given(before: int, after: int) -> None:
    found = list[int]()

    def lower() -> None:
        thread = threading.get_native_id()
        own = os.getpriority(os.PRIO_PROCESS, thread)
        os.setpriority(os.PRIO_PROCESS, thread, max(own, before))
        engines._lower_priority()
        found.append(os.getpriority(os.PRIO_PROCESS, thread))
        found.append(max(own, after))

    started = threading.Thread(target=lower)
    started.start()
    started.join(WITHIN_S)

    assert found[0] == found[1]


def test_what_nobody_expected_ends_no_upkeep(
    journal: SqliteJournal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upkeep, "EXPIRING_EVERY_S", 0.01)
    looked, really = list[int](), journal.sweep

    def sweep() -> int:
        looked.append(1)
        if len(looked) < 3:
            raise UNEXPECTED
        return really()

    monkeypatch.setattr(journal, "sweep", sweep)

    with kept_up(journal, keep=Keep, is_last=False):
        until(lambda: len(looked) >= 3)


def test_a_file_that_is_none_of_ours_hinders_no_upkeep(
    journal: SqliteJournal, data_dir: Path
) -> None:
    stored = journal.add(text_draft("x" * 100_000)).id
    for folder in (data_dir / "blobs", data_dir / "vectors"):
        folder.mkdir(exist_ok=True)
        (folder / ".DS_Store").write_bytes(b"of a file manager")

    journal.forget([stored])
    journal.scrub()
    journal.forget_everything()

    assert journal.count() == 0


def test_what_nobody_expected_ends_no_waking() -> None:
    woken = list[int]()

    def wake() -> None:
        woken.append(1)
        raise UNEXPECTED

    waker = Waker(wake, pause_s=0)
    waker.start()
    for count in (1, 2):
        waker.after_copy()
        until(lambda count=count: len(woken) == count)  # type: ignore[misc]  # the count of now
    waker.finish()


class Overtaken:
    """Keeps copies in a journal that a newer weavclip has."""

    def take(self, offer: Offer) -> Outcome:
        del offer
        raise NEWER


class OpenGate:
    """Refuses nothing."""

    unread_types: frozenset[str] = frozenset()

    def refusal(self, offer: Offer) -> None:
        """Let everything through."""


def test_an_agent_ends_where_a_newer_weavclip_has_the_journal(data_dir: Path) -> None:
    """What started it starts the newer one, which takes what is on the clipboard."""
    data_dir.mkdir()
    agent = Agent(
        ListSource([text_offer("two peaks")]),
        Overtaken(),
        pauses=OpenGate(),
        health=Health(data_dir),
        heart=Heart(lambda: None, watchdog_s=None),
        wake_engine=lambda: None,
        pause_s=0,
    )

    with pytest.raises(JournalVersionError):
        agent.run(threading.Event())
