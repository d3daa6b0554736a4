"""Words out of pictures: do they find their picture; time and memory against the bare library.

``--data FOLDER`` reads the pictures of a folder with ``words.csv`` (columns ``file`` and
``words``: what is written in each, parted by spaces) instead of drawn screens. Both read the same
pictures in turn, on the same cores. A word is asked for where one picture alone has it.
"""

from __future__ import annotations

import csv
import json
import random
import subprocess
import sys
import tempfile
import time
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import psutil

from scripts.benchmarks.processes import peak_bytes, resident_bytes
from scripts.benchmarks.rows import Row, figure_of, mean_of, row_of
from scripts.benchmarks.screens import Screen, screens
from weavclip.domain.clip import Draft, Kind
from weavclip.domain.query import Query
from weavclip.embed.ocr import OcrReader
from weavclip.index.exact import ExactIndex
from weavclip.journal.store import SqliteJournal
from weavclip.pictures.children import ChildDecoder
from weavclip.pipeline.seeing import PictureReading
from weavclip.wiring.indexes import make_searcher

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID

    from numpy.typing import NDArray

    from scripts.benchmarks.rows import Mean

SCREENS = 18
WORDS_A_SCREEN = 100
FOUND_AMONG = 5
MB = 1e6


@dataclass(slots=True)
class Side:
    """What one of the two took.

    Attributes:
        seconds: A picture each.
        cpu_s: Processor time, likewise.
        peak_bytes: Largest resident memory of its process.
        left_bytes: Resident memory of its process when all is read.
    """

    seconds: list[float]
    cpu_s: list[float]
    peak_bytes: int = 0
    left_bytes: int = 0


def rows(data: str = "") -> Iterator[Row | Mean]:
    """Takes some 3 minutes on two cores."""
    shown = _folder(Path(data)) if data else screens(SCREENS)
    ours, bare = Side([], []), Side([], [])
    with tempfile.TemporaryDirectory() as name, _journal(Path(name) / "data") as journal:
        ids = _read_all(shown, journal, Path(name), ours, bare)
        yield from _by_word(shown, ids, journal)
    yield row_of("a picture, decoded, read and stored", ours.seconds, unit="s")
    yield row_of("the bare library, pixels given", bare.seconds, unit="s")
    yield _ratio("time of all, ours / bare", ours.seconds, bare.seconds, "<= 1.2")
    yield _ratio("processor time, ours / bare", ours.cpu_s, bare.cpu_s)
    yield _megabytes("our child, peak", ours.peak_bytes, "<= bare's")
    yield _megabytes("the bare library, peak", bare.peak_bytes)
    yield _megabytes("our child, when nothing is left to read", ours.left_bytes, "= 0")


def _ratio(stage: str, ours: list[float], bare: list[float], note: str = "") -> Mean:
    def ratio(pairs: NDArray[np.floating]) -> float:
        return float(pairs[:, 0].sum() / pairs[:, 1].sum())

    return figure_of(stage, np.column_stack([ours, bare]), ratio, unit="ratio", note=note)


def _megabytes(stage: str, size_bytes: int, note: str = "") -> Row:
    return Row(stage=stage, n=1, median=size_bytes / MB, unit="MB", note=note)


def _folder(folder: Path) -> list[Screen]:
    with (folder / "words.csv").open(newline="") as file:
        table = list(csv.DictReader(file))
    return [
        Screen(row["file"], (folder / row["file"]).read_bytes(), frozenset(row["words"].split()))
        for row in table
    ]


@contextmanager
def _journal(data_dir: Path) -> Iterator[SqliteJournal]:
    with SqliteJournal.open(data_dir, reserve_bytes=0) as journal:
        yield journal


def _read_all(
    shown: list[Screen], journal: SqliteJournal, folder: Path, ours: Side, bare: Side
) -> list[UUID]:
    """Both read each picture, one after the other; each is warm at the first that counts."""
    ids = []
    command = [sys.executable, "-m", "scripts.benchmarks.ocr_bare"]
    with (
        closing(ChildDecoder(max_pixels=50_000_000, workers=1)) as decoder,
        closing(OcrReader()) as reader,
        subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as library,
    ):
        reading = PictureReading(journal, decoder, reader, harmless=lambda seen: seen)
        for number, screen in enumerate([shown[0], *shown]):
            path = folder / "screen"
            path.write_bytes(screen.png)
            if number:
                ids.append(_kept(journal, screen))
                _read_ours(reading, reader, ours)
            else:
                reader.read(decoder.whole(screen.png))
            _read_bare(library, path, bare, counts=number > 0)
        child = reader.pid
        ours.peak_bytes, bare.peak_bytes = peak_bytes(child), peak_bytes(library.pid)
        assert not reading.step()  # nothing is left
        ours.left_bytes = resident_bytes(child)
        library.kill()
    return ids


def _kept(journal: SqliteJournal, screen: Screen) -> UUID:
    draft = Draft(
        kind=Kind.IMAGE,
        mime_type="image/png",
        representations={"image/png": screen.png},
        digest_source=screen.png,
        at=datetime.now(UTC),
    )
    return journal.add(draft).id


def _read_ours(reading: PictureReading, reader: OcrReader, ours: Side) -> None:
    child = psutil.Process(reader.pid)
    used, began = _cpu_s(child), time.perf_counter()
    assert reading.step().done
    ours.seconds.append(time.perf_counter() - began)
    ours.cpu_s.append(_cpu_s(child) - used)


def _read_bare(library: subprocess.Popen[str], path: Path, bare: Side, *, counts: bool) -> None:
    assert library.stdin
    assert library.stdout
    library.stdin.write(f"{path}\n")
    library.stdin.flush()
    told = json.loads(library.stdout.readline())
    if counts:
        bare.seconds.append(told["seconds"])
        bare.cpu_s.append(told["cpu_s"])


def _cpu_s(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def _by_word(shown: list[Screen], ids: list[UUID], journal: SqliteJournal) -> Iterator[Mean]:
    """Whether words find their picture; were read as they are, or run together with others."""
    index = ExactIndex(journal, journal, model_id="", means={})
    rng, of, found, written, joined = random.Random(2), [], [], [], []
    with closing(ChildDecoder(max_pixels=1, workers=1)) as decoder:
        searcher = make_searcher(journal, None, decoder, index)
        for number, (screen, clip_id) in enumerate(zip(shown, ids, strict=True)):
            others = frozenset().union(*(each.words for each in shown if each is not screen))
            own = sorted(screen.words - others)
            read = frozenset(journal.ocr_text(clip_id).split())
            for word in rng.sample(own, min(WORDS_A_SCREEN, len(own))):
                query = Query(words=word, limit=FOUND_AMONG)
                of.append(number)
                found.append(clip_id in [hit.clip.id for hit in searcher.run(query).hits])
                written.append(word in read)
                joined.append(word not in read and any(word in each for each in read))
    for stage, values, note in (
        (f"a word finds its picture, recall@{FOUND_AMONG}", found, ">= 0.95"),
        ("words that were read exactly", written, ""),
        ("words that were read without the space beside them", joined, ""),
    ):
        numbers = np.array(values, float)
        yield mean_of(stage, numbers, unit="share", of=np.array(of), note=note)
