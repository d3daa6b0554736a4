from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from weavclip import settings
from weavclip.domain.clip import Draft, Kind
from weavclip.wiring import word_child
from weavclip.wiring.parts import open_journal

if TYPE_CHECKING:
    from pathlib import Path


def draft(text: str) -> Draft:
    return Draft(
        kind=Kind.TEXT,
        mime_type="text/plain",
        representations={"text/plain": text.encode()},
        text=text,
        digest_source=text.encode(),
        at=datetime.now(UTC),
    )


def indexed(data_dir: Path) -> int:
    with closing(sqlite3.connect(data_dir / "journal.sqlite3")) as connection:
        (last,) = connection.execute("SELECT last_seq FROM words_indexed").fetchone()
    return int(last)


def test_a_child_indexes_a_huge_text_and_what_came_with_it(tmp_path: Path) -> None:
    used = settings.load({"data_dir": str(tmp_path / "data")}).settings
    with open_journal(used) as journal:
        journal.add(draft("short"))
        before = journal.has_huge_text_waiting()
        journal.add(draft("word " * 200_000))
        waits = journal.has_huge_text_waiting()

        word_child.run(used)

        assert (before, waits, journal.has_huge_text_waiting()) == (False, True, False)
    assert indexed(tmp_path / "data") == 2
