from __future__ import annotations

import io
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import threading
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from tests.unit.journal.drafts import MODEL, embedding, opened, picture_draft, text_draft
from tests.unit.journal_archive.filling import all_kept, backed_up, filled, members, tape_of
from tests.waiting import WITHIN_S
from weavclip.domain.clip import Stage
from weavclip.domain.errors import (
    ArchiveError,
    DiskReserveError,
    JournalError,
    JournalVersionError,
)
from weavclip.domain.query import Filter, Space
from weavclip.domain.seen import Box, Seen, SeenLine
from weavclip.journal.archive import output, restore, snapshot, staging
from weavclip.journal.migrations import MIGRATIONS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture(autouse=True)
def others_are_not_held_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no test wait until the whole machine's files are on its disk."""
    monkeypatch.setattr(os, "sync", lambda: None)


def restored(data_dir: Path, content: bytes) -> int:
    """Put a backup in the place of a journal, as the command does."""
    data_dir.mkdir(exist_ok=True)
    with staging.staging(data_dir) as folder:
        _read(content, folder)
        clips = restore.prepare(folder, journal_id=restore.present_id(data_dir))
        staging.take_place(data_dir)
    return clips


def _read(content: bytes, folder: Path | None = None) -> None:
    restore.read_through(
        io.BytesIO(content), name="b.tar", progress=lambda _done, _total: None, folder=folder
    )


def test_a_restored_journal_is_the_one_that_was_backed_up(tmp_path: Path) -> None:
    filled(tmp_path / "one")

    clips = restored(tmp_path / "two", backed_up(tmp_path / "one"))

    with opened(tmp_path / "one") as one, opened(tmp_path / "two") as two:
        assert clips == 5
        assert all_kept(two, models=[MODEL]) == all_kept(one, models=[MODEL])
        assert [match.id for match in two.match_words("peaks", limit=9, where=Filter())]
        assert two.collect() == 0


def test_a_backup_has_the_places_of_words_in_pictures(tmp_path: Path) -> None:
    seen = Seen((SeenLine(("heron",), (Box(1, 2, 30, 12),)),))
    with opened(tmp_path / "one") as one:
        read = one.add(picture_draft(b"read")).id
        one.seen_in_picture(read, seen)
        unread = one.add(picture_draft(b"unread")).id

    restored(tmp_path / "two", backed_up(tmp_path / "one"))

    with opened(tmp_path / "two") as two:
        assert (two.ocr_text(read), two.boxes(read)) == (seen.text, seen.boxes)
        assert [clip.id for clip in two.unread(limit=9)] == [unread]


def test_only_the_owner_can_read_what_is_restored(tmp_path: Path) -> None:
    filled(tmp_path / "one")

    restored(tmp_path / "two", backed_up(tmp_path / "one"))

    found = [path for path in (tmp_path / "two").rglob("*") if path.exists()]
    assert all(path.stat().st_mode & 0o077 == 0 for path in found)


def test_what_was_forgotten_is_not_in_a_backup(tmp_path: Path) -> None:
    with opened(tmp_path / "one") as one:
        gone = one.add(text_draft("parting words")).id
        one.add(text_draft("kept words"))
        one.index_words()
        one.forget([gone])

    content = backed_up(tmp_path / "one")

    assert b"kept words" in content
    assert b"parting" not in content


def test_a_clip_that_is_to_expire_is_not_in_a_backup(tmp_path: Path) -> None:
    from dataclasses import replace
    from datetime import timedelta

    from tests.unit.journal.drafts import AT

    with opened(tmp_path / "one") as one:
        one.add(text_draft("kept words"))
        one.add(replace(text_draft("secret"), expires_at=AT + timedelta(days=36500)))

    restored(tmp_path / "two", backed_up(tmp_path / "one"))

    with opened(tmp_path / "two") as two:
        assert [kept.text for kept in all_kept(two)] == ["kept words"]
        assert two.count() == 1


def test_every_index_is_filled_anew_after_a_restore(tmp_path: Path) -> None:
    filled(tmp_path / "one")
    with opened(tmp_path / "one") as one:
        one.indexed([clip.id for clip in one.pending(MODEL, Stage.EMBEDDED, limit=9)], MODEL)
    content = backed_up(tmp_path / "one")

    restored(tmp_path / "one", content)
    with opened(tmp_path / "one") as one:
        first = one.meta(staging.EDITION)
        counts = one.stage_counts(MODEL)
    restored(tmp_path / "one", content)

    with opened(tmp_path / "one") as one:
        assert (counts[Stage.INDEXED], counts[Stage.EMBEDDED]) == (0, 2)
        assert None not in {first, one.meta(staging.EDITION)}
        assert first != one.meta(staging.EDITION)


def test_a_restored_journal_takes_over_the_index_of_the_one_before(tmp_path: Path) -> None:
    filled(tmp_path / "one")
    with opened(tmp_path / "two") as two:
        before = two.meta("journal_id")
    with opened(tmp_path / "one") as one:
        own = one.meta("journal_id")
    content = backed_up(tmp_path / "one")

    restored(tmp_path / "two", content)
    restored(tmp_path / "three", content)

    with opened(tmp_path / "two") as two, opened(tmp_path / "three") as three:
        assert (two.meta("journal_id"), three.meta("journal_id")) == (before, own)


def test_a_damaged_journal_can_be_replaced(tmp_path: Path) -> None:
    filled(tmp_path / "one")
    content = backed_up(tmp_path / "one")
    (tmp_path / "one" / "journal.sqlite3").write_bytes(b"torn" * 1000)

    assert restore.present_count(tmp_path / "one") is None
    assert restored(tmp_path / "one", content) == 5

    assert restore.present_count(tmp_path / "one") == 5


def test_a_clip_whose_file_is_altered_or_lost_is_named_and_left_out(tmp_path: Path) -> None:
    with opened(tmp_path / "one") as one:
        damaged = {one.add(picture_draft(bytes([each]) * 100_000)).id for each in (1, 2)}
        one.add(text_draft("whole"))
    altered, lost = (p for p in (tmp_path / "one" / "blobs").rglob("*") if p.is_file())
    altered.write_bytes(b"x" * 100_000)
    lost.unlink()

    with staging.staging(tmp_path / "one") as folder:
        taken = snapshot.take(tmp_path / "one", folder)

    assert (taken.clips, set(taken.damaged)) == (1, damaged)


@pytest.mark.parametrize("left_bytes", [None, 5])
def test_clips_whose_vectors_are_lost_are_embedded_anew(
    tmp_path: Path, left_bytes: int | None
) -> None:
    filled(tmp_path / "one")
    for file in (tmp_path / "one" / "vectors").rglob("*.f32"):
        if left_bytes is None:
            file.unlink()
        else:
            os.truncate(file, left_bytes)

    restored(tmp_path / "two", backed_up(tmp_path / "one"))

    with opened(tmp_path / "two") as two:
        counts = two.stage_counts(MODEL)
        assert (counts[Stage.CAPTURED], counts[Stage.EMBEDDED]) == (5, 0)
        two.embedded(two.kept_ids(Filter())[0], MODEL, {Space.IMAGE: embedding(3)})
        _, rows = two.rows(MODEL, Space.IMAGE)
        assert rows[0].tobytes() == embedding(3).tobytes()


def test_what_is_forgotten_while_it_is_backed_up_is_not_called_damaged(tmp_path: Path) -> None:
    with opened(tmp_path / "one") as one:
        gone = one.add(picture_draft(bytes(100_000))).id
        with staging.staging(tmp_path / "one") as folder:
            snapshot._copy_database(tmp_path / "one", folder)
            one.forget([gone])
            lost = set(snapshot._link_blobs(tmp_path / "one", folder))
            with snapshot._connected(folder) as connection:
                owners = snapshot._owners(connection, lost)

        assert owners == [gone]
        assert snapshot._still_there(tmp_path / "one", owners) == []


def test_a_backup_is_consistent_while_others_write_and_forget(tmp_path: Path) -> None:
    filled(tmp_path / "one")
    stop = threading.Event()
    with opened(tmp_path / "one") as one:
        writer = threading.Thread(target=_write_and_forget, args=(tmp_path / "one", stop))
        writer.start()
        try:
            backups = [backed_up(tmp_path / "one") for _ in range(4)]
        finally:
            stop.set()
            writer.join(timeout=WITHIN_S)
        stable = all_kept(one, models=[MODEL])[:5]

    for number, content in enumerate(backups):
        restored(tmp_path / f"{number}", content)
        with opened(tmp_path / f"{number}") as found:
            kept = all_kept(found, models=[MODEL])
            assert kept[:5] == stable
            for each in kept[5:]:
                assert each.representations
                for row in each.vectors.get(MODEL, {}).values():
                    assert row == embedding(len(each.representations["image/png"])).tobytes()


def _write_and_forget(data_dir: Path, stop: threading.Event) -> None:
    with opened(data_dir) as journal:
        number = 0
        while not stop.is_set():
            size = 70_000 + number
            number += 1
            clip_id = journal.add(picture_draft(os.urandom(size))).id
            journal.embedded(clip_id, MODEL, {Space.IMAGE: embedding(size)})
            if number % 2:
                journal.forget([clip_id])


def test_a_newer_backup_is_refused_before_anything_is_unpacked(tmp_path: Path) -> None:
    filled(tmp_path / "one")
    (name, head), *rest = members(backed_up(tmp_path / "one"))
    newer = json.dumps({**json.loads(head), "schema": len(MIGRATIONS) + 1}).encode()

    with pytest.raises(JournalVersionError, match=f"version {len(MIGRATIONS) + 1}"):
        restored(tmp_path / "two", tape_of([(name, newer), *rest]))

    assert not list((tmp_path / "two").glob("*.sqlite3"))


def test_an_older_backup_is_brought_to_the_present_version(tmp_path: Path) -> None:
    folder = tmp_path / "old"
    folder.mkdir()
    with sqlite3.connect(folder / "journal.sqlite3") as connection:
        for statement in MIGRATIONS[0]:
            connection.execute(statement)
        connection.execute("PRAGMA user_version = 1")
    connection.close()

    assert restore.prepare(folder, journal_id="") == 0

    with opened(folder) as journal:
        assert journal.meta("journal_id")


def test_blobs_come_in_their_order_so_that_none_comes_twice(tmp_path: Path) -> None:
    with opened(tmp_path / "one") as one:
        for each in (1, 2):
            one.add(picture_draft(bytes([each]) * 100_000))
    *parts, first, second = members(backed_up(tmp_path / "one"))

    with pytest.raises(ArchiveError, match="is not to be there"):
        restored(tmp_path / "two", tape_of([*parts, second, first]))


def test_a_database_with_triggers_of_its_own_is_refused(tmp_path: Path) -> None:
    with opened(tmp_path / "one"):
        pass
    with sqlite3.connect(tmp_path / "one" / "journal.sqlite3") as connection:
        connection.execute("CREATE TRIGGER odd AFTER INSERT ON clips BEGIN DELETE FROM clips; END")
    connection.close()

    with pytest.raises(JournalError, match="was not made by weavclip"):
        restore.prepare(tmp_path / "one", journal_id="")


Parts = list[tuple[str, bytes]]
BLOB = "blobs/00/" + "0" * 64
CHANGES: dict[str, tuple[Callable[[Parts], Parts], str]] = {
    "no head": (lambda parts: parts[1:], "no file of 'weavclip backup'"),
    "no database": (lambda parts: [parts[0], *parts[2:]], "lacks 1 of its members"),
    "database twice": (lambda parts: [*parts[:2], parts[1], *parts[2:]], "that it may have"),
    "a blob twice": (lambda parts: [*parts, parts[-1]], "that it may have"),
    "a missing blob": (lambda parts: parts[:-1], "lacks 1 of its members"),
    "other content": (lambda parts: [*parts[:-1], (parts[-1][0], b"x")], "not what was written"),
    "an odd blob": (lambda parts: [*parts[:2], (BLOB, b""), *parts[2:]], "not what was written"),
    "a path upwards": (lambda parts: [*parts, ("blobs/../x", b"")], "is not to be there"),
    "a path from the root": (lambda parts: [*parts, ("/x", b"")], "is not to be there"),
    "a log": (lambda parts: [*parts, ("journal.sqlite3-wal", b"")], "is not to be there"),
    "clips": (
        lambda _: [("weavclip.json", b'{"format": "weavclip-clips"}')],
        "holds exported clips",
    ),
    "a torn head": (lambda parts: [("weavclip.json", b"{"), *parts[1:]], "is no backup"),
    "a head that promises less": (
        lambda parts: [_head(parts, size_bytes=9), *parts[1:]],
        "over the 9 that it may have",
    ),
    "an odd head": (
        lambda parts: [_head(parts, blobs="1"), *parts[1:]],
        "is no backup",
    ),
    "a head that promises more": (
        lambda parts: [_head(parts, blobs=9), *parts[1:]],
        "lacks 8 of its members",
    ),
    "a head with a path": (
        lambda parts: [
            _head(parts, files={"journal.sqlite3": "", "../x": "0"}),
            ("../x", b""),
        ],
        "is not to be there",
    ),
}


def _head(parts: Parts, **changed: object) -> tuple[str, bytes]:
    return parts[0][0], json.dumps({**json.loads(parts[0][1]), **changed}).encode()


@pytest.mark.parametrize("name", CHANGES)
def test_a_backup_that_was_altered_changes_nothing(tmp_path: Path, name: str) -> None:
    change, said = CHANGES[name]
    filled(tmp_path / "one")
    altered = tape_of(change(members(backed_up(tmp_path / "one"))))
    with opened(tmp_path / "two") as two:
        two.add(text_draft("here"))

    with pytest.raises(ArchiveError, match=said):
        restored(tmp_path / "two", altered)

    assert sorted(path.name for path in tmp_path.iterdir()) == ["one", "two"]
    assert not (tmp_path / "two" / staging.STAGING).exists()
    with opened(tmp_path / "two") as two:
        assert [kept.text for kept in all_kept(two)] == ["here"]


@pytest.mark.parametrize("share", range(0, 100, 11))
def test_a_cut_backup_changes_nothing(tmp_path: Path, share: int) -> None:
    filled(tmp_path / "one")
    content = backed_up(tmp_path / "one")

    with pytest.raises(ArchiveError, match="ends too early"):
        restored(tmp_path / "one", content[: len(content) * share // 100])

    with opened(tmp_path / "one") as one:
        assert one.count() == 5


@pytest.mark.parametrize("moved", range(9))
def test_a_swap_that_was_killed_is_brought_to_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moved: int
) -> None:
    filled(tmp_path / "one")
    content = backed_up(tmp_path / "one")
    two = tmp_path / "two"
    with opened(two) as journal:
        journal.add(picture_draft(bytes(100_000)))
    for log in ("-wal", "-shm"):
        (two / f"journal.sqlite3{log}").touch()
    _kill_after(monkeypatch, moved)

    with pytest.raises(_KilledError):
        restored(two, content)
    monkeypatch.undo()

    with opened(two) as journal:
        assert journal.count() == 5
        assert journal.collect() == 0
    names = {path.name for path in two.iterdir()}
    assert names == {"blobs", "vectors", "journal.sqlite3", "staging.lock"}


class _KilledError(BaseException):
    """A process that is killed does nothing more."""


def _kill_after(monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    done = iter(range(count))
    move, remove = staging._move, shutil.rmtree

    def killed(path: Path, target: Path) -> None:
        if next(done, None) is None:
            raise _KilledError
        move(path, target)

    def killed_too(path: Path, *, ignore_errors: bool = False) -> None:
        if path.name in {staging.REPLACED, staging.RESTORING} and next(done, None) is None:
            raise _KilledError
        remove(path, ignore_errors=ignore_errors)

    monkeypatch.setattr(staging, "_move", killed)
    monkeypatch.setattr(shutil, "rmtree", killed_too)


def test_what_a_killed_backup_left_is_swept_with_the_next_forgetting(tmp_path: Path) -> None:
    filled(tmp_path / "one")
    left = tmp_path / "one" / staging.STAGING / "journal.sqlite3"
    left.parent.mkdir()
    left.write_bytes(b"clips")

    with opened(tmp_path / "one") as one:
        one.forget(one.kept_ids(Filter())[:1])
        one.scrub()

    assert not left.parent.exists()


def test_a_backup_that_works_is_not_swept_and_keeps_others_out(tmp_path: Path) -> None:
    filled(tmp_path / "one")
    with ExitStack() as stack, opened(tmp_path / "one") as one:
        folder = stack.enter_context(staging.staging(tmp_path / "one"))
        holder = _process_that_looks(tmp_path / "one")

        one.collect()

        assert folder.is_dir()
        assert "another backup or restore" in holder


def _process_that_looks(data_dir: Path) -> str:
    script = (
        "import sys; from pathlib import Path; from weavclip.journal.archive import staging\n"
        "try: staging.staging(Path(sys.argv[1])).__enter__()\n"
        "except Exception as error: print(error)"
    )
    return subprocess.run(
        [sys.executable, "-c", script, str(data_dir)],
        capture_output=True,
        text=True,
        check=True,
        timeout=WITHIN_S,
    ).stdout


def test_a_new_file_is_there_whole_or_not_at_all(tmp_path: Path) -> None:
    target = tmp_path / "clips.tar"
    target.write_bytes(b"before")
    room = output.Room(tmp_path, data_dir=tmp_path, reserve_bytes=0)

    with pytest.raises(ZeroDivisionError), output.new_file(target, room=room) as file:
        file.write(b"half" * (1 // 0))

    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"before"]
    with output.new_file(target, room=room) as file:
        file.write(b"whole")
    assert target.read_bytes() == b"whole"
    assert target.stat().st_mode & 0o777 == 0o600
    assert len(list(tmp_path.iterdir())) == 1


def test_what_a_killed_export_left_is_written_over(tmp_path: Path) -> None:
    (tmp_path / "clips.tar.part").write_bytes(b"a long left-over")
    room = output.Room(tmp_path, data_dir=tmp_path, reserve_bytes=0)

    with output.new_file(tmp_path / "clips.tar", room=room) as file:
        file.write(b"new")

    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"new"]


def test_two_cannot_write_one_file(tmp_path: Path) -> None:
    room = output.Room(tmp_path, data_dir=tmp_path, reserve_bytes=0)
    with output.new_file(tmp_path / "clips.tar", room=room) as file:
        file.write(b"first")
        with (
            pytest.raises(ArchiveError, match="is being written by another"),
            output.new_file(tmp_path / "clips.tar", room=room),
        ):
            pass

    assert (tmp_path / "clips.tar").read_bytes() == b"first"


def test_the_reserve_of_the_journals_disk_is_kept(tmp_path: Path) -> None:
    room = output.Room(tmp_path, data_dir=tmp_path, reserve_bytes=2**60)

    with ExitStack() as stack:
        file = stack.enter_context(output.new_file(tmp_path / "clips.tar", room=room))
        with pytest.raises(DiskReserveError, match=r"3 bytes .*are free.*reserve"):
            file.write(b"new")


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    room = output.Room(tmp_path, data_dir=tmp_path, reserve_bytes=0)

    with (
        pytest.raises(ArchiveError, match=r"absent/clips\.tar cannot be written"),
        output.new_file(tmp_path / "absent" / "clips.tar", room=room),
    ):
        pass
