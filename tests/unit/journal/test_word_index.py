"""FTS5 follows the words: whatever happens meanwhile, it has what was said to be in it."""

from __future__ import annotations

import logging
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.unit.journal.drafts import (
    MODEL,
    embedding,
    opened,
    picture,
    picture_draft,
    text_draft,
)
from tests.unit.journal.older import older_journal
from tests.waiting import WITHIN_S
from weavclip.domain.query import Filter, Space
from weavclip.journal.migrations import LONG_TEXT_CHARS

if TYPE_CHECKING:
    from pathlib import Path

    from weavclip.journal.store import SqliteJournal

LARGE = 100_000
WORDS = ("alpha", "beta", "gamma", "delta")

_STEPS = st.lists(
    st.tuples(st.just("add"), st.integers(0, 9))
    | st.tuples(st.just("add picture"), st.integers(0, 5))
    | st.tuples(st.just("read"), st.integers(0, 5))
    | st.tuples(st.just("merge"), st.integers(0, 5))
    | st.tuples(st.just("forget"), st.integers(0, 9))
    | st.tuples(st.just("index"), st.just(0)),
    min_size=4,
    max_size=25,
)


def _step(journal: SqliteJournal, what: str, number: int) -> None:
    clips = list(journal.clips(where=Filter()))
    pictures = [clip.id for clip in clips if clip.mime_type == "image/png"]
    if what == "add":
        journal.add(text_draft(f"{WORDS[number % 4]} {'long ' * (number % 3)}{number}"))
    elif what == "add picture":
        journal.add(picture_draft(b"picture %d" % number))
    elif what == "forget":
        journal.forget([clip.id for clip in clips[number : number + 2]])
    elif what == "index":
        journal.index_words()
    elif pictures and what == "read":
        journal.read_in_picture(pictures[number % len(pictures)], f"{WORDS[number % 4]} seen")
    elif pictures:
        wanted = {Space.IMAGE: embedding(0)}
        pixels = picture(f"pixels {number % 2}")
        journal.embedded(pictures[number % len(pictures)], MODEL, wanted, picture=pixels)


def _position(connection: sqlite3.Connection) -> int:
    (found,) = connection.execute("SELECT last_seq FROM words_indexed").fetchone()
    return int(found)


def _terms(connection: sqlite3.Connection, schema: str, table: str) -> list[tuple[object, ...]]:
    connection.execute(
        f"CREATE VIRTUAL TABLE temp.{schema}_{table} USING fts5vocab({schema}, {table}, instance)"
    )
    return sorted(
        connection.execute(
            f"SELECT term, doc, ifnull(col, ''), ifnull(offset, 0)"  # noqa: S608
            f" FROM temp.{schema}_{table}"
        ).fetchall()
    )


def assert_index_is_right(data_dir: Path) -> None:
    """FTS5 finds itself sound, and has what new tables over the same rows have."""
    with closing(sqlite3.connect(data_dir / "journal.sqlite3", isolation_level=None)) as found:
        for table in ("words_index", "trigrams"):
            found.execute(f"INSERT INTO {table} ({table}) VALUES ('integrity-check')")  # noqa: S608
        found.execute("ATTACH ':memory:' AS anew")
        for table in ("words_index", "trigrams"):
            (made,) = found.execute(
                "SELECT sql FROM sqlite_master WHERE name = ?", (table,)
            ).fetchone()
            found.execute(
                made.replace(f"TABLE {table}", f"TABLE anew.{table}").replace(
                    "content = 'words', content_rowid = 'seq'", "content = ''"
                )
            )
        position = _position(found)
        found.execute(
            "INSERT INTO anew.words_index (rowid, text, ocr_text)"
            " SELECT seq, text, ocr_text FROM words WHERE seq <= ?",
            (position,),
        )
        found.execute(
            "INSERT INTO anew.trigrams (rowid, text) SELECT seq, text FROM words"
            " WHERE seq <= ? AND length(text) BETWEEN 3 AND ?",
            (position, LONG_TEXT_CHARS),
        )
        for table in ("words_index", "trigrams"):
            assert _terms(found, "main", table) == _terms(found, "anew", table)


def _found(journal: SqliteJournal, word: str) -> set[object]:
    return {match.id for match in journal.match_words(word, limit=99, where=Filter())}


def _having(journal: SqliteJournal, word: str) -> set[object]:
    return {
        clip.id
        for clip in journal.clips(where=Filter())
        if word in f"{journal.text(clip.id)} {journal.ocr_text(clip.id)}".split()
    }


@given(steps=_STEPS)
@example(steps=[("add picture", 0), ("read", 0), ("read", 1)])
@settings(max_examples=60)
def test_whatever_happens_in_whatever_order_the_index_is_right_and_misses_nothing(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, int]]
) -> None:
    data_dir = tmp_path_factory.mktemp("interleaved")
    with opened(data_dir) as journal:
        for what, number in steps:
            _step(journal, what, number)
        assert_index_is_right(data_dir)

        for word in WORDS:
            assert _found(journal, word) == _having(journal, word)

    assert_index_is_right(data_dir)


def test_a_copy_is_committed_without_the_index_which_follows_once(tmp_path: Path) -> None:
    with opened(tmp_path) as journal, journal._db.reading() as connection:
        for number in range(3):
            journal.add(text_draft(f"text {number}"))
        journal.add(picture_draft(b"shot"))
        assert _position(connection) == 0

        assert [journal.index_words(), journal.index_words()] == [3, 0]

        assert _position(connection) == 3
    assert_index_is_right(tmp_path)


def test_many_and_long_texts_are_indexed_in_batches(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("weavclip.journal.word_index.BATCH_CHARS", 2_000)
    with opened(tmp_path) as journal:
        for number in range(40):
            journal.add(text_draft(f"{number} " * (1_500 if number % 9 == 0 else 30)))

        assert journal.index_words() == 40

        assert _found(journal, "36") == _having(journal, "36") != set()
    assert_index_is_right(tmp_path)


def test_numbers_that_are_given_again_are_indexed_later_too(tmp_path: Path) -> None:
    with opened(tmp_path) as journal, journal._db.reading() as connection:
        ids = [journal.add(text_draft(f"text {number}")).id for number in range(5)]
        journal.index_words()

        journal.forget(ids[2:])
        new = journal.add(text_draft("new words")).id

        assert _position(connection) == 2
        assert _found(journal, "new") == {new}
        assert _found(journal, "text") == set(ids[:2])
    assert_index_is_right(tmp_path)


def test_words_that_were_never_indexed_leave_nothing_when_forgotten(tmp_path: Path) -> None:
    with opened(tmp_path) as journal:
        journal.add(text_draft("ordinary words"))
        gone = journal.add(text_draft("Xylophon")).id

        journal.forget([gone])
        journal.scrub()

        files = [each for each in tmp_path.rglob("*") if each.is_file()]
        assert not [each for each in files if b"xylophon" in each.read_bytes().lower()]
        assert _found(journal, "ordinary") == _having(journal, "ordinary") != set()
    assert_index_is_right(tmp_path)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("weavclip.journal.word_index.PATIENCE_S", 0.02)


@pytest.mark.usefixtures("impatient")
def test_a_search_beside_a_long_write_answers_and_says_so_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with opened(tmp_path) as journal, opened(tmp_path) as another:
        known = journal.add(text_draft("alpha known")).id
        journal.index_words()
        waiting = journal.add(text_draft("alpha waiting")).id

        with another._db.writing(), caplog.at_level(logging.WARNING):
            assert set(journal.containing("alpha", limit=9, where=Filter())) == {known, waiting}
            assert _found(journal, "alpha") == {known, waiting}
            assert _found(journal, "waiting") == {waiting}
            assert journal.match_words("alpha", limit=9, where=Filter(pinned=True)) == []

        assert len(caplog.records) == 1
        assert "waiting" not in caplog.text
        assert _found(journal, "alpha") == {known, waiting}


@pytest.mark.usefixtures("impatient")
def test_a_search_waits_no_longer_for_a_thread_of_its_own_process(tmp_path: Path) -> None:
    begun, ended = threading.Event(), threading.Event()
    with opened(tmp_path) as journal:
        waiting = journal.add(text_draft("alpha waiting")).id

        def write() -> None:
            with journal._db.writing():
                begun.set()
                ended.wait(timeout=WITHIN_S)

        writer = threading.Thread(target=write)
        writer.start()
        assert begun.wait(timeout=WITHIN_S)
        found = journal.containing("alpha", limit=9, where=Filter())
        ended.set()
        writer.join(timeout=WITHIN_S)

        assert found == [waiting]


def test_a_search_on_a_full_disk_answers(tmp_path: Path) -> None:
    with opened(tmp_path) as journal:
        waiting = journal.add(text_draft(" ".join(f"word{n}" for n in range(9_000)))).id
        # The connection that is read with now is the one that is written with next.
        with journal._db.reading() as connection:
            (pages,) = connection.execute("PRAGMA page_count").fetchone()
            connection.execute(f"PRAGMA max_page_count = {pages}")

        assert journal.containing("word77 ", limit=9, where=Filter()) == [waiting]
        assert _found(journal, "word77") == {waiting}

        with journal._db.reading() as connection:
            connection.execute("PRAGMA max_page_count = 1000000")
        assert _found(journal, "word77") == {waiting}
    assert_index_is_right(tmp_path)


def test_processes_that_add_forget_index_and_search_at_once_leave_the_index_right(
    tmp_path: Path,
) -> None:
    program = (
        "import sys; from pathlib import Path\n"
        "from tests.unit.journal.drafts import opened, text_draft\n"
        "from weavclip.domain.query import Filter\n"
        "journal = opened(Path(sys.argv[1])); me = sys.argv[2]\n"
        "for number in range(40):\n"
        "    added = journal.add(text_draft(f'alpha {me} {number}')).id\n"
        "    if number % 4 == 1: journal.index_words()\n"
        "    if number % 4 == 2:\n"
        "        found = journal.match_words(f'{number}', limit=99, where=Filter())\n"
        "        assert added in {match.id for match in found}\n"
        "    if number % 4 == 3: journal.forget([added])\n"
    )
    command = [sys.executable, "-c", program, str(tmp_path)]
    writers = [subprocess.Popen([*command, str(number)]) for number in range(3)]

    assert [writer.wait(timeout=WITHIN_S) for writer in writers] == [0, 0, 0]

    assert_index_is_right(tmp_path)
    with opened(tmp_path) as journal:
        assert len(_found(journal, "alpha")) == journal.count() == 90


def test_a_journal_of_version_1_keeps_its_index_and_knows_its_pictures(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drafts = [picture_draft(b"small"), picture_draft(bytes(LARGE))]
    with older_journal(tmp_path, monkeypatch, version=1) as written:
        old = [written.text(f"alpha {number}") for number in range(3)]
        shots = [written.picture(draft.digest_source, seen="alpha seen") for draft in drafts]

    with opened(tmp_path) as journal:
        assert_index_is_right(tmp_path)
        assert journal.index_words() == 0
        assert [journal.add(draft).id for draft in drafts] == shots
        new = journal.add(text_draft("alpha new")).id
        journal.forget(old[:1])

        assert _found(journal, "alpha") == {*old[1:], *shots, new}
    assert_index_is_right(tmp_path)


def test_closing_waits_for_a_transaction_that_another_thread_is_in(tmp_path: Path) -> None:
    begun = threading.Event()
    journal = opened(tmp_path)

    def write() -> None:
        with journal._db.writing() as connection:
            begun.set()
            for number in range(50):
                connection.execute("INSERT OR REPLACE INTO meta VALUES ('at', ?)", (number,))

    writer = threading.Thread(target=write)
    writer.start()
    assert begun.wait(timeout=WITHIN_S)
    journal.close()
    writer.join(timeout=WITHIN_S)

    with opened(tmp_path) as again:
        assert again.meta("at") == "49"
