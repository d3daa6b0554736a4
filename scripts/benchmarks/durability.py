"""What it costs to have a copy on the disk, beside the bare calls that nothing can do without."""

from __future__ import annotations

import hashlib
import os
import random
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

import numpy as np

from scripts.benchmarks.rows import Row, row_of
from weavclip.domain.clip import Draft, Kind
from weavclip.domain.query import Filter, Space
from weavclip.journal.store import SqliteJournal

if TYPE_CHECKING:
    from collections.abc import Callable

    from weavclip.domain.clip import Clip
    from weavclip.domain.vectors import Embedding

PICTURE_BYTES = 300 * 1024
TEXT_CHARS = 1024
COPIES = 400
KILLS = 200
MOST = 1.5
MODEL = "ViT-B-32"
_CALLS = "openat,mkdir,pwrite64,write,fsync,fdatasync,rename,unlink"


def rows() -> list[Row]:
    """Measure texts and pictures against bare calls, and a writer that is killed."""
    with tempfile.TemporaryDirectory(prefix="weavclip-durability-") as folder:
        root = Path(folder)
        found = [*_against_bare(root / "text", _text, bare_commit)]
        found += _against_bare(root / "picture", _picture, bare_file_and_commit)
        found.append(_killed(root / "killed"))
    return found


def _against_bare(
    root: Path,
    make: Callable[[int], Draft],
    bare: Callable[[Path, sqlite3.Connection, Draft], None],
) -> list[Row]:
    root.mkdir()
    ours, theirs = [], []
    with (
        SqliteJournal.open(root / "journal", reserve_bytes=0) as journal,
        closing(bare_database(root / "bare")) as connection,
    ):
        for number in range(COPIES):
            draft = make(number)
            ours.append(_ms(lambda draft=draft: journal.add(draft)))
            theirs.append(_ms(lambda draft=draft: bare(root / "bare", connection, draft)))
        waiting = _ms(journal.index_words)
    kind = root.name
    committed = row_of(f"content -> committed, {kind}", ours, unit="ms")
    plain = row_of(f"the same bytes by bare calls, {kind}", theirs, unit="ms")
    ratio = Row(
        stage=f"content -> committed against bare, {kind}",
        n=1,
        median=committed.median / plain.median,
        unit="ratio",
        note=f"at most {MOST}",
    )
    if kind == "picture":
        return [committed, plain, ratio]
    later = Row(stage="words indexed afterwards, a text", n=1, median=waiting / COPIES, unit="ms")
    return [committed, plain, ratio, later]


def _ms(act: Callable[[], object]) -> float:
    start = time.perf_counter()
    act()
    return (time.perf_counter() - start) * 1000


def bare_database(folder: Path) -> sqlite3.Connection:
    """A WAL database with one table, as durable as the journal."""
    folder.mkdir()
    connection = sqlite3.connect(folder / "bare.sqlite3", isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("CREATE TABLE contents (name TEXT, content BLOB)")
    return connection


def bare_commit(_folder: Path, connection: sqlite3.Connection, draft: Draft) -> None:
    """Commit one row with the content."""
    content = draft.representations[draft.mime_type]
    connection.execute("INSERT INTO contents VALUES ('', ?)", (content,))


def bare_file_and_commit(folder: Path, connection: sqlite3.Connection, draft: Draft) -> None:
    """Write and sync a file, sync its folder, commit a row with its name."""
    path = folder / draft.preview
    with path.open("wb") as file:
        file.write(draft.representations[draft.mime_type])
        file.flush()
        os.fsync(file.fileno())
    handle = os.open(folder, os.O_RDONLY)
    os.fsync(handle)
    os.close(handle)
    connection.execute("INSERT INTO contents VALUES (?, NULL)", (path.name,))


def _text(number: int) -> Draft:
    words = f"{number} The quick brown fox jumps over the lazy dog, then sleeps in the sun. " * 15
    text = words[:TEXT_CHARS]
    return Draft(
        kind=Kind.TEXT,
        mime_type="text/plain",
        representations={"text/plain": text.encode()},
        text=text,
        preview=text[:200],
        digest_source=text.encode(),
        at=datetime.now(UTC),
    )


def _picture(number: int) -> Draft:
    content = os.urandom(PICTURE_BYTES)
    return Draft(
        kind=Kind.IMAGE,
        mime_type="image/png",
        representations={"image/png": content},
        preview=str(number),
        digest_source=content,
        at=datetime.now(UTC),
    )


def killed_writer(data_dir: Path, *, kills: int, seed: int = 0) -> list[UUID]:
    """Kill a writing process at random moments, again and again.

    Args:
        data_dir: The journal's folder.
        kills: How often.
        seed: Of the moments.

    Returns:
        The ids that were acknowledged, each for another content.
    """
    moments = random.Random(seed)
    acknowledged = []
    for run in range(kills):
        command = [sys.executable, "-m", "scripts.benchmarks.durability", str(data_dir), str(run)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
            assert writer.stdout is not None
            acknowledged.append(UUID(writer.stdout.readline().strip()))
            threading.Timer(moments.uniform(0, 0.05), writer.kill).start()
            # What follows the last line end was cut off by the kill.
            *whole, _ = writer.stdout.read().split("\n")
            acknowledged += [UUID(line) for line in whole]
    return acknowledged


def lost(data_dir: Path, acknowledged: list[UUID]) -> int:
    """How many acknowledged clips are not there, and how many clips are torn or there twice."""
    with SqliteJournal.open(data_dir, reserve_bytes=0) as journal:
        found = journal.get_many(acknowledged)
        clips = list(journal.clips(where=Filter()))
        torn = sum(not _is_whole(journal, clip) for clip in clips)
        journal.index_words()
    assert sound(data_dir)
    twice = len(clips) - len({clip.preview for clip in clips})
    return len(acknowledged) - len(found) + torn + twice


def sound(data_dir: Path) -> bool:
    """Whether SQLite and FTS5 find nothing wrong; the words are to be indexed by now.

    Raises:
        AssertionError: With what SQLite found.
        sqlite3.DatabaseError: If FTS5 has anything but the texts.
    """
    with closing(sqlite3.connect(data_dir / "journal.sqlite3")) as connection:
        (verdict,) = connection.execute("PRAGMA integrity_check").fetchone()
        assert verdict == "ok", verdict
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        (waiting,) = connection.execute(
            "SELECT count(*) FROM words WHERE seq > (SELECT last_seq FROM words_indexed)"
        ).fetchone()
        # With rank 1 FTS5 compares what it has with the texts, and raises where they differ.
        check = "INSERT INTO words_index (words_index, rank) VALUES ('integrity-check', ?)"
        connection.execute(check, (int(not waiting),))
    return True


def _is_whole(journal: SqliteJournal, clip: Clip) -> bool:
    content = journal.representations(clip.id)[clip.mime_type]
    vectors = journal.vectors(clip.id, MODEL).values()
    return hashlib.sha256(content).hexdigest() == clip.preview and all(
        (vector == _vector(clip.preview)).all() for vector in vectors
    )


def _vector(digest: str) -> Embedding:
    return np.frombuffer(bytes.fromhex(digest), np.uint8).astype(np.float32)


def _killed(root: Path) -> Row:
    acknowledged = killed_writer(root, kills=KILLS)
    return Row(
        stage=f"clips lost, torn or doubled in {KILLS} SIGKILLs",
        n=len(acknowledged),
        median=lost(root, acknowledged),
        unit="clips",
        note="must be 0",
    )


def _write_for_ever(data_dir: Path, run: str) -> None:
    """Add, embed and forget until killed; print the id of each clip that is to stay."""
    with SqliteJournal.open(data_dir, reserve_bytes=0) as journal:
        for number in range(1_000_000):
            draft = _signed(f"{run} {number} ".encode() * (20_000 if number % 3 == 0 else 5))
            clip_id = journal.add(draft).id
            if number % 5:
                print(clip_id, flush=True)
            if number % 2:
                journal.embedded(clip_id, MODEL, {Space.TEXT: _vector(draft.preview)})
            if not number % 5:
                journal.forget([clip_id])
            if not number % 7:
                journal.index_words()


def _signed(content: bytes) -> Draft:
    """A picture that carries its digest, or a text when it is short."""
    is_text = len(content) < PICTURE_BYTES // 10
    mime_type = "text/plain" if is_text else "image/png"
    return Draft(
        kind=Kind.TEXT if is_text else Kind.IMAGE,
        mime_type=mime_type,
        representations={mime_type: content},
        text=content.decode() if is_text else "",
        preview=hashlib.sha256(content).hexdigest(),
        digest_source=content,
        at=datetime.now(UTC),
    )


def system_calls(number: int = 3) -> list[str]:
    """The calls that write, sync and name files while one picture is committed, in order.

    Args:
        number: Of pictures that are added; the last one's calls are returned.

    Raises:
        FileNotFoundError: If there is no strace.
    """
    with tempfile.TemporaryDirectory(prefix="weavclip-strace-") as folder:
        log = Path(folder) / "calls"
        program = [sys.executable, "-m", "scripts.benchmarks.durability", "--once", folder]
        traced = ["strace", "-f", "-y", "-s", "0", "-e", f"trace={_CALLS}", "-o", str(log)]
        subprocess.run([*traced, *program, str(number)], check=True, timeout=60)
        lines = [line.split(None, 1)[1] for line in log.read_text().splitlines()]
    ours = [line.replace(folder, "DATA") for line in lines if folder in line]
    # The first picture makes the folders; a later one may have to make one of them.
    commits = [at for at, line in enumerate(ours) if "fdatasync" in line]
    return ours[commits[-2] + 1 :]


if __name__ == "__main__":
    if sys.argv[1] == "--calls":
        print("\n".join(system_calls()))
    elif sys.argv[1] == "--once":
        with SqliteJournal.open(Path(sys.argv[2]) / "data", reserve_bytes=0) as opened:
            for each in range(int(sys.argv[3])):
                opened.add(_picture(each))
            # Closing would write the log into the database, which is no part of a commit.
            os._exit(0)
    else:
        _write_for_ever(Path(sys.argv[1]), sys.argv[2])
