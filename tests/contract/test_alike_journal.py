"""What every AlikeJournal promises."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.unit.journal.drafts import (
    MODEL,
    embedding,
    expiring_draft,
    opened,
    picture,
    picture_draft,
    text_draft,
)
from tests.unit.journal.older import older_journal
from weavclip.domain.alike import Compared, Likeness
from weavclip.domain.clip import Kind
from weavclip.domain.errors import UnknownClipError
from weavclip.domain.query import Filter, Space

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from uuid import UUID

    from weavclip.journal.store import SqliteJournal

LIKENESS = Likeness(shape=1.5, outline=b"o" * 128)


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[SqliteJournal]:
    with opened(tmp_path / "journal") as found:
        yield found


def texts(journal: SqliteJournal, *words: str) -> list[UUID]:
    return [journal.add(text_draft(each)).id for each in words]


def waiting(journal: SqliteJournal) -> list[UUID]:
    found = [clip.id for clip in journal.uncompared(limit=100)]
    assert len(found) == journal.count_uncompared()
    return found


def alone(clip_id: UUID) -> Compared:
    return Compared(id=clip_id, like=clip_id)


def test_clips_wait_to_be_compared_in_their_order_and_only_once(journal: SqliteJournal) -> None:
    one, two = texts(journal, "one", "two")
    before = waiting(journal)

    journal.compared([alone(one)])

    assert before == [one, two]
    assert waiting(journal) == [two]


def test_a_picture_waits_once_it_is_embedded(journal: SqliteJournal) -> None:
    clip = journal.add(picture_draft(b"PNG")).id
    before = waiting(journal)

    journal.embedded(clip, MODEL, {Space.IMAGE: embedding(1)}, picture=picture("a"))

    assert before == []
    assert waiting(journal) == [clip]


def test_an_expiring_clip_waits_only_once_it_is_pinned(journal: SqliteJournal) -> None:
    clip = journal.add(expiring_draft("for ten minutes")).id
    before = waiting(journal)

    journal.pin(clip, pinned=True)

    assert before == []
    assert waiting(journal) == [clip]


def test_clips_of_an_older_journal_wait_pictures_without_a_thumbnail_do_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with older_journal(tmp_path / "older", monkeypatch, version=2) as older:
        text = older.text("kept before")
        older.picture(b"PNG", seen="words")

    with opened(tmp_path / "older") as journal:
        assert waiting(journal) == [text]


def test_one_clip_stands_for_those_that_are_like_it(journal: SqliteJournal) -> None:
    one, two, three, other = texts(journal, "1", "2", "3", "4")

    journal.compared(
        [alone(one), Compared(id=two, like=one), alone(other), Compared(id=three, like=one)]
    )

    everyone = [one, two, three, other]
    assert list(map(journal.stand_ins(everyone).get, everyone)) == [one, one, one, other]
    assert {clip.id for clip in journal.alike(two)} == {one, three}
    assert journal.alike(other) == []
    (group,) = journal.groups(Filter())
    assert [clip.id for clip in group] == [one, two, three]


def test_clips_that_were_not_compared_stand_for_themselves(journal: SqliteJournal) -> None:
    (clip,) = texts(journal, "new")

    assert journal.stand_ins([clip]) == {clip: clip}
    assert journal.alike(clip) == []


def test_an_unknown_clip_stands_for_nothing(journal: SqliteJournal) -> None:
    (clip,) = texts(journal, "gone")
    journal.forget([clip])

    assert journal.stand_ins([clip]) == {}
    with pytest.raises(UnknownClipError):
        journal.alike(clip)


def test_groups_hold_the_clips_that_pass_alone(journal: SqliteJournal) -> None:
    one, two, three = texts(journal, "1", "2", "3")
    journal.compared([alone(one), Compared(id=two, like=one), Compared(id=three, like=one)])
    journal.pin(two, pinned=True)
    journal.pin(three, pinned=True)

    (group,) = journal.groups(Filter(pinned=True))

    assert [clip.id for clip in group] == [two, three]
    assert journal.groups(Filter(kinds=frozenset({Kind.IMAGE}))) == []


def test_clips_are_compared_again_when_what_stood_for_them_is_gone(journal: SqliteJournal) -> None:
    one, two, three = texts(journal, "1", "2", "3")
    journal.compared([alone(one), Compared(id=two, like=one), alone(three)])

    journal.forget([one])

    assert waiting(journal) == [two]
    assert journal.stand_ins([two]) == {two: two}


def test_what_is_gone_meanwhile_is_left_out(journal: SqliteJournal) -> None:
    one, two, three = texts(journal, "1", "2", "3")
    journal.forget([one, three])

    journal.compared([alone(one), Compared(id=two, like=three)])

    assert waiting(journal) == [two]


def test_texts_are_found_by_the_marks_of_those_that_stand_for_themselves(
    journal: SqliteJournal,
) -> None:
    one, two, three, like = texts(journal, "1", "2", "3", "4")
    most, least = 2**63 - 1, -(2**63)

    journal.compared(
        [
            Compared(id=one, like=one, marks=(5, 6)),
            Compared(id=two, like=two, marks=(6, most, least)),
            Compared(id=three, like=three, marks=(9,)),
            Compared(id=like, like=one, marks=(5, 6)),
        ]
    )

    assert journal.marked([6, most, least], limit=9) == [two, one]
    assert journal.marked([6], limit=1) == [one]
    assert journal.marked([7], limit=9) == []
    journal.forget([two])
    assert journal.marked([6, most], limit=9) == [one]


def test_pictures_that_stand_for_themselves_keep_their_likeness(journal: SqliteJournal) -> None:
    one, two, blank = (journal.add(picture_draft(each)).id for each in (b"1", b"2", b"3"))

    journal.compared(
        [
            Compared(id=one, like=one, likeness=LIKENESS),
            Compared(id=two, like=one, likeness=LIKENESS),
            alone(blank),
        ]
    )

    ids, shapes, outlines = journal.outlines()
    assert (list(ids), list(shapes), outlines) == ([one], [1.5], LIKENESS.outline)


def test_nothing_of_a_likeness_outlives_its_clip(journal: SqliteJournal) -> None:
    clip = journal.add(picture_draft(b"1")).id
    journal.compared([Compared(id=clip, like=clip, marks=(1,), likeness=LIKENESS)])

    journal.forget_everything()

    assert journal.outlines()[0] == []
    assert journal.marked([1], limit=9) == []
    assert journal.count_uncompared() == 0
