"""Words out of pictures: do they find their picture; time and memory against the bare library.

``--data FOLDER`` reads the pictures of a folder with ``words.csv`` (file, words) instead of drawn
screens. Both read the same pictures in turn, on the same cores.
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

from scripts.benchmarks.rows import Row, mean_of, row_of
from scripts.benchmarks.screens import Screen, screens
from weavclip.domain.clip import Draft, Kind
from weavclip.domain.query import Filter
from weavclip.embed.ocr import OcrReader
from weavclip.journal.store import SqliteJournal
from weavclip.pictures.children import ChildDecoder
from weavclip.pipeline.seeing import PictureReading

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID

    from scripts.benchmarks.rows import Mean

SCREENS = 18
WORDS_A_SCREEN = 12
FOUND_AMONG = 5
MB = 1e6


@dataclass(slots=True)
class Side:
    """What one of the two took.

    Attributes:
        seconds: A picture each.
        cpu_s: Processor time, likewise.
        peak_bytes: Largest resident memory of its process.
    """

    seconds: list[float]
    cpu_s: list[float]
    peak_bytes: int = 0


def rows(data: str = "") -> Iterator[Row | Mean]:
    """Takes some 5 minutes on two cores."""
    shown = _folder(Path(data)) if data else screens(SCREENS)
    ours, bare = Side([], []), Side([], [])
    with tempfile.TemporaryDirectory() as name, _journal(Path(name) / "data") as journal:
        ids = _read_all(shown, journal, Path(name), ours, bare)
        found, written = _recall(shown, ids, journal)
    yield mean_of(
        f"a word finds its picture, recall@{FOUND_AMONG}", found, unit="share", note=">= 0.95"
    )
    yield mean_of("words that were read exactly", written, unit="share")
    yield row_of("a picture, decoded, read and stored", ours.seconds, unit="s")
    yield row_of("the bare library, pixels given", bare.seconds, unit="s")
    yield _ratio("time of all, ours / bare", sum(ours.seconds) / sum(bare.seconds), "<= 1.2")
    yield _ratio("processor time, ours / bare", sum(ours.cpu_s) / sum(bare.cpu_s), "")
    yield Row(
        stage="our child, peak", n=1, median=ours.peak_bytes / MB, unit="MB", note="<= bare's"
    )
    yield Row(stage="the bare library, peak", n=1, median=bare.peak_bytes / MB, unit="MB")


def _ratio(stage: str, value: float, note: str) -> Row:
    return Row(stage=stage, n=1, median=value, unit="ratio", note=note)


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
        ours.peak_bytes, bare.peak_bytes = _peak(reader.pid), _peak(library.pid)
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


def _peak(pid: int) -> int:
    """The largest resident memory that a process ever had, in bytes."""
    status = Path(f"/proc/{pid}/status").read_text()
    line = next(each for each in status.splitlines() if each.startswith("VmHWM"))
    return int(line.split()[1]) * 1024


def _recall(
    shown: list[Screen], ids: list[UUID], journal: SqliteJournal
) -> tuple[np.ndarray, np.ndarray]:
    """Whether each of some words, which one picture alone has, finds it; and was read as it is."""
    rng, found, written = random.Random(2), [], []
    for screen, clip_id in zip(shown, ids, strict=True):
        others = frozenset().union(*(each.words for each in shown if each is not screen))
        own = sorted(screen.words - others)
        read = frozenset(journal.ocr_text(clip_id).split())
        for word in rng.sample(own, min(WORDS_A_SCREEN, len(own))):
            hits = journal.match_words(word, limit=FOUND_AMONG, where=Filter())
            found.append(clip_id in [hit.id for hit in hits])
            written.append(word in read)
    return np.array(found, float), np.array(written, float)
