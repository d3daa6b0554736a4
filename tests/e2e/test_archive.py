"""Clips as files, by the installed command: out, in, kept whole, and told when they are not."""

from __future__ import annotations

import os
import shutil
import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from scripts.benchmarks import archive
from tests.e2e.programs import WEAVCLIP, weavclip
from tests.e2e.terminals import on_terminal
from tests.unit.peers import writing
from tests.waiting import WITHIN_S
from weavclip.domain.errors import DiskReserveError
from weavclip.journal.archive.output import Output, Room, new_file
from weavclip.pipeline.alone import alone

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

KILLS_EACH = 1


@pytest.fixture(autouse=True)
def journal_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A journal of a few texts and pictures."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    monkeypatch.setenv("WEAVCLIP_RESERVE_BYTES", "0")
    archive.fill(tmp_path / "data", texts=30, pictures=3)
    return tmp_path / "data"


def said(*options: str, stdin: bytes = b"", code: int = 0) -> str:
    """What a command that must end with ``code`` says on stderr."""
    done = subprocess.run(
        [*WEAVCLIP, *options], input=stdin, capture_output=True, timeout=WITHIN_S, check=False
    )
    assert done.returncode == code, done.stderr.decode()
    return done.stderr.decode()


def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Have the commands that follow work on another, empty data folder."""
    monkeypatch.setenv("WEAVCLIP_DATA_DIR", str(tmp_path / "other"))
    return tmp_path / "other"


def test_what_is_exported_is_imported_to_the_byte_and_once(
    journal_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "clips.tar"
    exported = said("export", str(file))
    other = elsewhere(tmp_path, monkeypatch)

    first, second = said("import", str(file)), said("import", str(file))

    assert "exported 33 clips" in exported
    assert "is not encrypted" in exported
    assert "age -p" in exported
    assert file.stat().st_mode & 0o777 == 0o600
    assert "imported 33 clips; 0 counted for an equal one, 0 known already" in first
    assert "imported 0 clips; 0 counted for an equal one, 33 known already" in second
    assert archive.content_digest(other) == archive.content_digest(journal_dir)


def test_clips_pass_through_a_pipe(
    journal_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    piped = subprocess.run(
        [*WEAVCLIP, "export", "-"], capture_output=True, timeout=WITHIN_S, check=True
    ).stdout
    backup = subprocess.run(
        [*WEAVCLIP, "backup", "-"], capture_output=True, timeout=WITHIN_S, check=True
    ).stdout
    other = elsewhere(tmp_path, monkeypatch)
    said("import", "-", stdin=piped)
    imported = archive.content_digest(other)

    said("restore", "-", "--yes", stdin=backup)

    assert imported == archive.content_digest(other) == archive.content_digest(journal_dir)


def test_a_filter_is_obeyed(tmp_path: Path) -> None:
    told = said("export", str(tmp_path / "pictures.tar"), "--kind", "image")

    assert "exported 3 clips" in told


def test_a_backup_into_a_folder_is_named_after_the_time_and_restored(
    journal_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "backups").mkdir()
    said("backup", str(tmp_path / "backups"))
    (file,) = (tmp_path / "backups").iterdir()
    other = elsewhere(tmp_path, monkeypatch)
    weavclip("add", __file__)

    told = said("restore", str(file), "--yes")

    assert file.name.startswith("weavclip-")
    assert file.stat().st_mode & 0o777 == 0o600
    assert "33 clips, backed up" in told
    assert "there now, and gone then: 1 clip in" in told
    assert archive.content_digest(other) == archive.content_digest(journal_dir)


def test_a_restore_that_nobody_confirmed_changes_nothing(
    journal_dir: Path, tmp_path: Path
) -> None:
    said("backup", str(tmp_path / "journal.tar"))
    weavclip("add", __file__)
    before = archive.content_digest(journal_dir)

    told = said("restore", str(tmp_path / "journal.tar"), code=1)

    assert "there is nobody to ask" in told
    assert archive.content_digest(journal_dir) == before


@pytest.mark.parametrize(("typed", "code"), [("n\n", 1), ("y\n", 0)])
def test_a_restore_shows_what_it_will_be_and_asks(
    journal_dir: Path, tmp_path: Path, typed: str, code: int
) -> None:
    said("backup", str(tmp_path / "journal.tar"))
    before = archive.content_digest(journal_dir)
    weavclip("add", __file__)

    shown = on_terminal("restore", str(tmp_path / "journal.tar"), question="[y/N]", typed=typed)

    assert "33 clips, backed up" in shown.text
    assert "and 30 more" in shown.text
    assert "there now, and gone then: 34 clips in" in shown.text
    assert shown.code == code
    assert (archive.content_digest(journal_dir) == before) is (code == 0)


def test_a_file_that_is_there_is_not_replaced_unasked(tmp_path: Path) -> None:
    file = tmp_path / "clips.tar"
    file.write_bytes(b"precious")

    for command in ("export", "backup"):
        assert f"replace {file}" in said(command, str(file), code=1)

    assert file.read_bytes() == b"precious"


def test_nothing_is_restored_under_an_agent(journal_dir: Path, tmp_path: Path) -> None:
    said("backup", str(tmp_path / "journal.tar"))

    with alone(journal_dir / "agent.lock", what="an agent"):
        told = said("restore", str(tmp_path / "journal.tar"), "--yes", code=1)

    assert "an agent runs" in told
    assert "try:" in told


def test_a_journal_can_be_backed_up_and_exported_while_an_agent_runs(
    journal_dir: Path, tmp_path: Path
) -> None:
    with alone(journal_dir / "agent.lock", what="an agent"):
        said("backup", str(tmp_path / "journal.tar"))
        said("export", str(tmp_path / "clips.tar"))


def test_the_wrong_kind_of_file_leads_to_the_right_command(tmp_path: Path) -> None:
    said("backup", str(tmp_path / "journal.tar"))
    said("export", str(tmp_path / "clips.tar"))

    assert "weavclip restore" in said("import", str(tmp_path / "journal.tar"), code=1)
    assert "weavclip import" in said("restore", str(tmp_path / "clips.tar"), "--yes", code=1)


def test_a_history_is_taken_in_without_its_secrets_and_once(tmp_path: Path) -> None:
    items = [
        {"text/plain": b"kept words"},
        {"text/plain": b"hunter2", "application/x-copyq-secret": b"1"},
        {"text/plain": b"-----BEGIN OPENSSH PRIVATE KEY-----\n" + b"b3BlbnNzaC1rZXk" * 20},
    ]
    content = writing.copyq([[writing.copyq_item(item) for item in items]])
    (tmp_path / "x.cpq").write_bytes(content)

    first, second = (said("import", str(tmp_path / "x.cpq")) for _ in range(2))

    assert "copyq: imported 1 clip;" in first
    assert first.count("left out 1:") == 2
    assert "hunter2" not in first
    assert "imported 0 clips; 0 counted for an equal one, 1 known already" in second


def test_a_kill_at_any_moment_is_made_good_by_the_same_command(tmp_path: Path) -> None:
    found = archive.killed_and_repeated(tmp_path / "kills", kills=KILLS_EACH)

    assert set(found) == {"export", "import", "backup", "restore"}
    assert {name: killed.broken for name, killed in found.items()} == dict.fromkeys(found, 0)


@contextmanager
def small_disk(folder: Path, *, size: str) -> Iterator[Path]:
    """A disk of its own, in memory."""
    folder.mkdir()
    mount = shutil.which("mount")
    if os.name != "posix" or os.geteuid() != 0 or mount is None:
        pytest.skip("no root to mount a small disk with")
    done = subprocess.run(
        [mount, "-t", "tmpfs", "-o", f"size={size},mode=700", "tmpfs", str(folder)],
        capture_output=True,
        timeout=WITHIN_S,
        check=False,
    )
    if done.returncode:
        pytest.skip("no small disk can be mounted here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], timeout=WITHIN_S, check=True)


@pytest.mark.parametrize("command", ["export", "backup"])
def test_a_full_disk_is_told_with_both_numbers_and_nothing_is_left(
    journal_dir: Path, tmp_path: Path, command: str
) -> None:
    before = archive.content_digest(journal_dir)
    with small_disk(tmp_path / "disk", size="300k") as disk:
        told = said(command, str(disk / "x.tar"), code=1)

        left = list(disk.iterdir())

    assert "bytes are to be written" in told
    assert "are free" in told
    assert left == []
    assert archive.content_digest(journal_dir) == before


def test_a_disk_that_fills_meanwhile_leaves_nothing(journal_dir: Path, tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", size="300k") as disk:
        room = Room(disk, data_dir=journal_dir, reserve_bytes=0)
        (disk / "other").write_bytes(bytes(200_000))

        with (
            pytest.raises(DiskReserveError, match=r"is full: \d+ bytes are free"),
            new_file(disk / "x.tar", room=room) as file,
        ):
            _write_on(file)

        assert [path.name for path in disk.iterdir()] == ["other"]


def _write_on(file: Output) -> None:
    # The disk is looked at once in a while; what comes between fills it.
    file.write(bytes(1))
    file.write(bytes(300_000))


def test_a_restore_onto_a_full_disk_keeps_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said("backup", str(tmp_path / "journal.tar"))
    with small_disk(tmp_path / "disk", size="900k") as disk:
        monkeypatch.setenv("WEAVCLIP_DATA_DIR", str(disk / "data"))
        monkeypatch.setenv("WEAVCLIP_RESERVE_BYTES", "0")
        weavclip("add", __file__)
        before = archive.content_digest(disk / "data")

        told = said("restore", str(tmp_path / "journal.tar"), "--yes", code=1)

        assert "are free" in told
        assert not (disk / "data" / "staging").exists()
        assert archive.content_digest(disk / "data") == before
