from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from tests.unit.journal.drafts import opened
from weavclip import settings
from weavclip.domain.query import Filter
from weavclip.peers.item import SECRET, Item, offer_of
from weavclip.pipeline.histories import TakenOver, take_over
from weavclip.wiring.parts import make_ingest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from weavclip.journal.store import SqliteJournal

AT = datetime(2020, 5, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[SqliteJournal]:
    with opened(tmp_path / "data") as found:
        yield found


def taken(journal: SqliteJournal, *items: Item) -> TakenOver:
    done = TakenOver()
    ingest = make_ingest(settings.load().settings, journal)
    take_over(items, ingest, journal, progress=lambda _done, _total: None, done=done)
    return done


def item(
    words: str,
    *,
    at: datetime = AT,
    again_at: datetime | None = None,
    pinned: bool = False,
    hints: tuple[str, ...] = (),
) -> Item:
    contents = {"text/plain": words.encode()}
    return Item(
        offer=offer_of(contents, at=at, source_app="Editor", hints=hints),
        again_at=again_at,
        pinned=pinned,
    )


def only(journal: SqliteJournal) -> tuple[datetime, datetime, int, bool, str]:
    (clip,) = journal.clips(where=Filter())
    return clip.captured_at, clip.last_copied_at, clip.copies, clip.pinned, clip.source_app


def test_an_entry_keeps_its_times_its_program_and_its_pin(journal: SqliteJournal) -> None:
    done = taken(journal, item("words", again_at=AT + DAY, pinned=True))

    assert done == TakenOver(added=1)
    assert only(journal) == (AT, AT + DAY, 2, True, "Editor")


def test_a_history_that_is_taken_again_adds_nothing(journal: SqliteJournal) -> None:
    entries = item("words", again_at=AT + DAY), item("others")
    taken(journal, *entries)

    done = taken(journal, *entries)

    assert done == TakenOver(known=2)
    assert journal.count() == 2


def test_an_entry_that_was_copied_here_at_another_time_is_counted(
    journal: SqliteJournal,
) -> None:
    taken(journal, item("words"))

    done = taken(journal, item("words", at=AT - DAY))

    assert done == TakenOver(merged=1)
    assert only(journal)[2] == 2


def test_what_may_not_be_kept_is_counted_by_reason(journal: SqliteJournal) -> None:
    done = taken(journal, item("hunter2", hints=(SECRET,)), item(" \n "), item("kept"))

    assert (done.added, done.entries) == (1, 3)
    assert done.skipped == Counter({"password manager hint": 1, "nothing in it can be kept": 1})
    assert journal.count() == 1


def test_a_time_to_come_becomes_now(journal: SqliteJournal) -> None:
    taken(journal, item("words", at=datetime(2999, 1, 1, tzinfo=UTC)))

    assert only(journal)[0] <= datetime.now(UTC)
