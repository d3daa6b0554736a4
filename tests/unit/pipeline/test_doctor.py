"""What doctor finds, and what it says mends it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest

from weavclip.pipeline import doctor
from weavclip.pipeline.status import AgentState, EngineState, Status

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 11, 17, tzinfo=UTC)


def status(**known: Any) -> Status:  # noqa: ANN401 - any field
    described = {
        "data_dir": "",
        "agent": None,
        "engine": None,
        "clips": 0,
        "clips_today": 0,
        "model": "",
        "free_bytes": 10**9,
    }
    return Status(**{**described, **known})


def make_journal(path: Path) -> Path:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE clip (id INTEGER PRIMARY KEY, words TEXT)")
        rows = ((f"words of clip {number}",) for number in range(2000))
        connection.executemany("INSERT INTO clip (words) VALUES (?)", rows)
    return path


def test_each_part_has_one_verdict(tmp_path: Path) -> None:
    found = doctor.examine(
        status(),
        data_dir=tmp_path,
        journal_file=tmp_path / "journal",
        reserve_bytes=0,
        source="auto",
        environ={},
    )

    expected = ["clipboard", "folder", "space", "journal", "engine", "model", "Weaviate"]
    assert [verdict.part for verdict in found] == expected


@pytest.mark.parametrize(
    ("found", "environ", "ok"),
    [
        (status(), {}, False),
        (status(), {"DISPLAY": ":0"}, None),
        (status(), {"WAYLAND_DISPLAY": "wayland-0"}, None),
        (status(agent=AgentState(pid=1, since=NOW, source="x11")), {}, True),
        (status(agent=AgentState(pid=1, since=NOW, source="x11", problem="disk full")), {}, False),
    ],
)
def test_the_clipboard_wants_a_display_or_an_agent(
    found: Status, environ: dict[str, str], *, ok: bool | None
) -> None:
    assert doctor.clipboard(found, source="auto", environ=environ).ok is ok


def test_a_folder_that_others_can_read_is_wrong(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)

    verdict = doctor.permissions(tmp_path)

    assert verdict.ok is False
    assert verdict.command == f"chmod 700 {tmp_path}"


def test_a_file_in_it_that_others_can_read_is_wrong(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    (tmp_path / "blob").touch(mode=0o644)

    verdict = doctor.permissions(tmp_path)

    assert verdict.ok is False
    assert "blob" not in verdict.sentence


def test_a_private_folder_is_right(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    (tmp_path / "blob").touch(mode=0o600)

    assert doctor.permissions(tmp_path).ok is True


@pytest.mark.parametrize(("free", "ok"), [(300_000_000, True), (100_000_000, False)])
def test_space_is_measured_against_the_reserve(free: int, *, ok: bool) -> None:
    assert doctor.space(status(free_bytes=free), reserve_bytes=256_000_000).ok is ok


def test_no_journal_is_nothing_wrong(tmp_path: Path) -> None:
    assert doctor.journal(tmp_path / "absent").ok is None


def test_a_whole_journal_is_right(tmp_path: Path) -> None:
    assert doctor.journal(make_journal(tmp_path / "journal")).ok is True


def test_a_journal_with_a_torn_page_is_wrong(tmp_path: Path) -> None:
    path = make_journal(tmp_path / "journal")
    content = bytearray(path.read_bytes())
    content[4096 : 4096 * 3] = bytes(range(256)) * 32
    path.write_bytes(content)

    assert doctor.journal(path).ok is False


def test_what_is_no_database_is_wrong(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    path.write_bytes(b"no database" * 1000)

    assert doctor.journal(path).ok is False


def test_clips_that_failed_are_told(tmp_path: Path) -> None:
    failures = ((UUID(int=1), "torn"),)

    verdict = doctor.model(status(model="sample", failures=failures))

    assert (verdict.ok, verdict.command) == (False, "weavclip status")
    assert doctor.journal(tmp_path / "absent").command == ""


def test_a_weaviate_that_does_not_answer_is_wrong() -> None:
    engine = EngineState(pid=1, since=NOW, index_problem="no Weaviate at http://127.0.0.1:8080")

    assert doctor.weaviate(status(engine=engine)).ok is False


def test_a_server_that_is_down_by_choice_is_neither_right_nor_wrong() -> None:
    verdict = doctor.weaviate(status(server="http://127.0.0.1:8080 (managed, stopped)"))

    assert (verdict.ok, verdict.command) == (None, "weavclip server up")


def test_a_server_of_ones_own_is_mended_by_its_address() -> None:
    engine = EngineState(pid=1, since=NOW, index_problem="no Weaviate at http://there:80")

    verdict = doctor.weaviate(status(engine=engine, server="http://there:80"))

    assert verdict.command == "weavclip config set weaviate_url URL"
