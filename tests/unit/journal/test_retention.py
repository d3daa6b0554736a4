"""What goes is the oldest that is not pinned, exactly, however it is interrupted."""

from __future__ import annotations

import random
import subprocess
import sys
import threading
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scripts.benchmarks.durability import sound
from tests.unit.journal.drafts import (
    MODEL,
    embedding,
    expiring_draft,
    opened,
    picture_draft,
    text_draft,
)
from tests.unit.journal.older import older_journal
from tests.waiting import WITHIN_S
from weavclip.domain.query import Filter, Space
from weavclip.domain.retention import Keep, Surplus
from weavclip.pipeline.upkeep import trim

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from uuid import UUID

    from weavclip.journal.store import SqliteJournal

NOW = datetime.now(UTC)
LARGE = 100_000


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[SqliteJournal]:
    with opened(tmp_path) as found:
        yield found


@dataclass(frozen=True)
class Made:
    """One clip of a made-up past."""

    days_ago: int
    size: int
    pinned: bool


_PAST = st.lists(
    st.builds(Made, st.integers(0, 400), st.integers(1, 60), st.booleans()), max_size=14
)
_KEEP = st.builds(
    lambda days, clips, size_bytes: Keep(days=days, clips=clips, size_bytes=size_bytes),
    st.sampled_from([0.0, 30.5, 365.5]),
    st.integers(0, 12),
    st.integers(0, 400),
)


def _left(past: dict[UUID, Made], order: list[UUID], keep: Keep) -> set[UUID]:
    """What stays, by the plainest program: drop the oldest while any limit is passed."""
    left = list(order)
    for clip_id in order:
        made = past[clip_id]
        too_many = keep.clips and len(left) > keep.clips
        too_large = keep.size_bytes and sum(past[each].size for each in left) > keep.size_bytes
        too_old = keep.days and made.days_ago > keep.days
        if not made.pinned and (too_many or too_large or too_old):
            left.remove(clip_id)
    return set(left)


@given(past=_PAST, keep=_KEEP, at_once=st.integers(1, 5))
@settings(max_examples=60)
def test_exactly_the_oldest_that_are_not_pinned_go(
    tmp_path_factory: pytest.TempPathFactory, past: list[Made], keep: Keep, at_once: int
) -> None:
    with opened(tmp_path_factory.mktemp("retention")) as journal:
        known = {}
        for number, made in enumerate(past):
            text = f"{number} ".ljust(made.size, "x")[: max(made.size, len(f"{number} "))]
            at = NOW - timedelta(days=made.days_ago, seconds=number)
            clip_id = journal.add(text_draft(text, at=at)).id
            journal.pin(clip_id, pinned=made.pinned)
            known[clip_id] = Made(made.days_ago, len(text), made.pinned)
        order = [clip.id for clip in journal.clips(where=Filter())][::-1]

        surplus = journal.surplus(keep)
        while surplus and journal.trim(surplus, limit=at_once, within_s=1):
            pass

        expected = _left(known, order, keep)
        assert {clip.id for clip in journal.clips(where=Filter())} == expected
        assert surplus.clips == len(past) - len(expected)
        assert surplus.size_bytes == sum(known[each].size for each in set(order) - expected)
        assert not journal.surplus(keep)


def test_by_default_nothing_ever_goes(journal: SqliteJournal) -> None:
    journal.add(text_draft("old", at=NOW - timedelta(days=9999)))

    assert journal.surplus(Keep()) == Surplus()


def test_the_limit_that_asks_for_most_is_named(journal: SqliteJournal) -> None:
    for days in range(5):
        journal.add(text_draft(f"clip {days}", at=NOW - timedelta(days=days)))

    by_days = journal.surplus(Keep(days=3.5, clips=5))
    by_clips = journal.surplus(Keep(days=3.5, clips=2))
    by_size = journal.surplus(Keep(size_bytes=6))

    assert (by_days.clips, by_days.why) == (1, "over 3.5 days")
    assert (by_clips.clips, by_clips.why, by_clips.total) == (3, "over 2 clips", 5)
    assert (by_size.clips, by_size.why, by_size.size_bytes) == (4, "over 6 bytes", 24)


def test_every_type_that_was_captured_counts_and_nothing_else(journal: SqliteJournal) -> None:
    shot = journal.add(picture_draft(bytes(LARGE))).id
    journal.embedded(shot, MODEL, {Space.IMAGE: embedding(0)})
    journal.add(expiring_draft("does not count, and does not go"))

    assert not journal.surplus(Keep(size_bytes=LARGE, clips=1))
    assert journal.surplus(Keep(size_bytes=LARGE - 1)).clips == 1


def test_a_clip_that_is_copied_or_pinned_meanwhile_stays(journal: SqliteJournal) -> None:
    old = [
        journal.add(text_draft(f"clip {number}", at=NOW - timedelta(days=9 - number))).id
        for number in range(4)
    ]
    surplus = journal.surplus(Keep(days=1))
    journal.add(text_draft("clip 0", at=NOW))
    journal.pin(old[1], pinned=True)

    assert journal.trim(surplus, limit=99, within_s=1) == 2

    assert {clip.id for clip in journal.clips(where=Filter())} == {old[0], old[1]}


def test_what_went_leaves_no_file_no_row_and_no_vector(
    tmp_path: Path, journal: SqliteJournal
) -> None:
    gone = [
        journal.add(picture_draft(bytes([number]) * LARGE, at=NOW - timedelta(days=99))).id
        for number in range(5)
    ]
    for number, clip_id in enumerate(gone):
        journal.embedded(clip_id, MODEL, {Space.IMAGE: embedding(number)})
    kept = journal.add(picture_draft(b"kept" * LARGE, at=NOW)).id

    removed = trim(journal, Keep(days=1), stop=threading.Event(), pause_s=0)

    assert removed == 5
    blobs = [each for each in (tmp_path / "blobs").rglob("*") if each.is_file()]
    assert len(blobs) == 1
    assert journal.representations(kept)["image/png"] == b"kept" * LARGE
    assert sorted(journal.forgotten(MODEL, limit=9)) == sorted(gone)
    vectors = (tmp_path / "vectors" / "1-ViT-B-32" / "image.f32").read_bytes()
    assert vectors == bytes(len(vectors))
    assert sound(tmp_path)


def test_the_space_of_what_went_comes_back(tmp_path: Path, journal: SqliteJournal) -> None:
    words = random.Random(7)
    for number in range(800):
        text = " ".join(f"{words.getrandbits(30):x}" for _ in range(60))
        journal.add(text_draft(f"{number} {text}", at=NOW - timedelta(days=99 - number // 700)))
    journal.index_words()
    journal._db.empty_log()
    before = (tmp_path / "journal.sqlite3").stat().st_size

    trim(journal, Keep(days=98.5), stop=threading.Event(), pause_s=0)

    after = (tmp_path / "journal.sqlite3").stat().st_size
    assert journal.count() == 100
    assert after < before / 3
    assert sound(tmp_path)


def test_stopped_half_way_it_goes_on_from_there(journal: SqliteJournal) -> None:
    for number in range(30):
        journal.add(text_draft(f"clip {number}", at=NOW - timedelta(days=9)))
    stop = threading.Event()
    stop.set()

    assert trim(journal, Keep(days=1), stop=stop) == 0
    assert trim(journal, Keep(days=1), stop=threading.Event(), pause_s=0) == 30


def test_a_kill_at_any_moment_leaves_a_sound_journal_that_lost_only_what_was_to_go(
    tmp_path: Path,
) -> None:
    program = (
        "import sys, threading; from pathlib import Path\n"
        "from tests.unit.journal.drafts import opened\n"
        "from weavclip.domain.retention import Keep\n"
        "from weavclip.pipeline.upkeep import trim\n"
        "journal = opened(Path(sys.argv[1]))\n"
        "print('ready', flush=True)\n"
        "trim(journal, Keep(days=1), stop=threading.Event(), pause_s=0)\n"
    )
    with opened(tmp_path) as journal:
        for number in range(600):
            journal.add(text_draft(f"old {number}", at=NOW - timedelta(days=9)))
            if number % 20 == 0:
                content = bytes([number % 251]) * (LARGE + number)
                journal.add(picture_draft(content, at=NOW - timedelta(days=9)))
        kept = [journal.add(text_draft(f"new {number}", at=NOW)).id for number in range(20)]
    moments = random.Random(3)
    for _ in range(6):
        process = subprocess.Popen(
            [sys.executable, "-c", program, str(tmp_path)], stdout=subprocess.PIPE
        )
        assert process.stdout is not None
        process.stdout.readline()
        threading.Timer(moments.uniform(0.005, 0.08), process.kill).start()
        process.communicate(timeout=WITHIN_S)

        assert sound(tmp_path)

    with opened(tmp_path) as journal:
        assert set(kept) <= {clip.id for clip in journal.clips(where=Filter())}
        trim(journal, Keep(days=1), stop=threading.Event(), pause_s=0)
        journal.collect()
        assert {clip.id for clip in journal.clips(where=Filter())} == set(kept)
        assert not [each for each in (tmp_path / "blobs").rglob("*") if each.is_file()]


def test_a_writer_in_another_process_loses_nothing_and_is_let_in(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path\n"
        "from tests.unit.journal.drafts import opened, text_draft\n"
        "from datetime import UTC, datetime\n"
        "journal = opened(Path(sys.argv[1]))\n"
        "for number in range(25):\n"
        "    journal.add(text_draft(f'copied {number}', at=datetime.now(UTC)))\n"
    )
    with opened(tmp_path) as journal:
        for number in range(400):
            journal.add(text_draft(f"old {number} " * 9, at=NOW - timedelta(days=9)))
        journal.index_words()
        writer = subprocess.Popen([sys.executable, "-c", program, str(tmp_path)])
        stop = threading.Event()
        while writer.poll() is None:
            trim(journal, Keep(days=1), stop=stop)
        assert writer.returncode == 0, "it waited too long to write"

        trim(journal, Keep(days=1), stop=stop, pause_s=0)
        assert journal.count() == 25


def test_a_journal_of_version_2_learns_how_much_each_clip_holds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with older_journal(tmp_path, monkeypatch, version=2) as written:
        written.text("zwölf")
        written.picture(b"small", seen="")
        written.picture(bytes(LARGE), seen="")

    with opened(tmp_path) as journal:
        total = len("zwölf".encode()) + len(b"small") + LARGE
        assert not journal.surplus(Keep(size_bytes=total))
        assert journal.surplus(Keep(size_bytes=total - 1)).size_bytes > 0
        assert journal.next_expiry() is None


def test_a_trim_ends_when_its_time_is_over(journal: SqliteJournal) -> None:
    for number in range(50):
        journal.add(text_draft(f"clip {number}", at=NOW - timedelta(days=9)))

    done = journal.trim(journal.surplus(Keep(days=1)), limit=50, within_s=0)

    assert done == 1
