from __future__ import annotations

import threading
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from tests.unit.journal.drafts import expiring_draft, text_draft
from tests.waiting import WITHIN_S, until
from weavclip.domain.errors import JournalError
from weavclip.domain.query import Filter
from weavclip.domain.retention import Keep
from weavclip.pipeline.upkeep import Upkeep, kept_up

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pytest

    from weavclip.journal.store import SqliteJournal

OLD = datetime.now(UTC) - timedelta(days=99)


@contextmanager
def running(
    journal: SqliteJournal, keep: Callable[[], Keep] = Keep, *, look_every_s: float = 60
) -> Iterator[Upkeep]:
    upkeep = Upkeep(journal, keep=keep, look_every_s=look_every_s)
    thread = threading.Thread(target=upkeep.run, daemon=True)
    thread.start()
    try:
        yield upkeep
    finally:
        upkeep.finish()
        thread.join(WITHIN_S)
        assert not thread.is_alive()


def rows(journal: SqliteJournal) -> int:
    """How many clips are in the database, shown or not."""
    with journal._db.reading() as connection:
        (count,) = connection.execute("SELECT count(*) FROM clips").fetchone()
    return int(count)


def test_a_clip_is_forgotten_at_its_time_by_a_thread_that_slept(journal: SqliteJournal) -> None:
    with running(journal):
        added = journal.add(expiring_draft("soon gone", within=timedelta(seconds=0.3)))
        assert added.is_new

        until(lambda: rows(journal) == 0)


def test_what_expired_while_nothing_ran_is_forgotten_at_the_start(journal: SqliteJournal) -> None:
    journal.add(expiring_draft("gone", within=timedelta(seconds=-5)))

    with running(journal):
        until(lambda: rows(journal) == 0)


def test_what_is_over_the_limits_goes_at_the_start_and_the_rest_stays(
    journal: SqliteJournal,
) -> None:
    for number in range(10):
        journal.add(text_draft(f"old {number}", at=OLD))
    kept = journal.add(text_draft("new", at=datetime.now(UTC))).id

    with running(journal, lambda: Keep(days=30)):
        until(lambda: rows(journal) == 1)

    assert [clip.id for clip in journal.clips(where=Filter())] == [kept]


def test_a_changed_limit_is_taken_without_a_restart(journal: SqliteJournal) -> None:
    for number in range(4):
        journal.add(text_draft(f"old {number}", at=OLD))
    limits = [Keep()]

    with running(journal, lambda: limits[-1], look_every_s=0.02):
        limits.append(Keep(clips=1))

        until(lambda: rows(journal) == 1)


def test_without_limits_nothing_goes(journal: SqliteJournal) -> None:
    journal.add(text_draft("old", at=OLD))
    looked = threading.Event()

    def keep() -> Keep:
        looked.set()
        return Keep()

    with running(journal, keep):
        assert looked.wait(WITHIN_S)

    assert rows(journal) == 1


def test_what_an_interrupted_forget_left_is_scrubbed(journal: SqliteJournal) -> None:
    journal.forget([journal.add(text_draft("an unfinished end")).id])
    assert journal.is_to_scrub()

    with running(journal):
        until(lambda: not journal.is_to_scrub())


def test_who_looks_after_it_last_takes_what_expires_along(journal: SqliteJournal) -> None:
    with kept_up(journal, keep=Keep, is_last=False):
        journal.add(expiring_draft("a secret"))
    assert rows(journal) == 1

    with kept_up(journal, keep=Keep, is_last=True):
        journal.add(text_draft("stays"))

    assert [clip.preview for clip in journal.clips(where=Filter())] == ["stays"]


def test_a_journal_that_cannot_be_written_is_tried_again(
    journal: SqliteJournal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("weavclip.pipeline.upkeep.EXPIRING_EVERY_S", 0.02)
    really, tries = journal.sweep, list[int]()

    def sweep() -> int:
        tries.append(1)
        if len(tries) < 3:
            message = "the disk is full"
            raise JournalError(message)
        return really()

    monkeypatch.setattr(journal, "sweep", sweep)
    journal.add(expiring_draft("gone", within=timedelta(seconds=-5)))

    with running(journal):
        until(lambda: rows(journal) == 0)
