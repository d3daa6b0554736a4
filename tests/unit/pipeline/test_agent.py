from __future__ import annotations

import logging
import stat
import threading
from typing import TYPE_CHECKING

import pytest

from tests.unit.pipeline.fakes import HintlessGate, KeepsAll, ListSource, text_offer
from tests.waiting import WITHIN_S, until
from weavclip.domain.errors import DiskReserveError
from weavclip.pipeline.agent import Agent
from weavclip.pipeline.health import Health
from weavclip.pipeline.heart import Heart
from weavclip.pipeline.ingest import Ingest, Outcome
from weavclip.pipeline.reading import Limits
from weavclip.pipeline.telling import STATE_NAME, read_state

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from weavclip.domain.clip import Added, Draft, Offer
    from weavclip.domain.ports import ClipboardSource, Gate
    from weavclip.journal.store import SqliteJournal


class FullDisk:
    """A journal on a disk that is full for its first ``refusals`` copies."""

    def __init__(self, journal: SqliteJournal, *, refusals: int) -> None:
        self._journal = journal
        self._left = refusals

    def add(self, draft: Draft) -> Added:
        if self._left:
            self._left -= 1
            message = "1 MB free, reserve_bytes=2 MB"
            raise DiskReserveError(message)
        return self._journal.add(draft)


class BreaksOnce(Ingest):
    """Fails at its first copy in a way that nobody foresaw."""

    broken = False

    def take(self, offer: Offer) -> Outcome:
        if not self.broken:
            self.broken = True
            raise ValueError(offer.representations)
        return super().take(offer)


class OpenGate:
    """Refuses nothing."""

    unread_types: frozenset[str] = frozenset()

    def refusal(self, offer: Offer) -> str | None:
        del offer
        return None


class ShutGate(OpenGate):
    """Refuses everything."""

    def refusal(self, offer: Offer) -> str | None:
        del offer
        return "paused"


def agent_of(
    source: ClipboardSource,
    ingest: Ingest,
    data_dir: Path,
    *,
    pauses: Gate | None = None,
    wake_engine: Callable[[], None] = lambda: None,
    pause_s: float = 0,
) -> Agent:
    return Agent(
        source,
        ingest,
        pauses=pauses or OpenGate(),
        health=Health(data_dir),
        heart=Heart(lambda: None, watchdog_s=None),
        wake_engine=wake_engine,
        pause_s=pause_s,
    )


def test_every_copy_is_stored_and_the_engine_is_woken_once_for_several(
    journal: SqliteJournal, ingest: Ingest, data_dir: Path
) -> None:
    class Pause(threading.Event):
        """One that lasts until all is copied, and no longer."""

        def wait(self, timeout: float | None = None) -> bool:
            assert timeout == 7.0
            return source.drained.wait(WITHIN_S) and self.is_set()

    woken: list[int] = []
    source = ListSource([text_offer(f"copy {n}") for n in range(5)], wait=True)
    agent = agent_of(
        source, ingest, data_dir, wake_engine=lambda: woken.append(journal.count()), pause_s=7.0
    )
    agent._waker._finished = Pause()
    stop = threading.Event()
    thread = threading.Thread(target=agent.run, args=(stop,))

    thread.start()
    until(lambda: woken)
    stop.set()
    thread.join(WITHIN_S)

    assert woken == [5]


def test_a_running_agent_says_what_it_does_and_a_stopped_one_nothing(
    ingest: Ingest, data_dir: Path
) -> None:
    secret = text_offer("x")
    source = ListSource([type(secret)(types=("secret",), at=secret.at)], wait=True)
    agent = agent_of(source, ingest, data_dir)
    stop = threading.Event()
    thread = threading.Thread(target=agent.run, args=(stop,))

    thread.start()
    until(source.drained.is_set)
    state = read_state(data_dir)
    mode = stat.S_IMODE((data_dir / STATE_NAME).stat().st_mode)
    stop.set()
    thread.join(WITHIN_S)

    assert state is not None
    assert (state.source, dict(state.skipped)) == ("list", {"it is a secret": 1})
    assert mode == 0o600
    assert read_state(data_dir) is None


def test_a_full_disk_is_said_once_and_watching_goes_on(
    journal: SqliteJournal, data_dir: Path, caplog: pytest.LogCaptureFixture
) -> None:
    full = FullDisk(journal, refusals=2)
    ingest = Ingest(full, HintlessGate(), inspector=KeepsAll(), limits=Limits())  # type: ignore[arg-type]  # add() is all that is asked
    source = ListSource([text_offer(f"copy {n}") for n in range(4)])
    agent = agent_of(source, ingest, data_dir)

    with caplog.at_level(logging.WARNING):
        agent.run(threading.Event())

    assert caplog.text.count("copies are NOT kept") == 1
    assert caplog.text.count("copies are kept again") == 1
    assert journal.count() == 2


def test_a_copy_that_breaks_the_reading_costs_itself_only_and_is_not_quoted(
    journal: SqliteJournal, data_dir: Path, caplog: pytest.LogCaptureFixture
) -> None:
    ingest = BreaksOnce(journal, HintlessGate(), inspector=KeepsAll(), limits=Limits())
    source = ListSource([text_offer(f"copy {n}") for n in range(3)])
    agent = agent_of(source, ingest, data_dir)

    agent.run(threading.Event())

    assert journal.count() == 2
    assert "a copy could not be read: ValueError" in caplog.text
    assert "copy 0" not in caplog.text


def test_a_copy_in_a_pause_is_counted_and_nothing_else(
    journal: SqliteJournal, ingest: Ingest, data_dir: Path, caplog: pytest.LogCaptureFixture
) -> None:
    source = ListSource([text_offer("a"), text_offer("b")], wait=True)
    agent = agent_of(source, ingest, data_dir, pauses=ShutGate())
    stop = threading.Event()
    thread = threading.Thread(target=agent.run, args=(stop,))

    with caplog.at_level(logging.DEBUG):
        thread.start()
        until(source.drained.is_set)
        state = read_state(data_dir)
        stop.set()
        thread.join(WITHIN_S)

    assert state is not None
    assert dict(state.skipped) == {"paused": 2}
    assert journal.count() == 0
    assert [each.message for each in caplog.records] == [
        f"watching list as process {state.pid}",
        "stopped watching",
    ]


@pytest.mark.parametrize("told", ["", "{", "[]", '{"pid": 1}', '{"since": "never"}'])
def test_a_torn_state_is_no_state(data_dir: Path, told: str) -> None:
    data_dir.mkdir()
    (data_dir / STATE_NAME).write_text(told)

    assert read_state(data_dir) is None
