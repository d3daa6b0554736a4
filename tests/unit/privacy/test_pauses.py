from __future__ import annotations

import stat
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from weavclip.domain.clip import Offer
from weavclip.domain.errors import JournalError
from weavclip.domain.pausing import Standing
from weavclip.domain.timetable import Timetable
from weavclip.privacy.pauses import (
    IGNORE_NAME,
    IGNORED,
    INCOGNITO,
    LEFT_OVER,
    PAUSE_NAME,
    PAUSED,
    Pauses,
    unread_while_closed,
)

if TYPE_CHECKING:
    from pathlib import Path

START = datetime(2026, 11, 18, 12, 0, tzinfo=UTC)  # a Wednesday


class Desk:
    """A gate, a clock, and copies made now."""

    def __init__(self, folder: Path) -> None:
        self.now = START
        self.folder = folder
        self.hours = Timetable()
        self.gate = self.restarted()

    def restarted(self) -> Pauses:
        """The gate as another process makes it."""
        return Pauses(self.folder, hours=lambda: self.hours, now=lambda: self.now)

    def passes(self, **minutes: float) -> None:
        self.now += timedelta(**minutes)

    def copy(self, *, on_start: bool = False) -> str | None:
        """Copy something and ask the gate."""
        return self.gate.refusal(
            Offer(
                types=("text/plain",),
                representations={"text/plain": b"x"},
                at=self.now,
                on_start=on_start,
            )
        )


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path / "data")


def test_nothing_is_refused_and_nothing_written_where_nothing_was_asked_for(desk: Desk) -> None:
    assert desk.copy() is None
    assert desk.gate.standing() == Standing()
    assert not desk.folder.exists()


def test_a_pause_ends_by_itself_at_its_time(desk: Desk) -> None:
    desk.gate.pause(until=desk.now + timedelta(minutes=10))

    assert desk.copy() == PAUSED
    desk.passes(minutes=9.9)
    assert desk.copy() == PAUSED
    desk.passes(minutes=0.1)
    assert desk.copy() is None
    assert not desk.gate.standing().is_paused


def test_a_pause_without_an_end_lasts_until_resume(desk: Desk) -> None:
    desk.gate.pause()
    desk.passes(days=400)

    assert desk.copy() == PAUSED
    assert desk.gate.resume()
    assert desk.copy() is None
    assert not desk.gate.resume()


def test_a_pause_holds_for_a_process_that_starts_later(desk: Desk) -> None:
    desk.gate.pause(until=desk.now + timedelta(hours=2))
    desk.gate = desk.restarted()

    assert desk.copy() == PAUSED
    assert desk.gate.standing().paused_until == START + timedelta(hours=2)


def test_a_pause_ends_on_time_when_the_machine_slept_through_its_end(desk: Desk) -> None:
    desk.gate.pause(until=desk.now + timedelta(minutes=10))
    desk.copy()
    desk.passes(hours=8)

    assert desk.copy() is None


def test_a_clock_that_is_set_back_ends_no_pause(desk: Desk) -> None:
    desk.gate.pause(until=desk.now + timedelta(minutes=10))
    desk.passes(hours=-3)

    assert desk.copy() == PAUSED


def test_a_copy_from_a_pause_that_is_taken_late_is_refused(desk: Desk) -> None:
    desk.gate.pause(until=desk.now + timedelta(minutes=10))
    late = Offer(types=("text/plain",), at=desk.now + timedelta(minutes=9))
    desk.passes(minutes=11)

    assert desk.gate.refusal(late) == PAUSED


@pytest.mark.parametrize("way", ["resume", "its time"])
def test_what_was_copied_in_a_pause_is_not_taken_when_watching_begins_after_it(
    desk: Desk, way: str
) -> None:
    desk.gate.pause(until=desk.now + timedelta(minutes=10))
    assert desk.copy() == PAUSED
    desk.passes(minutes=11 if way == "its time" else 1)
    if way == "resume":
        desk.gate.resume()
    desk.gate = desk.restarted()

    assert desk.copy(on_start=True) == LEFT_OVER
    assert desk.copy(on_start=True) == LEFT_OVER
    assert desk.copy() is None
    assert desk.copy(on_start=True) is None


def test_a_copy_in_a_pause_that_no_agent_saw_is_not_taken_either(desk: Desk) -> None:
    desk.gate.pause(until=desk.now + timedelta(minutes=10))
    desk.passes(minutes=11)
    desk.gate = desk.restarted()

    assert desk.copy(on_start=True) == LEFT_OVER


def test_ignore_next_keeps_one_copy_out(desk: Desk) -> None:
    desk.gate.ignore_next(until=desk.now + timedelta(minutes=10))

    assert desk.copy(on_start=True) is None
    assert desk.copy() == IGNORED
    assert desk.copy(on_start=True) == LEFT_OVER
    assert desk.copy() is None


def test_ignore_next_is_over_after_its_minutes(desk: Desk) -> None:
    desk.gate.ignore_next(until=desk.now + timedelta(minutes=10))
    assert desk.gate.standing().ignoring_until == START + timedelta(minutes=10)
    desk.passes(minutes=10)

    assert desk.gate.standing().ignoring_until is None
    assert desk.copy() is None
    assert not (desk.folder / IGNORE_NAME).exists()


def test_resume_ends_ignore_next_too(desk: Desk) -> None:
    desk.gate.ignore_next(until=desk.now + timedelta(minutes=10))

    assert desk.gate.resume()
    assert desk.copy() is None


def test_our_own_copy_uses_up_no_ignore_next(desk: Desk) -> None:
    desk.gate.ignore_next(until=desk.now + timedelta(minutes=10))
    own = Offer(types=("text/plain",), at=desk.now, own_id=uuid4())

    assert desk.gate.refusal(own) is None
    assert desk.copy() == IGNORED


def test_incognito_hours_refuse_and_are_over_by_the_clock(desk: Desk) -> None:
    local = desk.now.astimezone()
    desk.hours = Timetable.parse([f"{local:%H:%M}-{local + timedelta(hours=1):%H:%M}"])

    assert desk.copy() == INCOGNITO
    standing = desk.gate.standing()
    assert (standing.is_incognito, standing.is_paused) == (True, False)
    assert standing.incognito_until == desk.now + timedelta(hours=1)
    desk.passes(hours=1)
    assert desk.copy() is None


def test_nothing_may_be_read_while_the_gate_is_closed(desk: Desk) -> None:
    unread = unread_while_closed(frozenset({"secret"}), desk.gate)

    assert unread.isdisjoint(("text/plain",))
    assert not unread.isdisjoint(("secret",))
    assert "text/plain" not in unread
    desk.gate.pause()
    assert not unread.isdisjoint(("text/plain",))
    assert "text/plain" in unread
    desk.gate.resume()
    assert unread.isdisjoint(("text/plain",))
    assert "text/plain" not in unread


@pytest.mark.parametrize(
    "written", [b"", b"{", b"[]", b'{"until": "soon"}', b"\xff", b'{"until": 5}']
)
def test_a_damaged_note_keeps_the_gate_closed_until_resume(desk: Desk, written: bytes) -> None:
    desk.gate.pause()
    (desk.folder / PAUSE_NAME).write_bytes(written)

    assert desk.copy() == PAUSED
    desk.gate.resume()
    assert desk.copy() is None


def test_notes_are_private(desk: Desk) -> None:
    desk.gate.pause()
    desk.gate.ignore_next(until=desk.now)

    modes = {stat.S_IMODE(each.stat().st_mode) for each in desk.folder.iterdir()}

    assert modes == {0o600}
    assert stat.S_IMODE(desk.folder.stat().st_mode) == 0o700


def test_a_pause_that_cannot_be_noted_says_so(desk: Desk) -> None:
    desk.folder.write_text("a file where the folder should be")

    with pytest.raises(JournalError, match="cannot be"):
        desk.gate.pause()


def test_refusals_say_nothing_of_the_copy(desk: Desk) -> None:
    desk.gate.pause()
    offer = Offer(types=("text/plain",), representations={"text/plain": b"hunter2"}, at=desk.now)

    assert "hunter2" not in str(desk.gate.refusal(replace(offer, source_app="Vault")))
    assert b"hunter2" not in b"".join(each.read_bytes() for each in desk.folder.iterdir())
