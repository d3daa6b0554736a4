"""Whoever keeps copies has their words indexed afterwards, and never fails by that."""

from __future__ import annotations

import logging
import sqlite3
import threading
from contextlib import closing
from typing import TYPE_CHECKING

from tests.unit.pipeline.fakes import ListSource, text_offer
from tests.waiting import WITHIN_S, until
from weavclip.domain.errors import JournalError
from weavclip.journal.store import SqliteJournal
from weavclip.settings import Settings
from weavclip.wiring.parts import open_ingest
from weavclip.wiring.watching import run_agent

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def _waiting(data_dir: Path) -> int:
    wanted = "SELECT count(*) FROM words WHERE seq > (SELECT last_seq FROM words_indexed)"
    with closing(sqlite3.connect(data_dir / "journal.sqlite3")) as connection:
        return int(connection.execute(wanted).fetchone()[0])


def test_files_are_indexed_when_all_are_kept(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "data")

    with open_ingest(settings) as ingest:
        for number in range(3):
            path = tmp_path / f"{number}.txt"
            path.write_text(f"words {number}")
            ingest.take_file(path)
        assert _waiting(settings.data_dir) == 3

    assert _waiting(settings.data_dir) == 0


def test_words_that_cannot_be_indexed_are_no_reason_to_fail(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(_journal: SqliteJournal) -> int:
        message = "the disk is full"
        raise JournalError(message)

    monkeypatch.setattr(SqliteJournal, "index_words", refuse)
    with caplog.at_level(logging.WARNING), open_ingest(Settings(data_dir=tmp_path)) as ingest:
        ingest.take(text_offer("words"))

    assert "the disk is full" in caplog.text


def test_the_agent_indexes_a_moment_after_the_last_copy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = ListSource([text_offer(f"copy {number}") for number in range(5)], wait=True)
    monkeypatch.setattr("weavclip.wiring.watching.clipboard_source", lambda _, **_more: source)
    settings = Settings(data_dir=tmp_path, engine_pause_s=0.05)
    stop = threading.Event()
    agent = threading.Thread(target=run_agent, args=(settings, stop))

    agent.start()
    until((tmp_path / "journal.sqlite3").exists)
    until(lambda: _kept(tmp_path) == 5 and _waiting(tmp_path) == 0)
    stop.set()
    agent.join(WITHIN_S)

    assert not agent.is_alive()


def _kept(data_dir: Path) -> int:
    with closing(sqlite3.connect(data_dir / "journal.sqlite3")) as connection:
        try:
            return int(connection.execute("SELECT count(*) FROM words").fetchone()[0])
        except sqlite3.OperationalError:  # the tables are still being made
            return 0
