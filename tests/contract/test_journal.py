"""What every Journal promises."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import numpy as np
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
from weavclip.domain.clip import Draft, Kind, Stage, new_id
from weavclip.domain.errors import AmbiguousIdError, DiskReserveError, UnknownClipError
from weavclip.domain.query import Filter, Space
from weavclip.journal.store import SqliteJournal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LARGE = 200_000


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[SqliteJournal]:
    with opened(tmp_path / "journal") as found:
        yield found


def test_a_text_comes_back_as_it_was_copied(journal: SqliteJournal) -> None:
    added = journal.add(text_draft("zwei Gipfel ⛰ im Q3"))

    clip = journal.get(added.id)

    assert added.is_new
    assert (clip.kind, clip.mime_type, clip.preview) == (
        Kind.TEXT,
        "text/plain",
        "zwei Gipfel ⛰ im Q3",
    )
    assert (clip.captured_at, clip.last_copied_at, clip.copies) == (AT, AT, 1)
    assert (clip.source_app, clip.device) == ("Editor", "here")
    assert journal.text(added.id) == "zwei Gipfel ⛰ im Q3"
    assert journal.representations(added.id) == {"text/plain": "zwei Gipfel ⛰ im Q3".encode()}


@pytest.mark.parametrize("size", [0, 1, LARGE])
def test_representations_are_byte_exact(journal: SqliteJournal, size: int) -> None:
    html = bytes(range(256)) * (size // 256) + b"\x00" * (size % 256)
    draft = Draft(
        kind=Kind.HTML,
        mime_type="text/html",
        representations={"text/html": html, "text/plain": b"  two\r\nlines "},
        text="two\nlines",
        digest_source=b"two\nlines",
        at=AT,
    )

    found = journal.representations(journal.add(draft).id)

    assert found == dict(draft.representations)


def test_the_same_text_again_is_counted(journal: SqliteJournal) -> None:
    first = journal.add(text_draft("twice"))
    later = AT + timedelta(hours=1)

    again = journal.add(text_draft("twice", at=later, app="Browser", kind=Kind.LINK))

    clip = journal.get(first.id)
    assert (again.id, again.is_new) == (first.id, False)
    assert (clip.copies, clip.captured_at, clip.last_copied_at) == (2, AT, later)
    assert (clip.source_app, clip.kind) == ("Editor", Kind.TEXT)
    assert journal.count() == 1


def test_a_copy_with_an_earlier_clock_moves_no_time_back(journal: SqliteJournal) -> None:
    first = journal.add(text_draft("twice"))

    journal.add(text_draft("twice", at=AT - timedelta(hours=1)))

    clip = journal.get(first.id)
    assert (clip.copies, clip.captured_at, clip.last_copied_at) == (2, AT, AT)


def test_a_picture_never_equals_a_text_of_the_same_bytes(journal: SqliteJournal) -> None:
    one = journal.add(picture_draft(b"same"))
    other = journal.add(text_draft("same"))

    assert one.id != other.id


def test_a_repeated_copy_adds_the_types_that_were_lacking(journal: SqliteJournal) -> None:
    first = journal.add(text_draft("twice"))
    richer = Draft(
        kind=Kind.HTML,
        mime_type="text/html",
        representations={"text/html": b"<b>twice</b>", "text/plain": b"other"},
        text="twice",
        digest_source=b"twice",
        at=AT,
    )

    journal.add(richer)

    assert journal.representations(first.id) == {
        "text/plain": b"twice",
        "text/html": b"<b>twice</b>",
    }


def test_nothing_is_written_under_the_reserve(tmp_path: Path) -> None:
    with SqliteJournal.open(tmp_path, reserve_bytes=10**18) as journal:
        with pytest.raises(DiskReserveError, match=r"\d+ bytes are free .* 1000000000000000000"):
            journal.add(picture_draft(bytes(LARGE)))

        assert journal.count() == 0
        assert not (tmp_path / "blobs").exists()


def test_an_unknown_id_is_said_to_be_unknown(journal: SqliteJournal) -> None:
    nobody = new_id()

    with pytest.raises(UnknownClipError, match=str(nobody)):
        journal.get(nobody)
    with pytest.raises(UnknownClipError):
        journal.pin(nobody, pinned=True)
    with pytest.raises(UnknownClipError):
        journal.representations(nobody)
    with pytest.raises(UnknownClipError):
        journal.embedded(nobody, MODEL, {})
    assert journal.get_many([nobody]) == {}


def test_an_id_is_found_whole_by_its_beginning_and_by_its_end(journal: SqliteJournal) -> None:
    ids = [journal.add(text_draft(f"text {n}")).id for n in range(20)]

    shorts = journal.short_ids(ids)

    for each in ids:
        assert len(shorts[each]) >= 4
        assert each.hex.endswith(shorts[each])
        assert journal.resolve(shorts[each].upper()) == each
        assert journal.resolve(str(each)) == each
    with pytest.raises(AmbiguousIdError):
        journal.resolve(ids[0].hex[:4])
    with pytest.raises(UnknownClipError, match="no part"):
        journal.resolve("not an id")
    with pytest.raises(UnknownClipError):
        journal.resolve("f" * 32)


def test_clips_come_last_copied_first_page_after_page(journal: SqliteJournal) -> None:
    texts = [text_draft(f"text {n}", at=AT + timedelta(minutes=n % 7)) for n in range(30)]
    for each in texts:
        journal.add(each)

    whole = list(journal.clips(where=Filter()))
    first = list(journal.clips(where=Filter(), limit=12))
    rest = list(journal.clips(where=Filter(), before=first[-1].id))

    assert whole == sorted(whole, key=lambda c: (c.last_copied_at, c.id), reverse=True)
    assert first + rest == whole
    assert list(journal.clips(where=Filter(), limit=0)) == []


def test_pins_labels_and_words_in_pictures_are_kept(journal: SqliteJournal) -> None:
    shot = journal.add(picture_draft(b"shot")).id

    journal.pin(shot, pinned=True)
    journal.label_found({shot: ["terminal", "chart", "chart"]}, 1)
    journal.read_in_picture(shot, "Revenue by quarter")

    clip = journal.get(shot)
    assert (clip.pinned, clip.labels) == (True, ("chart", "terminal"))
    assert (journal.text(shot), journal.ocr_text(shot)) == ("", "Revenue by quarter")


def test_a_clip_goes_from_captured_to_embedded_to_indexed(journal: SqliteJournal) -> None:
    ids = [journal.add(text_draft(f"text {n}")).id for n in range(3)]
    assert [clip.id for clip in journal.pending(MODEL, Stage.CAPTURED, limit=2)] == ids[:2]

    journal.embedded(ids[0], MODEL, {Space.TEXT: embedding(0)})
    journal.embedded(ids[1], MODEL, {Space.TEXT: embedding(1)})
    handed_out = journal.pending(MODEL, Stage.EMBEDDED, limit=1)
    journal.indexed([clip.id for clip in handed_out], MODEL)

    assert [clip.id for clip in handed_out] == ids[:1]
    assert journal.stage_counts(MODEL) == {
        Stage.CAPTURED: 1,
        Stage.EMBEDDED: 1,
        Stage.INDEXED: 1,
        Stage.FAILED: 0,
    }
    assert journal.stage_counts("another")[Stage.CAPTURED] == 3
    np.testing.assert_array_equal(journal.vectors(ids[0], MODEL)[Space.TEXT], embedding(0))


@pytest.mark.parametrize(
    "change",
    [
        lambda journal, clip_id: journal.pin(clip_id, pinned=True),
        lambda journal, clip_id: journal.label_found({clip_id: ["work"]}, 1),
        lambda journal, clip_id: journal.read_in_picture(clip_id, "words"),
        lambda journal, _: journal.add(text_draft("changes")),
    ],
    ids=["pin", "label", "ocr", "copy"],
)
@pytest.mark.parametrize("when", ["while it is indexed", "afterwards"])
def test_a_changed_clip_is_indexed_again(journal: SqliteJournal, change, when: str) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001 - lambdas
    clip_id = journal.add(text_draft("changes")).id
    journal.embedded(clip_id, MODEL, {Space.TEXT: embedding(0)})
    journal.pending(MODEL, Stage.EMBEDDED, limit=1)

    if when == "afterwards":
        journal.indexed([clip_id], MODEL)
    change(journal, clip_id)
    if when == "while it is indexed":
        journal.indexed([clip_id], MODEL)

    assert [clip.id for clip in journal.pending(MODEL, Stage.EMBEDDED, limit=9)] == [clip_id]
    journal.indexed([clip_id], MODEL)
    assert journal.stage_counts(MODEL)[Stage.INDEXED] == 1


def test_a_failed_step_is_due_again_at_its_time(journal: SqliteJournal) -> None:
    torn, slow = (journal.add(picture_draft(name)).id for name in (b"torn", b"slow"))
    journal.embedded(slow, MODEL, {Space.IMAGE: embedding(0)})
    hour = timedelta(hours=1)

    journal.failed(torn, MODEL, "the picture is torn", retry_at=None)
    journal.failed(slow, MODEL, "no Weaviate", retry_at=AT + hour)
    journal.failed(slow, MODEL, "no Weaviate", retry_at=AT + hour)

    def due(stage: Stage, after: timedelta) -> list[UUID]:
        return [clip.id for clip in journal.pending(MODEL, stage, limit=9, now=AT + after)]

    assert due(Stage.CAPTURED, 100_000 * hour) == []
    assert due(Stage.EMBEDDED, hour / 2) == []
    assert due(Stage.EMBEDDED, hour) == [slow]
    assert [(clip.id, reason) for clip, reason in journal.failures(MODEL)] == [
        (torn, "the picture is torn"),
        (slow, "no Weaviate"),
    ]
    assert (journal.tries(torn, MODEL), journal.tries(slow, MODEL)) == (1, 2)
    assert journal.stage_counts(MODEL)[Stage.FAILED] == 2


def test_success_and_reset_forget_a_failure(journal: SqliteJournal) -> None:
    ids = [journal.add(text_draft(f"text {n}")).id for n in range(2)]
    for each in ids:
        journal.failed(each, MODEL, "out of memory", retry_at=None)

    journal.embedded(ids[0], MODEL, {Space.TEXT: embedding(0)})
    assert journal.reset(MODEL, to=Stage.CAPTURED) == 2

    assert journal.failures(MODEL) == []
    assert journal.tries(ids[1], MODEL) == 0
    assert len(journal.pending(MODEL, Stage.CAPTURED, limit=9)) == 2


def test_reset_to_embedded_leaves_the_vectors_and_those_without(journal: SqliteJournal) -> None:
    done, new = (journal.add(text_draft(name)).id for name in ("done", "new"))
    journal.embedded(done, MODEL, {Space.TEXT: embedding(0)})
    journal.indexed([done], MODEL)

    assert journal.reset(MODEL, to=Stage.EMBEDDED) == 1

    assert [clip.id for clip in journal.pending(MODEL, Stage.EMBEDDED, limit=9)] == [done]
    assert [clip.id for clip in journal.pending(MODEL, Stage.CAPTURED, limit=9)] == [new]
    assert Space.TEXT in journal.vectors(done, MODEL)


def test_a_picture_brings_its_size_and_thumbnail(journal: SqliteJournal) -> None:
    shot = journal.add(picture_draft(b"shot")).id
    assert journal.thumbnail(shot) is None

    survivor = journal.embedded(shot, MODEL, {Space.IMAGE: embedding(0)}, picture=picture("a"))

    clip = journal.get(shot)
    assert survivor == shot
    assert (clip.width_px, clip.height_px) == (640, 480)
    assert journal.thumbnail(shot) == b"jpeg of a"


def test_equal_pixels_become_one_clip_under_the_earlier_id(journal: SqliteJournal) -> None:
    first = journal.add(picture_draft(b"png")).id
    second = journal.add(picture_draft(b"bmp", at=AT + timedelta(days=1))).id
    journal.add(picture_draft(b"bmp", at=AT + timedelta(days=2)))
    journal.pin(second, pinned=True)
    journal.label_found({second: ["chart"]}, 1)
    journal.embedded(second, MODEL, {Space.IMAGE: embedding(2)}, picture=picture("same"))
    journal.indexed([second], MODEL)

    survivor = journal.embedded(first, MODEL, {Space.IMAGE: embedding(1)}, picture=picture("same"))

    clip = journal.get(second)
    assert survivor == clip.id == first
    assert (clip.copies, clip.captured_at) == (3, AT)
    assert clip.last_copied_at == AT + timedelta(days=2)
    assert (clip.pinned, clip.labels) == (True, ("chart",))
    assert journal.get_many([first, second]) == {first: clip, second: clip}
    assert journal.resolve(str(second)) == first
    assert journal.forgotten(MODEL, limit=9) == [second]
    assert journal.count() == 1
    np.testing.assert_array_equal(journal.vectors(second, MODEL)[Space.IMAGE], embedding(1))


def test_merged_bytes_are_known_when_they_are_copied_again(journal: SqliteJournal) -> None:
    first, second = (journal.add(picture_draft(name)).id for name in (b"png", b"bmp"))
    for each in (first, second):
        journal.embedded(each, MODEL, {Space.IMAGE: embedding(1)}, picture=picture("same"))

    again = journal.add(picture_draft(b"bmp"))

    assert (again.id, again.is_new) == (first, False)
    assert journal.get(first).copies == 3


def test_a_batch_merges_within_itself(journal: SqliteJournal) -> None:
    ids = [journal.add(picture_draft(b"%d" % n)).id for n in range(4)]
    nobody = new_id()
    same = [(each, {Space.IMAGE: embedding(n)}, picture("same")) for n, each in enumerate(ids)]

    found = journal.embedded_many([same[2], same[0], (nobody, {}, None), same[3], same[1]], MODEL)

    assert found == dict.fromkeys(ids, ids[0])
    assert journal.count() == 1
    assert len(journal.rows(MODEL, Space.IMAGE)[0]) == 1
    assert [clip.id for clip in journal.pending(MODEL, Stage.EMBEDDED, limit=9)] == ids[:1]


def test_forgetting_removes_a_clip_from_everywhere(journal: SqliteJournal) -> None:
    gone, merged, kept = (
        journal.add(picture_draft(bytes(LARGE) + n)).id for n in (b"1", b"2", b"3")
    )
    for each in (gone, merged):
        journal.embedded(each, MODEL, {Space.IMAGE: embedding(0)}, picture=picture("same"))
    journal.read_in_picture(gone, "quarterly revenue")

    assert journal.forget([merged, new_id()]) == 1

    assert journal.count() == 1
    assert journal.get_many([gone, merged, kept]).keys() == {kept}
    assert journal.match_words("revenue", limit=9, where=Filter()) == []
    assert journal.forgotten(MODEL, limit=9) == [gone]
    journal.forgotten_done([gone], MODEL)
    assert journal.forgotten(MODEL, limit=9) == []
    assert journal.forgotten("another", limit=9) == []


def test_a_clip_that_no_index_has_leaves_nothing_to_delete(journal: SqliteJournal) -> None:
    journal.stage_counts(MODEL)
    clip_id = journal.add(text_draft("short life")).id
    journal.failed(clip_id, MODEL, "busy", retry_at=None)

    journal.forget([clip_id])

    assert journal.forgotten(MODEL, limit=9) == []


def test_notes_are_kept(journal: SqliteJournal) -> None:
    journal.set_meta("model", "one")
    journal.set_meta("model", "two")

    assert journal.meta("model") == "two"
    assert journal.meta("unknown") is None
    assert UUID(journal.meta("journal_id"))


def test_what_was_copied_last_stands_last_and_nothing_else(journal: SqliteJournal) -> None:
    assert not journal.stands_last(text_draft("a"))
    journal.add(text_draft("a"))
    journal.add(text_draft("b", at=AT + timedelta(minutes=1)))

    assert journal.stands_last(text_draft("b"))
    assert not journal.stands_last(text_draft("a"))
    journal.add(text_draft("a", at=AT + timedelta(minutes=2)))
    assert journal.stands_last(text_draft("a"))
    assert not journal.stands_last(text_draft("never copied"))


def test_an_expiring_clip_stands_last_too(journal: SqliteJournal) -> None:
    journal.add(text_draft("a"))
    journal.add(expiring_draft("secret"))

    assert journal.stands_last(expiring_draft("secret"))
    assert not journal.stands_last(text_draft("a"))


def test_what_was_forgotten_last_may_stand_on_the_clipboard_until_the_next_copy(
    journal: SqliteJournal,
) -> None:
    added = journal.add(text_draft("a"))
    journal.forget([added.id])

    assert journal.stands_last(text_draft("a"))
    journal.add(text_draft("b"))
    assert not journal.stands_last(text_draft("a"))


def test_a_journal_that_can_be_written_says_so_and_one_without_room_does_not(
    tmp_path: Path,
) -> None:
    with opened(tmp_path / "roomy") as journal:
        journal.check_writable()
    full = SqliteJournal.open(tmp_path / "full", reserve_bytes=1 << 60)
    with full, pytest.raises(DiskReserveError):
        full.check_writable()
