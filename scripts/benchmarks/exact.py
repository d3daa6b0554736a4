"""Exact strings: 1,000 cut out of 100,000 stored texts; is a text that has it the first hit?

Each is asked with ``--plain`` and as it is typed, as a question or as the string that it is.

The texts are one to eight lines in a row of the Python standard library's own source: code, prose,
tables, signs of all sorts; or of all files of a folder (``--data``). No model is asked, nor a
server: the journal finds exact strings for every index.
"""

from __future__ import annotations

import random
import sysconfig
import tempfile
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from scripts.benchmarks.rows import Row, mean_of, row_of
from weavclip.domain.clip import Draft, Kind
from weavclip.domain.query import Query
from weavclip.index.exact import ExactIndex
from weavclip.journal.store import SqliteJournal
from weavclip.search.service import SearchService
from weavclip.search.understanding import understood

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scripts.benchmarks.rows import Mean
    from weavclip.domain.query import Filter

TEXTS, STRINGS = 100_000, 1_000
SHORTEST, LONGEST, MOST_LINES = 8, 40, 8
START = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(slots=True)
class _Tally:
    """How one way of asking did: milliseconds a question, first hits that have the string."""

    times_ms: list[float] = field(default_factory=list)
    right: list[bool] = field(default_factory=list)
    no_questions: int = 0


def rows(data: str = "") -> Iterator[Row | Mean]:
    """Taken as they are, and typed; takes about 4 minutes.

    Args:
        data: Folder whose files are cut into texts; without one that of the standard library.
    """
    choose = random.Random(17)
    with (
        tempfile.TemporaryDirectory(dir=memory_folder()) as folder,
        SqliteJournal.open(Path(folder) / "journal", reserve_bytes=0) as journal,
    ):
        texts = filled(journal, choose, Path(data) if data else None)
        if not texts:
            yield mean_of(f"no file of {data} has {SHORTEST} characters", np.zeros(1), unit="")
            return
        strings = [_cut(choose.choice(texts), choose) for _ in range(STRINGS)]
        service = SearchService(
            index=ExactIndex(journal, journal, model_id="", means={}),
            words=journal,
            journal=journal,
        )
        for way, plain in (("as it is (--plain)", True), ("typed", False)):
            tally = _asked(service, journal, strings, plain=plain)
            yield from _said(way, tally, len(texts))


def _said(way: str, tally: _Tally, texts: int) -> Iterator[Row | Mean]:
    note = f"{tally.no_questions} of them are no question" if tally.no_questions else ""
    yield row_of(f"an exact string in {texts:,} texts, {way}", tally.times_ms, unit="ms")
    yield mean_of(f"recall@1, {way}", np.array(tally.right, float), unit="share", note=note)


def _asked(
    service: SearchService, journal: SqliteJournal, strings: list[str], *, plain: bool
) -> _Tally:
    tally = _Tally()
    for string in strings:
        began = time.perf_counter()
        query = Query(words=string) if plain else _understood(string, journal)
        hits = service.run(query).hits
        tally.times_ms.append((time.perf_counter() - began) * 1000)
        tally.no_questions += bool(query.notes)
        found = bool(hits) and string.lower() in journal.text(hits[0].clip.id).lower()
        tally.right.append(found)
    return tally


def _understood(string: str, journal: SqliteJournal) -> Query:
    def is_kept(text: str, where: Filter) -> bool:
        return bool(journal.containing(text, limit=1, where=where))

    return understood(string, Query(), is_kept=is_kept, now=START + timedelta(days=400))


def filled(journal: SqliteJournal, choose: random.Random, folder: Path | None = None) -> list[str]:
    """Fill a journal with texts, each once; what it holds.

    Args:
        journal: An empty one.
        choose: Decides how the files are cut.
        folder: Whose files are cut; that of the standard library's source when None.
    """
    found: dict[str, None] = {}
    files = folder.rglob("*") if folder else Path(sysconfig.get_path("stdlib")).rglob("*.py")
    sources = sorted(path for path in files if path.is_file())
    choose.shuffle(sources)
    for path in sources:
        lines = path.read_text("utf-8", errors="ignore").splitlines()
        while lines and len(found) < TEXTS:
            count = choose.randint(1, MOST_LINES)
            text, lines = "\n".join(lines[:count]).strip(), lines[count:]
            if len(text) >= LONGEST:
                found.setdefault(text)
    for place, text in enumerate(found):
        encoded = text.encode()
        journal.add(
            Draft(
                kind=Kind.TEXT,
                mime_type="text/plain",
                representations={"text/plain": encoded},
                text=text,
                preview=text[:200],
                digest_source=encoded,
                at=START + timedelta(minutes=place),
            )
        )
    journal.index_words()
    return [*found]


def _cut(text: str, choose: random.Random) -> str:
    """A part of a text without outer blanks, which a question has none of."""
    length = choose.randint(SHORTEST, LONGEST)
    while True:
        start = choose.randrange(max(1, len(text) - length))
        found = text[start : start + length].strip()
        if len(found) >= SHORTEST:
            return found


def memory_folder() -> str | None:
    """Where files are in memory; None for the system's choice."""
    return "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 - a private folder in it
