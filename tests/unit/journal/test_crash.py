from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from scripts.benchmarks.durability import killed_writer, lost, system_calls
from tests.unit.journal.drafts import expiring_draft, opened, picture_draft
from weavclip.journal.database import Database

if TYPE_CHECKING:
    from pathlib import Path

KILLS = 20


def test_what_was_acknowledged_survives_a_killed_writer(tmp_path: Path) -> None:
    acknowledged = killed_writer(tmp_path / "data", kills=KILLS)

    assert len(acknowledged) >= KILLS
    assert lost(tmp_path / "data", acknowledged) == 0
    with opened(tmp_path / "data") as journal:
        assert journal.collect() <= KILLS
        assert journal.collect() == 0


def test_who_looks_for_what_a_crash_left_holds_up_nobody_where_nothing_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(tmp_path) as journal:
        kept = journal.add(picture_draft(b"x" * 100_000)).id
        journal.add(expiring_draft("for a while"))
        (lost,) = (
            path.with_name(f"{path.name[:2]}{0:062}") for path in tmp_path.glob("blobs/*/*")
        )
        lost.write_bytes(b"of a crash")

        found = journal.collect()
        with monkeypatch.context() as patch:
            patch.delattr(Database, "writing")
            again = journal.collect()

        assert (found, again) == (1, 0)
        assert journal.representations(kept) == {"image/png": b"x" * 100_000}


@pytest.mark.strace
@pytest.mark.skipif(shutil.which("strace") is None, reason="no strace")
def test_a_picture_is_synced_with_its_folder_before_its_row() -> None:
    calls = system_calls()

    synced = [call for call in calls if "sync(" in call]
    blob, folder, log = (call.split("DATA")[1].split(">")[0] for call in synced[-3:])
    assert blob.startswith(folder + "/")
    assert folder.startswith("/data/blobs/")
    assert log == "/data/journal.sqlite3-wal"
    written = [at for at, call in enumerate(calls) if "journal.sqlite3-wal" in call]
    assert min(written) > calls.index(synced[-2])
