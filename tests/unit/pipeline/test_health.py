from __future__ import annotations

import logging
import os
import stat
import threading
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from tests.waiting import until
from weavclip.pipeline import telling
from weavclip.pipeline.alone import alone
from weavclip.pipeline.capture import problem
from weavclip.pipeline.health import Health
from weavclip.pipeline.status import AgentState
from weavclip.pipeline.telling import LOCK_NAME, STATE_NAME, fall_silent, read_state, tell

if TYPE_CHECKING:
    from pathlib import Path

NEVER = 3600.0


class Supervisor:
    """Notes what it is told."""

    watchdog_s: float | None = None

    def __init__(self) -> None:
        self.told: list[str] = []

    def say(self, status: str) -> None:
        self.told.append(status)

    def alive(self) -> None:
        self.told.append("alive")

    def stopping(self) -> None:
        self.told.append("stopping")


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    return folder


def state(**changes: object) -> AgentState:
    told = {"pid": 7, "since": datetime(2026, 11, 18, 12, tzinfo=UTC), "source": "x11", **changes}
    return AgentState(**told)  # type: ignore[arg-type]  # its fields by name


def test_a_state_is_read_back_whole(data_dir: Path) -> None:
    told = state(
        problem="no display",
        hint="start it",
        lost_since=datetime(2026, 11, 18, 13, tzinfo=UTC),
        skipped={"paused": 2},
    )

    tell(data_dir, told)

    assert read_state(data_dir) == told
    assert stat.S_IMODE((data_dir / STATE_NAME).stat().st_mode) == 0o600
    fall_silent(data_dir)
    assert read_state(data_dir) is None


def test_on_a_full_disk_the_state_is_still_told(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_room(path: Path, content: bytes) -> None:
        del path, content
        raise OSError(28, "No space left on device")

    tell(data_dir, state())
    size = (data_dir / STATE_NAME).stat().st_size
    monkeypatch.setattr(telling, "_replace", no_room)

    tell(data_dir, state(problem="the disk is full"))

    told = read_state(data_dir)
    assert told is not None
    assert told.problem == "the disk is full"
    assert (data_dir / STATE_NAME).stat().st_size == size


def test_a_state_that_cannot_be_told_stops_nothing(data_dir: Path) -> None:
    tell(data_dir / "absent", state())

    assert read_state(data_dir / "absent") is None


def test_a_problem_is_said_once_when_it_begins_and_once_when_it_is_over(
    data_dir: Path, caplog: pytest.LogCaptureFixture
) -> None:
    supervisor = Supervisor()
    health = Health(data_dir, supervisor=supervisor, alarm_after_s=NEVER)

    with caplog.at_level(logging.INFO):
        health.found("x11")
        health.begin("x11")
        health.lost("it went away", "")
        health.lost("it is still away", "")
        lost = read_state(data_dir)
        health.found("wayland")
        found = read_state(data_dir)
        health.end()

    assert [each.message for each in caplog.records] == [
        f"watching x11 as process {os.getpid()}",
        "copies are NOT kept: it went away",
        "copies are kept again: watching wayland",
        "stopped watching",
    ]
    assert lost is not None
    assert found is not None
    assert (lost.problem, bool(lost.lost_since)) == ("it is still away", True)
    assert (found.problem, found.lost_since, found.source) == ("", None, "wayland")
    assert supervisor.told[0] == "watching x11"
    assert "copies are NOT kept: it went away" in supervisor.told
    assert supervisor.told[-2:] == ["watching wayland", "stopping"]


def test_a_full_disk_beside_a_lost_display_is_over_when_both_are(data_dir: Path) -> None:
    times = iter(datetime(2026, 11, 18, 12, minute, tzinfo=UTC) for minute in range(60))
    health = Health(data_dir, alarm_after_s=NEVER, now=lambda: next(times))

    health.refused("the disk is full", "make room")
    health.lost("it went away", "")
    began = health.state.lost_since
    health.kept()
    between = health.state
    health.found("x11")

    assert (between.problem, between.lost_since) == ("it went away", began)
    assert health.state.lost_since is None
    health.end()


def test_the_person_hears_once_of_a_problem_that_lasts(data_dir: Path) -> None:
    heard: list[tuple[str, str]] = []
    health = Health(
        data_dir,
        alarm=lambda problem, hint: heard.append((problem, hint)),
        alarm_after_s=0.01,
        recheck_every_s=0.01,
    )

    health.refused("the disk is full", "make room")
    until(lambda: heard)
    health.refused("the disk is full", "make room")
    asked = 0

    def recheck() -> bool:
        nonlocal asked
        asked += 1
        return asked > 3

    health.look_again_with(recheck)
    until(lambda: not health.state.problem)

    assert heard == [("the disk is full", "make room")]
    health.end()


def alarms() -> set[threading.Thread]:
    """The threads that would sound one."""
    return {each for each in threading.enumerate() if each.name == "alarm"}


def test_the_person_hears_nothing_of_a_problem_that_is_over_in_time(data_dir: Path) -> None:
    heard, before = list[str](), alarms()
    health = Health(data_dir, alarm=lambda problem, _: heard.append(problem), alarm_after_s=NEVER)

    health.lost("it went away", "")
    health.found("x11")
    until(lambda: alarms() <= before)

    assert heard == []
    health.end()


def test_the_person_hears_nothing_of_a_disk_that_has_room_again(data_dir: Path) -> None:
    heard, before = list[str](), alarms()
    health = Health(data_dir, alarm=lambda problem, _: heard.append(problem), alarm_after_s=0.05)

    health.look_again_with(lambda: True)  # there is room, and nobody copies anything
    health.refused("the disk is full", "")
    until(lambda: not health.state.problem)
    until(lambda: alarms() <= before)

    assert heard == []
    health.end()


def test_nothing_is_wrong_where_nothing_ever_ran(data_dir: Path) -> None:
    assert problem(data_dir, is_installed=lambda: False) is None


def test_a_running_agent_that_keeps_copies_is_no_problem(data_dir: Path) -> None:
    tell(data_dir, state())
    with alone(data_dir / LOCK_NAME, what="an agent"):
        assert problem(data_dir, is_installed=lambda: True) is None


def test_a_running_agent_s_problem_is_told_with_its_time(data_dir: Path) -> None:
    since = datetime.now(UTC) - timedelta(hours=1)
    tell(data_dir, state(problem="the disk is full", hint="make room", lost_since=since))
    with alone(data_dir / LOCK_NAME, what="an agent"):
        found = problem(data_dir, is_installed=lambda: True)

    assert found is not None
    assert (found.sentence, found.hint, found.since) == ("the disk is full", "make room", since)


def test_an_installed_service_without_an_agent_is_a_problem(data_dir: Path) -> None:
    found = problem(data_dir, is_installed=lambda: True)

    assert found is not None
    assert found.hint == "weavclip service status"


def test_an_agent_that_was_killed_is_a_problem(data_dir: Path) -> None:
    tell(data_dir, state())
    found = problem(data_dir, is_installed=lambda: False)

    assert found is not None
    assert "process 7" in found.sentence
    assert found.hint == "weavclip watch"


@pytest.mark.skipif(os.name != "posix", reason="flock is POSIX's")
def test_whether_an_agent_runs_is_asked_without_the_lock_s_library(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from weavclip.pipeline import alone as locks

    assert not locks.is_held(data_dir / LOCK_NAME)
    with alone(data_dir / LOCK_NAME, what="an agent"):
        assert locks.is_held(data_dir / LOCK_NAME)
        monkeypatch.setattr(locks, "fcntl", None)
        assert locks.is_held(data_dir / LOCK_NAME)
    assert not locks.is_held(data_dir / LOCK_NAME)
