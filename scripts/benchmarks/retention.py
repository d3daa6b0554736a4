"""How long a copy waits while half of 100,000 clips are removed, and what that takes."""

from __future__ import annotations

import random
import subprocess
import sys
import tempfile
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from scripts.benchmarks.rows import Row, row_of
from weavclip.domain.clip import Draft, Kind, new_id
from weavclip.domain.query import Space
from weavclip.domain.retention import Keep
from weavclip.journal.store import SqliteJournal
from weavclip.pipeline.observe import folder_bytes
from weavclip.pipeline.upkeep import trim

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

CLIPS, PICTURES = 100_000, 1_000
PICTURE_BYTES = 100_000
DIM, MODEL = 512, "ViT-B-32"
WORDS_A_TEXT = 40
OLD, NEW = timedelta(days=400), timedelta(days=10)
LIMITS = (Keep(days=390), Keep(days=365))
ALONE, PAUSE_S = 300, 0.02
MOST_WAIT_MS = 50.0


def rows() -> Iterator[Row]:
    """Measure copies alone, beside a removal in their process, and beside one in another."""
    with tempfile.TemporaryDirectory(prefix="weavclip-retention-") as folder:
        data_dir = Path(folder)
        with SqliteJournal.open(data_dir, reserve_bytes=0) as journal:
            fill(journal)
            before = folder_bytes(data_dir)
            yield row_of("copy -> committed, nothing else", _alone(journal), unit="ms")
            yield from _beside("in its process", journal, LIMITS[0], _thread(journal))
            yield from _beside("in another process", journal, LIMITS[1], _process(data_dir))
            began = time.perf_counter()
            journal.surplus(Keep(days=365, clips=CLIPS, size_bytes=10**12))
            asked_ms = (time.perf_counter() - began) * 1000
            yield Row(stage="what is over the limits, asked", n=1, median=asked_ms, unit="ms")
            yield _disk("data folder before", before)
            yield _disk("data folder after", folder_bytes(data_dir))
            journal.scrub()
            yield _disk("data folder after a scrub", folder_bytes(data_dir))


def fill(journal: SqliteJournal) -> None:
    """Texts and pictures of which half are over a year old, with vectors and indexed words.

    Written in a few transactions: one a clip would take minutes.
    """
    made = random.Random(5)
    now = datetime.now(UTC)
    for start in range(0, CLIPS, 5000):
        ids = []
        with journal._db.writing() as connection:  # noqa: SLF001 - as said
            for number in range(start, start + 5000):
                if number < CLIPS // 4:
                    age = OLD
                elif number < CLIPS // 2:
                    age = OLD - timedelta(days=20)
                else:
                    age = NEW
                draft = _draft(number, made, at=now - age)
                digest = number.to_bytes(32)
                ids.append(journal._insert(connection, draft, digest, clip_id=new_id()))  # noqa: SLF001
        vectors = np.random.default_rng(start).standard_normal((len(ids), DIM)).astype(np.float32)
        journal.embedded_many(
            [
                (each, {Space.TEXT: vector}, None)
                for each, vector in zip(ids, vectors, strict=True)
            ],
            MODEL,
        )
    journal.index_words()


def _draft(number: int, made: random.Random, *, at: datetime) -> Draft:
    if number % (CLIPS // PICTURES) == 0:
        content = made.randbytes(PICTURE_BYTES)
        return Draft(
            kind=Kind.IMAGE,
            mime_type="image/png",
            representations={"image/png": content},
            digest_source=content,
            at=at,
        )
    words = " ".join(f"w{int(made.expovariate(0.001))}" for _ in range(WORDS_A_TEXT))
    return text_draft(f"{number} {words}", at=at)


def text_draft(text: str, *, at: datetime) -> Draft:
    """A text that was copied."""
    return Draft(
        kind=Kind.TEXT,
        mime_type="text/plain",
        representations={"text/plain": text.encode()},
        text=text,
        preview=text[:200],
        digest_source=text.encode(),
        at=at,
    )


def _added_ms(journal: SqliteJournal, text: str) -> float:
    began = time.perf_counter()
    journal.add(text_draft(text, at=datetime.now(UTC)))
    return (time.perf_counter() - began) * 1000


def _alone(journal: SqliteJournal) -> list[float]:
    return [_added_ms(journal, f"alone {number}") for number in range(ALONE)]


def _beside(
    where: str,
    journal: SqliteJournal,
    keep: Keep,
    writer: Callable[[threading.Event], list[float]],
) -> Iterator[Row]:
    over, values = threading.Event(), list[float]()
    thread = threading.Thread(target=lambda: values.extend(writer(over)))
    thread.start()
    began = time.perf_counter()
    removed = trim(journal, keep, stop=threading.Event())
    took_s = time.perf_counter() - began
    over.set()
    thread.join(60)
    yield row_of(
        f"copy -> committed, removal {where}", values, unit="ms", note=f"p99 <= {MOST_WAIT_MS:g}"
    )
    yield Row(stage=f"the longest of them, {where}", n=1, median=max(values), unit="ms")
    yield Row(
        stage="removed and its space given back, beside copies",
        n=removed,
        median=took_s,
        unit="s",
    )


def _thread(journal: SqliteJournal) -> Callable[[threading.Event], list[float]]:
    def write(over: threading.Event) -> list[float]:
        values = []
        while not over.wait(PAUSE_S):
            values.append(_added_ms(journal, f"beside {len(values)}"))
        return values

    return write


def _process(data_dir: Path) -> Callable[[threading.Event], list[float]]:
    def write(over: threading.Event) -> list[float]:
        command = [sys.executable, "-m", "scripts.benchmarks.retention", str(data_dir)]
        with subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as writer:
            over.wait()
            said, _ = writer.communicate("\n", timeout=60)
        return [float(line) for line in said.splitlines()]

    return write


def _disk(stage: str, count: int) -> Row:
    return Row(stage=stage, n=1, median=count / 1e6, unit="MB")


def _write_until_told(data_dir: Path) -> None:
    over = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.readline(), over.set()), daemon=True).start()
    with SqliteJournal.open(data_dir, reserve_bytes=0) as journal:
        number = 0
        while not over.wait(PAUSE_S):
            number += 1
            print(_added_ms(journal, f"from elsewhere {number}"), flush=True)


if __name__ == "__main__":
    _write_until_told(Path(sys.argv[1]))
