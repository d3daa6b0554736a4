"""What doctor finds, and what it says mends it."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.unit.journal.drafts import opened, picture_draft, text_draft
from weavclip.domain.errors import ModelError, NoClipboardError
from weavclip.domain.models import ModelSet
from weavclip.domain.service import ServiceState
from weavclip.journal import integrity
from weavclip.journal.adding import INLINE_BYTES
from weavclip.pipeline.doctor import keeping, meaning, private, running
from weavclip.pipeline.doctor.verdict import Verdict, examine
from weavclip.pipeline.status import AgentState, EngineState

if TYPE_CHECKING:
    from collections.abc import Iterator

NOW = datetime(2026, 11, 17, tzinfo=UTC)
WATCHING = AgentState(pid=7, since=NOW, source="x11")


def x11() -> tuple[str, str]:
    return "x11", "the X server at :0 tells of every copy"


def no_display() -> tuple[str, str]:
    message = "there is no display here"
    raise NoClipboardError(message, hint="run it in a session")


def one_by_one(*verdicts: Verdict) -> dict[str, bool | None]:
    return {each.part: each.ok for each in verdicts}


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    with opened(folder) as journal:
        for number in range(300):
            journal.add(text_draft(f"words of clip {number}"))
        journal.add(picture_draft(os.urandom(INLINE_BYTES + 1)))
        journal.index_words()
    return folder


def blob_of(data_dir: Path) -> Path:
    return next(path for path in (data_dir / "blobs").rglob("*") if path.is_file())


def test_one_part_that_cannot_be_looked_at_does_not_hide_the_others() -> None:
    def broken() -> Iterator[Verdict]:
        yield Verdict("journal", True, "opened")
        raise ZeroDivisionError("a clip's words")  # noqa: EM101, TRY003 - it must not be quoted

    def refused() -> list[Verdict]:
        message = "it is damaged"
        raise ModelError(message, hint="add it again")

    looks = {"journal": broken, "model": refused, "space": lambda: [Verdict("space", True, "")]}
    found = list(examine(looks))

    assert [(each.part, each.ok) for each in found] == [
        ("journal", True),
        ("journal", False),
        ("model", False),
        ("space", True),
    ]
    assert "words" not in found[1].sentence
    assert found[2].command == "add it again"


def test_what_watches_is_told() -> None:
    verdict = running.clipboard(WATCHING, chosen=no_display)

    assert verdict == Verdict("clipboard", True, "watched by x11, process 7")


def test_why_it_is_watched_so_is_told_where_this_session_says_the_same() -> None:
    def mutter() -> tuple[str, str]:
        return "mutter", "GNOME has no data-control"

    assert running.clipboard(WATCHING, chosen=x11).sentence.endswith("tells of every copy")
    assert "GNOME" not in running.clipboard(WATCHING, chosen=mutter).sentence


def test_an_agent_that_keeps_nothing_is_wrong() -> None:
    agent = AgentState(pid=7, since=NOW, source="x11", problem="disk full", hint="make room")

    verdict = running.clipboard(agent, chosen=x11)

    assert (verdict.ok, verdict.command) == (False, "make room")


def test_without_an_agent_the_source_that_would_be_used_is_told_with_its_reason() -> None:
    verdict = running.clipboard(None, chosen=x11)

    assert verdict.ok is None
    assert "x11 would: the X server at :0" in verdict.sentence
    assert verdict.command == "weavclip service install"


def test_without_a_display_nothing_can_watch() -> None:
    found = list(examine({"clipboard": lambda: [running.clipboard(None, chosen=no_display)]}))

    assert (found[0].ok, found[0].command) == (False, "run it in a session")


def service(**known: object) -> ServiceState:
    described = {
        "manager": "systemd",
        "file": Path("unit"),
        "installed": True,
        "enabled": True,
        "running": True,
        "pid": 7,
        "watched": True,
    }
    return ServiceState(**{**described, **known})  # type: ignore[arg-type]  # any field


@pytest.mark.parametrize(
    ("state", "agent_pid", "ok", "says"),
    [
        (service(), 7, True, "systemd runs it"),
        (service(restarts=3), 7, True, "3 times"),
        (service(watched=False), 7, True, "hangs"),
        (service(installed=False), 0, None, "not installed"),
        (service(enabled=False), 7, False, "at login"),
        (service(running=False, sentence="failed (exit-code)"), 0, False, "failed (exit-code)"),
        (service(), 8, False, "process 8 watches instead"),
    ],
)
def test_the_service_is_judged_by_what_the_system_says(
    state: ServiceState, agent_pid: int, *, ok: bool | None, says: str
) -> None:
    verdict = running.service(state, agent_pid=agent_pid)

    assert verdict.ok is ok
    assert says in verdict.sentence
    assert bool(verdict.command) is (ok is not True)


def test_an_engine_says_what_it_runs_on() -> None:
    engine = EngineState(pid=1, since=NOW, provider="CPU")

    assert running.engine(engine, model="sample") == Verdict("engine", True, "runs on CPU")
    assert running.engine(None, model="").ok is None


@pytest.mark.parametrize(
    ("runs_on", "wanted", "ok"),
    [("CPU", "auto", True), ("CPU", "cuda", False), ("CUDA", "cuda", True)],
)
def test_a_model_on_another_provider_than_asked_for_is_wrong(
    runs_on: str, wanted: str, *, ok: bool
) -> None:
    assert running.provider(runs_on, wanted=wanted).ok is ok


def test_a_folder_that_others_can_read_is_wrong(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)

    verdict = private.data_folder(tmp_path)

    assert (verdict.ok, verdict.command) == (False, f"chmod 700 {tmp_path}")


def test_a_file_in_it_that_others_can_read_is_wrong_and_not_named(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    (tmp_path / "blob").touch()
    (tmp_path / "blob").chmod(0o644)

    verdict = private.data_folder(tmp_path)

    assert verdict.ok is False
    assert "blob" not in verdict.sentence


def test_a_folder_that_cannot_be_written_to_is_wrong(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)  # to root no mode says so

    verdict = keeping.space(data_dir, reserve_bytes=0)

    assert (verdict.ok, verdict.sentence) == (False, f"{data_dir} cannot be written to")


@pytest.mark.parametrize("name", ["SQLITE_CANTOPEN", "SQLITE_BUSY", "SQLITE_READONLY_DIRECTORY"])
def test_a_journal_out_of_reach_is_not_called_damaged(
    data_dir: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(integrity, "database_problem", lambda _: name)

    (verdict,) = keeping.journal(data_dir, deep=False)

    assert verdict.ok is False
    assert name in verdict.sentence
    assert "damaged" not in verdict.sentence
    assert "restore" not in verdict.command


def test_a_private_folder_is_right(data_dir: Path) -> None:
    assert private.data_folder(data_dir).ok is True


@pytest.mark.parametrize(
    ("mode", "holds_keys", "ok"), [(0o644, True, False), (0o600, True, True), (0o644, False, True)]
)
def test_a_settings_file_with_a_key_is_the_persons_alone(
    tmp_path: Path, mode: int, *, holds_keys: bool, ok: bool
) -> None:
    path = tmp_path / "config.toml"
    path.touch()
    path.chmod(mode)

    assert private.settings_file(path, holds_keys=holds_keys).ok is ok


def test_a_socket_that_others_may_write_to_is_wrong(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    folder.mkdir(mode=0o700)
    assert private.runtime_folder(folder).ok is True

    (folder / "engine.sock").touch(mode=0o666)
    (folder / "engine.sock").chmod(0o666)

    assert private.runtime_folder(folder).ok is False
    assert private.runtime_folder(tmp_path / "absent").ok is None


def test_space_is_measured_against_the_reserve(tmp_path: Path) -> None:
    assert keeping.space(tmp_path / "absent", reserve_bytes=0).ok is True
    assert keeping.space(tmp_path, reserve_bytes=10**18).ok is False


def test_no_journal_is_nothing_wrong(tmp_path: Path) -> None:
    assert one_by_one(*keeping.journal(tmp_path, deep=False)) == {"journal": None}


def test_a_whole_journal_is_right(data_dir: Path) -> None:
    found = one_by_one(*keeping.journal(data_dir, deep=True))

    assert found == {"journal": True, "words": True, "files": True}


def test_a_journal_with_a_torn_page_is_wrong(data_dir: Path) -> None:
    path = data_dir / "journal.sqlite3"
    content = bytearray(path.read_bytes())
    content[4096 : 4096 * 5] = bytes(range(256)) * 64
    path.write_bytes(content)

    assert one_by_one(*keeping.journal(data_dir, deep=False)) == {"journal": False}


def test_what_is_no_database_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "journal.sqlite3").write_bytes(b"no database" * 1000)

    assert one_by_one(*keeping.journal(tmp_path, deep=False)) == {"journal": False}


def test_a_word_index_that_lost_a_part_is_wrong(data_dir: Path) -> None:
    with closing(sqlite3.connect(data_dir / "journal.sqlite3")) as connection, connection:
        connection.execute("DELETE FROM words_index_data WHERE id > 10")

    assert keeping.words(data_dir).ok is False


def test_looking_at_the_word_indexes_changes_nothing(data_dir: Path) -> None:
    before = (data_dir / "journal.sqlite3").read_bytes()

    assert integrity.words_problem(data_dir) == ""
    assert (data_dir / "journal.sqlite3").read_bytes() == before


def test_a_blob_with_other_bytes_is_wrong(data_dir: Path) -> None:
    path = blob_of(data_dir)
    path.write_bytes(path.read_bytes()[:-1] + b"?")

    report = integrity.examine_blobs(data_dir)

    assert (report.named, report.damaged, report.missing) == (1, 1, 0)
    assert keeping.blobs(report).ok is False


def test_a_blob_that_is_gone_is_wrong(data_dir: Path) -> None:
    blob_of(data_dir).unlink()

    assert integrity.examine_blobs(data_dir).missing == 1


def test_of_many_blobs_some_are_read_and_all_when_asked(tmp_path: Path) -> None:
    with opened(tmp_path) as journal:
        for number in range(410):
            journal.add(picture_draft(number.to_bytes(4) * (INLINE_BYTES // 4 + 1)))

    some = integrity.examine_blobs(tmp_path)
    told: list[tuple[int, int]] = []
    every = integrity.examine_blobs(
        tmp_path, deep=True, progress=lambda done, total: told.append((done, total))
    )

    assert (some.named, some.looked_at) == (410, 205)
    assert every.looked_at == 410
    assert told[-1] == (410, 410)
    assert keeping.blobs(some).command == "weavclip doctor --deep reads all"


def test_a_model_is_verified_and_its_failed_clips_are_told() -> None:
    found = one_by_one(*meaning.models(ModelSet("sample"), verify=str, failed=2))

    assert found == {"model": True, "clips": False}


def test_a_damaged_model_is_told_with_what_mends_it() -> None:
    def verify(model_id: str) -> None:
        assert model_id == "sample"
        message = "sample/textual.onnx is 12, its card says 34"
        raise ModelError(message, hint="add it again")

    sample = ModelSet("sample")
    found = list(examine({"model": lambda: meaning.models(sample, verify=verify, failed=0)}))

    assert [(each.ok, each.command) for each in found] == [(False, "add it again")]


def reached(**known: object) -> meaning.Reached:
    described = {"url": "http://127.0.0.1:8080", "version": "1.39.0"}
    return meaning.Reached(**{**described, **known})  # type: ignore[arg-type]  # any field


def test_a_closed_weaviate_is_right() -> None:
    found = one_by_one(*meaning.weaviate(reached(collection="Weavclip_sample_1")))

    assert found == {"Weaviate": True, "access": True}


@pytest.mark.parametrize("known", [{"anonymous": True}, {"in_the_clear": True}])
def test_a_weaviate_that_others_can_read_is_wrong(known: dict[str, bool]) -> None:
    assert one_by_one(*meaning.weaviate(reached(**known)))["access"] is False


@pytest.mark.parametrize(
    ("exposed", "ok"),
    [
        ([("grpc (port 50051)", True)], None),
        ([("grpc (port 50051)", True), ("http (port 8080)", False)], False),
    ],
)
def test_ports_that_other_machines_reach_are_named(
    exposed: list[tuple[str, bool]], *, ok: bool | None
) -> None:
    verdict = list(meaning.weaviate(reached(exposed=exposed)))[-1]

    assert (verdict.part, verdict.ok) == ("ports", ok)
    assert exposed[-1][0] in verdict.sentence
