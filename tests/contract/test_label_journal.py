"""What every LabelJournal promises."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest

from tests.unit.journal.drafts import (
    AT,
    MODEL,
    embedding,
    expiring_draft,
    opened,
    picture,
    picture_draft,
    text_draft,
)
from weavclip.domain.clip import Stage
from weavclip.domain.labels import Correction
from weavclip.domain.query import Filter, Space
from weavclip.journal.archive.exporting import export
from weavclip.journal.archive.importing import take_in

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from weavclip.journal.store import SqliteJournal


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[SqliteJournal]:
    with opened(tmp_path / "journal") as found:
        yield found


def test_what_is_found_is_a_clips_labels_and_can_be_filtered_by(journal: SqliteJournal) -> None:
    chart, other = (journal.add(text_draft(text)).id for text in ("one", "two"))

    changed = journal.label_found({chart: ["json", "code"], other: []}, journal.label_mark("a"))

    assert changed == 1
    assert journal.get(chart).labels == ("code", "json")
    assert [clip.id for clip in journal.clips(where=Filter(labels=frozenset({"json"})))] == [chart]
    assert journal.label_counts() == {"code": 1, "json": 1}


def test_what_a_person_said_outlives_whatever_is_found(journal: SqliteJournal) -> None:
    clip = journal.add(text_draft("mixed")).id
    journal.label_found({clip: ["photo", "people"]}, journal.label_mark("a"))

    journal.correct(clip, wanted=["chart"], unwanted=["photo"])
    said = journal.get(clip).labels
    journal.label_found({clip: ["photo", "map"]}, journal.label_mark("b"))

    assert said == ("chart", "people")
    assert journal.get(clip).labels == ("chart", "map")
    assert journal.corrections() == [
        Correction(clip, "chart", applies=True),
        Correction(clip, "photo", applies=False),
    ]


def test_the_last_thing_that_was_said_of_a_label_holds(journal: SqliteJournal) -> None:
    clip = journal.add(text_draft("mixed")).id

    journal.correct(clip, wanted=["chart"], unwanted=[])
    journal.correct(clip, wanted=[], unwanted=["chart"])

    assert journal.get(clip).labels == ()
    assert journal.corrections() == [Correction(clip, "chart", applies=False)]


def test_each_clip_is_labelled_once_for_each_way_to_do_it(journal: SqliteJournal) -> None:
    clip = journal.add(text_draft("one")).id
    mark = journal.label_mark("first")

    before = [each.id for each in journal.unlabelled("", mark, limit=9)]
    journal.label_found({clip: []}, mark)

    assert before == [clip]
    assert journal.label_mark("first") == mark
    assert journal.count_unlabelled("", mark) == 0
    assert journal.count_unlabelled("", journal.label_mark("second")) == 1
    again = journal.relabel()
    assert journal.label_mark("second") == again > mark


def test_with_a_model_only_what_it_has_seen_is_to_be_labelled(journal: SqliteJournal) -> None:
    seen, _unseen = (journal.add(text_draft(text)).id for text in ("seen", "unseen"))
    journal.embedded(seen, MODEL, {Space.TEXT: embedding(1)})

    found = journal.unlabelled(MODEL, journal.label_mark("a"), limit=9)

    assert [clip.id for clip in found] == [seen]


def test_a_clip_whose_labels_changed_goes_into_the_index_again(journal: SqliteJournal) -> None:
    clips = [journal.add(text_draft(text)).id for text in ("changed", "same")]
    for clip in clips:
        journal.embedded(clip, MODEL, {Space.TEXT: embedding(1)})
    journal.indexed(clips, MODEL)

    journal.label_found({clips[0]: ["code"], clips[1]: []}, journal.label_mark("a"))

    pending = journal.pending(MODEL, Stage.EMBEDDED, limit=9)
    assert [clip.id for clip in pending] == [clips[0]]


def test_a_clip_that_expires_is_never_to_be_labelled(journal: SqliteJournal) -> None:
    journal.add(expiring_draft("short-lived"))

    assert journal.unlabelled("", journal.label_mark("a"), limit=9) == []


def test_a_forgotten_clip_leaves_no_correction_and_is_left_out(journal: SqliteJournal) -> None:
    clip = journal.add(text_draft("gone")).id
    journal.correct(clip, wanted=["chart"], unwanted=[])

    journal.forget([clip])

    assert journal.corrections() == []
    assert journal.label_found({clip: ["code"]}, journal.label_mark("a")) == 0


def test_a_merge_keeps_what_was_said_of_both(journal: SqliteJournal) -> None:
    first, second = (journal.add(picture_draft(content)).id for content in (b"a", b"b"))
    journal.correct(first, wanted=["chart"], unwanted=[])
    journal.correct(second, wanted=["work"], unwanted=["chart"])
    for clip in (first, second):
        journal.embedded(clip, MODEL, {Space.IMAGE: embedding(1)}, picture=picture("same"))

    assert journal.corrections() == [
        Correction(first, "chart", applies=True),
        Correction(first, "work", applies=True),
    ]
    assert journal.get(second).labels == ("chart", "work")


def test_an_export_carries_what_was_said_to_another_journal(
    journal: SqliteJournal, tmp_path: Path
) -> None:
    clip = journal.add(text_draft("taken along")).id
    journal.correct(clip, wanted=["chart"], unwanted=["photo"])
    file = io.BytesIO()
    export(journal, file, where=Filter(), with_vectors=False, at=AT, progress=lambda *_: None)
    file.seek(0)

    with opened(tmp_path / "other") as other:
        take_in(
            other,
            file,
            name="it",
            dim_of=lambda _: None,
            progress=lambda *_: None,
        )
        other.label_found({clip: ["photo"]}, other.label_mark("a"))

        assert other.corrections() == journal.corrections()
        assert other.get(clip).labels == ("chart",)
