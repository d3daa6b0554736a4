from __future__ import annotations

import hashlib
import os
import sqlite3
import stat
import subprocess
import sys
import threading
from contextlib import closing, suppress
from pathlib import Path

import pytest

from tests.unit.journal.drafts import MODEL, embedding, opened, picture, picture_draft, text_draft
from tests.waiting import WITHIN_S
from weavclip.domain.clip import Stage
from weavclip.domain.errors import JournalError, JournalVersionError
from weavclip.domain.query import Filter, Space
from weavclip.journal.migrations import MIGRATIONS

LARGE = 200_000
HEAVY = ("numpy", "onnxruntime", "PIL", "weaviate")


def test_files_are_for_their_owner_alone_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        with opened(tmp_path / "data") as journal:
            shot = journal.add(picture_draft(bytes(LARGE))).id
            journal.embedded(shot, MODEL, {Space.IMAGE: embedding(0)}, picture=picture("a"))
            found = [tmp_path / "data", *(tmp_path / "data").rglob("*")]
            modes = {each: stat.S_IMODE(each.stat().st_mode) for each in found}
    finally:
        os.umask(before)

    assert {path.name for path in modes} >= {"journal.sqlite3-wal", "journal.sqlite3-shm"}
    for path, mode in modes.items():
        assert mode == (0o700 if path.is_dir() else 0o600), path


def test_commits_survive_a_power_cut_by_their_settings(tmp_path: Path) -> None:
    with opened(tmp_path) as journal, journal._db.reading() as connection:
        found = {
            name: connection.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("journal_mode", "synchronous", "foreign_keys", "secure_delete")
        }

    full = 2
    assert found == {
        "journal_mode": "wal",
        "synchronous": full,
        "foreign_keys": 1,
        "secure_delete": 1,
    }


def test_opening_needs_no_heavy_library(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path\n"
        "from weavclip.journal.store import SqliteJournal\n"
        "journal = SqliteJournal.open(Path(sys.argv[1]), reserve_bytes=0)\n"
        "print(*sys.modules)"
    )

    told = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
        timeout=WITHIN_S,
    ).stdout

    assert not {name.split(".")[0] for name in told.split()} & set(HEAVY)


def test_a_newer_journal_is_refused_and_not_touched(tmp_path: Path) -> None:
    opened(tmp_path).close()
    path = tmp_path / "journal.sqlite3"
    newer = len(MIGRATIONS) + 1
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA user_version = {newer}")
    before = path.read_bytes()

    with pytest.raises(JournalVersionError, match=f"version {newer}, .* up to {newer - 1}"):
        opened(tmp_path)

    assert path.read_bytes() == before


def test_a_journal_that_a_newer_weavclip_took_over_is_written_no_more(tmp_path: Path) -> None:
    with opened(tmp_path) as journal:
        kept = journal.add(text_draft("before")).id
        with closing(sqlite3.connect(tmp_path / "journal.sqlite3")) as connection:
            connection.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")

        with pytest.raises(JournalVersionError):
            journal.add(text_draft("after"))

        assert [clip.id for clip in journal.clips(where=Filter())] == [kept]


def test_a_closed_journal_says_so(tmp_path: Path) -> None:
    journal = opened(tmp_path)
    journal.close()

    with pytest.raises(JournalError):
        journal.count()


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="no /proc to count files in")
def test_threads_that_end_leave_no_file_open(tmp_path: Path) -> None:
    with opened(tmp_path) as journal:
        journal.count()
        before = files_open_in(tmp_path)
        for _ in range(20):
            thread = threading.Thread(target=journal.count)
            thread.start()
            thread.join(timeout=WITHIN_S)

        assert files_open_in(tmp_path) == before


def files_open_in(folder: Path) -> int:
    """How often this process has a file in it open."""
    found = 0
    for each in Path("/proc/self/fd").iterdir():
        with suppress(FileNotFoundError):  # another thread's, closed meanwhile
            found += each.readlink().is_relative_to(folder)
    return found


def test_an_older_journal_is_migrated_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(tmp_path) as journal:
        clip_id = journal.add(text_draft("old")).id
    more = (*MIGRATIONS, ("CREATE TABLE topics (seq INTEGER PRIMARY KEY)",))
    monkeypatch.setattr("weavclip.journal.migrations.MIGRATIONS", more)

    for _ in range(2):
        with opened(tmp_path) as journal, journal._db.reading() as connection:
            (version,) = connection.execute("PRAGMA user_version").fetchone()
            assert version == len(more)
            assert connection.execute("SELECT count(*) FROM topics").fetchone() == (0,)
            assert journal.text(clip_id) == "old"


def test_a_migration_that_fails_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened(tmp_path).close()
    torn = ("CREATE TABLE topics (seq INTEGER PRIMARY KEY)", "CREATE TABLE clips (id)")
    monkeypatch.setattr("weavclip.journal.migrations.MIGRATIONS", (*MIGRATIONS, torn))

    with pytest.raises(JournalError):
        opened(tmp_path)

    monkeypatch.undo()
    with opened(tmp_path) as journal, journal._db.reading() as connection:
        tables = connection.execute("SELECT name FROM sqlite_master WHERE name = 'topics'")
        assert tables.fetchall() == []


def test_a_damaged_file_is_named_with_a_hint(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite3"
    path.write_bytes(b"this is no database, " * 500)

    with pytest.raises(JournalError, match=r"journal\.sqlite3 is damaged") as caught:
        opened(tmp_path)

    assert "restore a backup" in caught.value.hint


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(JournalError, match="file"):
        opened(tmp_path / "file" / "data")


def test_a_disk_that_fills_up_while_a_picture_is_written_leaves_nothing(tmp_path: Path) -> None:
    content = bytes(LARGE)
    name = hashlib.sha256(content).hexdigest()
    with opened(tmp_path) as journal:
        folder = tmp_path / "blobs" / name[:2]
        folder.mkdir(parents=True)
        (folder / name).symlink_to("/dev/full")

        with pytest.raises(JournalError, match="No space left") as caught:
            journal.add(picture_draft(content))

        assert "free some space" in caught.value.hint
        assert (journal.count(), list(folder.iterdir())) == (0, [])
        added = journal.add(picture_draft(content))
        assert journal.representations(added.id) == {"image/png": content}


def test_a_disk_that_fills_up_while_a_text_is_written_leaves_nothing(tmp_path: Path) -> None:
    with opened(tmp_path) as journal:
        kept = journal.add(text_draft("before")).id
        # The connection that is read with now is the one that is written with next.
        with journal._db.reading() as connection:
            (pages,) = connection.execute("PRAGMA page_count").fetchone()
            connection.execute(f"PRAGMA max_page_count = {pages}")

        with pytest.raises(JournalError, match="disk is full") as caught:
            journal.add(text_draft("word " * 40_000))

        with journal._db.reading() as connection:
            connection.execute("PRAGMA max_page_count = 1000000")
        assert "free some space" in caught.value.hint
        assert [clip.id for clip in journal.clips(where=Filter())] == [kept]
        assert journal.add(text_draft("word " * 40_000)).is_new


def test_threads_share_a_journal(tmp_path: Path) -> None:
    threads, each = 6, 10
    with opened(tmp_path) as journal:

        def add(thread: int) -> None:
            for number in range(each):
                journal.add(text_draft(f"{thread} {number}"))
                journal.add(text_draft(f"everybody's {number}"))

        running = [threading.Thread(target=add, args=(number,)) for number in range(threads)]
        for thread in running:
            thread.start()
        for thread in running:
            thread.join(timeout=WITHIN_S)

        assert journal.count() == threads * each + each
        copies = [clip.copies for clip in journal.clips(where=Filter())]
        assert sorted(copies) == [1] * threads * each + [threads] * each


def test_two_processes_that_start_at_once_keep_one_clip_a_content(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path\n"
        "from tests.unit.journal.drafts import opened, picture_draft, text_draft\n"
        "journal = opened(Path(sys.argv[1]) / 'data')\n"
        "for number in range(15):\n"
        "    journal.add(text_draft(f'text {number}'))\n"
        "    journal.add(picture_draft(bytes([number]) * 100_000))\n"
    )
    writers = [subprocess.Popen([sys.executable, "-c", program, str(tmp_path)]) for _ in range(3)]

    assert [writer.wait(timeout=WITHIN_S) for writer in writers] == [0, 0, 0]

    with opened(tmp_path / "data") as journal:
        assert [clip.copies for clip in journal.clips(where=Filter())] == [3] * 30
        assert journal.collect() == 0


def test_a_reader_that_stops_half_way_holds_up_nobody(tmp_path: Path) -> None:
    with opened(tmp_path) as journal:
        for number in range(5):
            journal.add(text_draft(f"text {number}"))
        reader = journal.clips(where=Filter())
        next(reader)

        journal.scrub()

        assert len(list(reader)) == 4


def test_pending_only_steps_over_many_failures(tmp_path: Path) -> None:
    failures = 20_000
    with opened(tmp_path) as journal:
        journal.embedded_many([], MODEL)
        with journal._db.writing() as connection:
            connection.executemany(
                "INSERT INTO clips (id, tail, kind, mime_type, preview, captured_us, last_us,"
                " source_app, app_folded, device, size_bytes)"
                " VALUES (randomblob(16), '', 'text', '', '', ?, 0, '', '', '', 0)",
                [(0,)] * failures,
            )
            connection.execute(
                "INSERT INTO stages (seq, model, due_us) SELECT seq, 1, 9e18 FROM clips"
            )
        clip_id = journal.add(text_draft("the only one")).id

        steps = list[None]()
        # The connection that is read with now is the one that is read with next.
        with journal._db.reading() as connection:
            connection.set_progress_handler(lambda: steps.append(None), 1)

        found = journal.pending(MODEL, Stage.CAPTURED, limit=10)

    assert [clip.id for clip in found] == [clip_id]
    assert 0 < len(steps) < 10 * failures


def test_a_write_that_may_be_lost_lets_no_other_be_lost(tmp_path: Path) -> None:
    with opened(tmp_path) as journal:
        synced = []
        for is_durable in (True, False, True):
            with journal._db.writing(is_durable=is_durable) as connection:
                synced += connection.execute("PRAGMA synchronous").fetchone()

    normal, full = 1, 2
    assert synced == [full, normal, full]
