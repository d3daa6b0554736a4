from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from tests.unit.journal.drafts import MODEL, expiring_draft, opened, picture_draft, text_draft
from weavclip.domain.clip import Stage
from weavclip.domain.errors import UnknownClipError
from weavclip.domain.query import Filter
from weavclip.domain.seen import Box, Seen, SeenLine

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from weavclip.journal.store import SqliteJournal

SEEN = Seen(
    (
        SeenLine(("quarterly", "revenue"), (Box(1, 2, 30, 12), Box(33, 2, 70, 12))),
        SeenLine(("https://example.org",), (Box(5, 40, 99_000, 90),), "QR code"),
    )
)


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[SqliteJournal]:
    with opened(tmp_path) as found:
        yield found


def test_pictures_wait_to_be_read_and_nothing_else_does(journal: SqliteJournal) -> None:
    journal.add(text_draft("words"))
    journal.add(expiring_draft("secret"))
    first = journal.add(picture_draft(b"one")).id
    second = journal.add(picture_draft(b"two")).id

    assert [clip.id for clip in journal.unread(limit=9)] == [first, second]
    assert journal.count_unread() == 2


def test_what_was_read_is_found_and_each_word_has_its_place(journal: SqliteJournal) -> None:
    picture = journal.add(picture_draft(b"one")).id

    journal.seen_in_picture(picture, SEEN)

    assert journal.ocr_text(picture) == "quarterly revenue\nQR code: https://example.org"
    hits = journal.match_words("revenue", limit=5, where=Filter())
    assert [hit.id for hit in hits] == [picture]
    boxes = journal.boxes(picture)
    assert boxes[:2] == (Box(1, 2, 30, 12), Box(33, 2, 70, 12))
    assert boxes[2:] == (Box(5, 40, 65_535, 90),) * 3
    assert journal.unread(limit=9) == []


def test_a_picture_that_was_read_goes_into_the_index_again(journal: SqliteJournal) -> None:
    picture = journal.add(picture_draft(b"one")).id
    journal.embedded(picture, MODEL, {})
    journal.pending(MODEL, Stage.EMBEDDED, limit=9)
    journal.indexed([picture], MODEL)

    journal.seen_in_picture(picture, SEEN)

    assert [clip.id for clip in journal.pending(MODEL, Stage.EMBEDDED, limit=9)] == [picture]


def test_a_picture_without_words_goes_nowhere(journal: SqliteJournal) -> None:
    picture = journal.add(picture_draft(b"one")).id
    journal.embedded(picture, MODEL, {})
    journal.indexed([picture], MODEL)

    journal.seen_in_picture(picture, Seen())

    assert journal.stage_counts(MODEL)[Stage.INDEXED] == 1
    assert journal.count_unread() == 0


def test_a_failure_waits_and_one_for_good_is_over(journal: SqliteJournal) -> None:
    now = datetime.now(UTC)
    slow, broken = (journal.add(picture_draft(each)).id for each in (b"one", b"two"))

    journal.unreadable(slow, "took too long", retry_at=now + timedelta(minutes=5))
    journal.unreadable(broken, "damaged", retry_at=None)

    assert journal.unread(limit=9) == []
    assert journal.count_unread() == 1
    later = journal.unread(limit=9, now=now + timedelta(minutes=6))
    assert [clip.id for clip in later] == [slow]
    told = [(clip.id, why) for clip, why in journal.reading_failures()]
    assert told == [(slow, "took too long"), (broken, "damaged")]
    assert journal.reading_tries(slow) == 1


def test_a_clip_that_is_forgotten_takes_its_words_and_places_along(
    journal: SqliteJournal, tmp_path: Path
) -> None:
    picture = journal.add(picture_draft(b"one")).id
    places = Seen((SeenLine(("unlikely",), (Box(17_733, 17_733, 17_733, 17_733),)),))
    journal.seen_in_picture(picture, places)

    journal.forget([picture])
    journal.scrub()

    with pytest.raises(UnknownClipError):
        journal.boxes(picture)
    kept = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert b"EEEE" not in kept
    assert b"unlikely" not in kept


def test_a_picture_kept_for_good_after_all_is_read(journal: SqliteJournal) -> None:
    from dataclasses import replace

    soon = datetime.now(UTC) + timedelta(minutes=5)
    picture = journal.add(replace(picture_draft(b"one"), expires_at=soon)).id
    before = journal.count_unread()

    journal.pin(picture, pinned=True)

    assert (before, [clip.id for clip in journal.unread(limit=9)]) == (0, [picture])
