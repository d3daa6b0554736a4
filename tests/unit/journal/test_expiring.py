"""Clips that are forgotten by themselves: found while they last, gone with every byte."""

from __future__ import annotations

import subprocess
import sys
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from tests.unit.journal.drafts import (
    AT,
    MODEL,
    embedding,
    expiring_draft,
    opened,
    text_draft,
)
from tests.waiting import WITHIN_S
from weavclip.domain.clip import Draft, Kind, Stage
from weavclip.domain.errors import UnknownClipError
from weavclip.domain.query import Filter, Space
from weavclip.journal.database import Database

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from weavclip.journal.store import SqliteJournal

HIDDEN = "Zwiebelfisch-7391 Quasselstrippe"
PAST = timedelta(seconds=-1)


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[SqliteJournal]:
    with opened(tmp_path) as found:
        yield found


def _everything(data_dir: Path) -> bytes:
    files = [each for each in data_dir.rglob("*") if each.is_file()]
    return b"\n".join(str(each).encode() + each.read_bytes() for each in files)


def _traces(data_dir: Path) -> list[str]:
    """What of the secret is in any byte of the folder, as text, in UTF-16 or as FTS5 keeps it."""
    there = _everything(data_dir)
    words = (HIDDEN, HIDDEN[3:15], HIDDEN.lower()[:12], "quasselstrippe")
    return [
        word
        for word in words
        if any(word.encode(each) in there for each in ("utf-8", "utf-16-le", "utf-16-be"))
    ]


def test_an_expiring_clip_is_kept_whole_and_listed(journal: SqliteJournal) -> None:
    draft = Draft(
        kind=Kind.HTML,
        mime_type="text/html",
        representations={"text/html": b"<b>\xffx</b>", "text/plain": HIDDEN.encode()},
        text=HIDDEN,
        preview=HIDDEN,
        digest_source=HIDDEN.encode(),
        at=AT,
        expires_at=datetime.now(UTC) + timedelta(minutes=9),
    )

    added = journal.add(draft)

    clip = journal.get(added.id)
    assert added.is_new
    assert (clip.preview, clip.expires_at, clip.kind) == (HIDDEN, draft.expires_at, Kind.HTML)
    assert journal.text(clip.id) == HIDDEN
    assert journal.representations(clip.id) == dict(draft.representations)
    assert journal.resolve(clip.id.hex[-8:]) == clip.id
    assert [each.preview for each in journal.clips(where=Filter())] == [HIDDEN]
    assert journal.count() == journal.count(Filter(kinds=frozenset({Kind.HTML}))) == 1


def test_an_expiring_clip_is_found_by_its_words_beside_others(journal: SqliteJournal) -> None:
    kept = journal.add(text_draft("an ordinary quasselstrippe")).id
    expiring = journal.add(expiring_draft(HIDDEN)).id

    by_word = {
        match.id for match in journal.match_words("QUASSELSTRIPPE", limit=9, where=Filter())
    }
    as_typed = journal.containing("quasselstrippe", limit=9, where=Filter())

    assert by_word == {kept, expiring}
    assert as_typed == [expiring, kept]
    assert journal.containing("quasselstrippe", limit=1, where=Filter()) == [expiring]
    assert journal.match_words("fisch", limit=9, where=Filter()) == []
    assert journal.containing("fisch-7391", limit=9, where=Filter()) == [expiring]
    of_links = Filter(kinds=frozenset({Kind.LINK}))
    assert journal.match_words("quasselstrippe", limit=9, where=of_links) == []


def test_no_model_and_no_index_is_ever_given_an_expiring_clip(journal: SqliteJournal) -> None:
    journal.add(expiring_draft("before the model is known"))
    assert journal.pending(MODEL, Stage.CAPTURED, limit=9) == []
    journal.reset(MODEL, to=Stage.CAPTURED)
    clip_id = journal.add(expiring_draft(HIDDEN)).id

    given = journal.embedded_many([(clip_id, {Space.TEXT: embedding(0)}, None)], MODEL)

    assert journal.pending(MODEL, Stage.CAPTURED, limit=9) == []
    assert journal.pending(MODEL, Stage.EMBEDDED, limit=9) == []
    assert set(journal.stage_counts(MODEL).values()) == {0}
    assert journal.vectors(clip_id, MODEL) == {}
    assert journal.index_words() == 0
    assert list(given) == [clip_id]


def test_nothing_of_an_expiring_clip_is_ever_in_the_database(
    tmp_path: Path, journal: SqliteJournal
) -> None:
    journal.add(text_draft("ordinary"))

    clip_id = journal.add(expiring_draft(HIDDEN)).id

    in_files = [each for each in tmp_path.rglob("*") if each.is_file()]
    holding = [each.name for each in in_files if HIDDEN.encode() in each.read_bytes()]
    assert holding == [clip_id.hex]


def test_after_its_time_a_clip_is_shown_nowhere_swept_or_not(journal: SqliteJournal) -> None:
    clip_id = journal.add(expiring_draft(HIDDEN, within=PAST)).id

    assert list(journal.clips(where=Filter())) == []
    assert journal.get_many([clip_id]) == {}
    assert journal.count() == journal.count(Filter(after=AT)) == 0
    assert journal.match_words("quasselstrippe", limit=9, where=Filter()) == []
    assert journal.containing("quasselstrippe", limit=9, where=Filter()) == []
    assert journal.selected(Filter(), matching="quasselstrippe") == []
    for ask in (journal.get, journal.text, journal.representations, journal.thumbnail):
        with pytest.raises(UnknownClipError):
            ask(clip_id)
    with pytest.raises(UnknownClipError):
        journal.resolve(clip_id.hex)


def test_a_swept_clip_leaves_no_byte_while_another_process_has_the_journal_open(
    tmp_path: Path,
) -> None:
    program = (
        "import sys; from pathlib import Path\n"
        "from tests.unit.journal.drafts import opened\n"
        "from weavclip.domain.query import Filter\n"
        "journal = opened(Path(sys.argv[1]))\n"
        "print(journal.count(), flush=True)\n"
        "sys.stdin.readline()\n"
    )
    with opened(tmp_path) as journal:
        kept = journal.add(text_draft("ordinary words")).id
        journal.add(expiring_draft(HIDDEN, within=PAST))
        other = subprocess.Popen(
            [sys.executable, "-c", program, str(tmp_path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert other.stdin is not None
        assert other.stdout is not None
        other.stdout.readline()

        assert journal.sweep() == 1

        assert _traces(tmp_path) == []
        assert journal.get(kept)
        other.communicate(b"\n", timeout=WITHIN_S)
    assert _traces(tmp_path) == []


def test_a_sweep_without_anything_to_do_writes_nothing(
    journal: SqliteJournal, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal.add(expiring_draft(HIDDEN))
    monkeypatch.delattr(Database, "writing")

    assert journal.sweep() == 0


def test_the_next_expiry_is_the_earliest(journal: SqliteJournal) -> None:
    assert journal.next_expiry() is None
    later = expiring_draft("later", within=timedelta(hours=2))
    sooner = expiring_draft("sooner", within=timedelta(hours=1))
    journal.add(later)
    journal.add(sooner)

    assert journal.next_expiry() == sooner.expires_at


def test_a_repeated_copy_prolongs_and_never_shortens(journal: SqliteJournal) -> None:
    first = journal.add(expiring_draft(HIDDEN, within=timedelta(minutes=5)))
    longer = expiring_draft(HIDDEN, within=timedelta(minutes=50))

    again = journal.add(longer)
    journal.add(expiring_draft(HIDDEN, within=timedelta(minutes=1)))

    clip = journal.get(first.id)
    assert (again.id, again.is_new) == (first.id, False)
    assert (clip.copies, clip.expires_at) == (3, longer.expires_at)


def test_a_copy_that_is_kept_for_good_keeps_the_clip_for_good(
    tmp_path: Path, journal: SqliteJournal
) -> None:
    journal.embedded_many([], MODEL)
    first = journal.add(expiring_draft(HIDDEN))

    again = journal.add(replace(expiring_draft(HIDDEN), expires_at=None))

    clip = journal.get(first.id)
    assert (again.id, again.is_new) == (first.id, False)
    assert (clip.expires_at, clip.copies, clip.preview) == (None, 2, HIDDEN)
    assert journal.representations(clip.id) == {"text/plain": HIDDEN.encode()}
    assert [each.id for each in journal.pending(MODEL, Stage.CAPTURED, limit=9)] == [clip.id]
    assert journal.containing(HIDDEN, limit=9, where=Filter()) == [clip.id]
    assert journal.match_words("quasselstrippe", limit=9, where=Filter())[0].id == clip.id
    journal.collect()
    assert list((tmp_path / "expiring").iterdir()) == []


def test_a_clip_that_was_kept_for_good_stays_when_it_is_copied_as_an_expiring_one(
    journal: SqliteJournal,
) -> None:
    first = journal.add(text_draft(HIDDEN))

    again = journal.add(expiring_draft(HIDDEN))

    clip = journal.get(first.id)
    assert (again.id, clip.expires_at, clip.copies) == (first.id, None, 2)


def test_pinning_keeps_a_clip_for_good_and_unpinning_does_not_bring_its_end_back(
    tmp_path: Path, journal: SqliteJournal
) -> None:
    journal.embedded_many([], MODEL)
    clip_id = journal.add(expiring_draft(HIDDEN)).id

    journal.pin(clip_id, pinned=True)
    journal.pin(clip_id, pinned=False)

    assert journal.get(clip_id).expires_at is None
    assert journal.text(clip_id) == HIDDEN
    assert [each.id for each in journal.pending(MODEL, Stage.CAPTURED, limit=9)] == [clip_id]
    assert list((tmp_path / "expiring").iterdir()) == []


def test_a_large_picture_becomes_a_blob_when_it_is_kept_for_good(journal: SqliteJournal) -> None:
    content = bytes(range(256)) * 1000
    draft = Draft(
        kind=Kind.IMAGE,
        mime_type="image/png",
        representations={"image/png": content},
        digest_source=content,
        at=AT,
        expires_at=datetime.now(UTC) + timedelta(minutes=5),
    )
    clip_id = journal.add(draft).id

    journal.pin(clip_id, pinned=True)

    assert journal.representations(clip_id) == {"image/png": content}
    assert journal.add(replace(draft, expires_at=None)).id == clip_id
    assert journal.collect() == 0


def test_what_a_crash_left_is_swept(tmp_path: Path, journal: SqliteJournal) -> None:
    journal.add(expiring_draft("stays"))
    orphan = tmp_path / "expiring" / ("0" * 32)
    orphan.write_bytes(HIDDEN.encode())
    orphan.with_suffix(".new").write_bytes(HIDDEN.encode())

    assert journal.sweep() == 0

    assert _traces(tmp_path) == []
    assert journal.count() == 1


def test_every_expiring_clip_can_go_before_its_time(
    tmp_path: Path, journal: SqliteJournal
) -> None:
    kept = journal.add(text_draft("kept")).id
    journal.add(expiring_draft(HIDDEN))

    assert journal.forget_expiring() == 1

    assert [clip.id for clip in journal.clips(where=Filter())] == [kept]
    assert _traces(tmp_path) == []


def test_who_adds_an_expiring_clip_tells_of_it(journal: SqliteJournal) -> None:
    told = threading.Event()
    journal.when_expiring(told.set)

    journal.add(text_draft("ordinary"))
    assert not told.is_set()
    journal.add(expiring_draft(HIDDEN))

    assert told.is_set()


def test_what_expired_is_not_taken_for_a_new_copy_when_an_agent_starts(
    journal: SqliteJournal,
) -> None:
    draft = expiring_draft(HIDDEN, within=PAST)
    journal.add(text_draft("before"))
    journal.add(draft)
    journal.sweep()

    assert journal.stands_last(draft)
    journal.add(text_draft("a later copy"))
    assert not journal.stands_last(draft)
