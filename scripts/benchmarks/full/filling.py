"""The disk is full while clips are embedded, and while Weaviate is filled."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from scripts.benchmarks.full.disk import disk
from scripts.benchmarks.home import corrupt, home, managing, missing_in
from scripts.benchmarks.rows import Row
from scripts.sample_model import drawings
from tests.e2e.programs import weavclip
from tests.waiting import until
from weavclip import wiring
from weavclip.domain.clip import Stage
from weavclip.index.server import binary

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID

    from scripts.benchmarks.full.disk import Disk
    from weavclip.settings import Settings

_SMALL_MB, _SERVERS_MB = 64, 1_024
_PICTURES = 24
_LEAVE_FOR_COPIES_BYTES = 12_000_000  # about 99 % of the server's disk is used then
_SAYS = ("its work stopped", "takes nothing more")
_SAID_WITHIN_S, _BACK_WITHIN_S = 120.0, 240.0


def embedding() -> Iterator[Row]:
    """The journal's disk fills up before vectors and thumbnails are written."""
    with (
        disk(_SMALL_MB) as small,
        home(at=small.folder / "data", reserve_bytes=0) as used,
        wiring.open_journal(used),  # as an agent has it
    ):
        wiring.engine(used).ask("state")
        said = _added(used, 0)
        small.fill()
        yield from _survived("an embedding", used, small, said)


def indexing() -> Iterator[Row]:
    """The server's disk fills up before the clips go in; both are on it."""
    if binary.find() is None:
        return
    with (
        disk(_SERVERS_MB) as small,
        managing(at=small.folder / "data", reserve_bytes=0) as (used, _),
    ):
        said = _added(used, 0)
        wiring.engine(used).wake()
        until(lambda: not _left(used), within_s=_BACK_WITHIN_S, every_s=0.1, what="a first index")
        small.fill(leave_bytes=_LEAVE_FOR_COPIES_BYTES)
        said |= _added(used, _PICTURES)
        yield from _survived("a write of the index", used, small, said)


def _survived(stage: str, used: Settings, small: Disk, said: set[UUID]) -> Iterator[Row]:
    wiring.engine(used).wake()
    until(lambda: _is_said(used), within_s=_SAID_WITHIN_S, every_s=0.5, what="a word about it")
    left, lines = _left(used), _complaints(used)
    small.relieve()
    began = time.monotonic()
    until(lambda: not _left(used), within_s=_BACK_WITHIN_S, every_s=0.1, what="the rest")
    took_s = time.monotonic() - began
    still = _is_said(used)
    with wiring.open_journal(used) as journal:
        lost = len(said) - len(journal.get_many(sorted(said)))
        missing = missing_in(used, journal)
    broken = corrupt(used.data_dir)
    wiring.engine(used).stop()
    yield Row(stage=stage, n=len(said), median=left, unit="clips wait")
    yield Row(stage="  lines of the log about it", n=1, median=lines, unit="", note="few")
    yield Row(stage="  done again after the space came back", n=1, median=took_s, unit="s")
    yield Row(stage="  still said then", n=1, median=still, unit="", note="0")
    yield Row(stage="  lost", n=len(said), median=lost, unit="clips", note="0")
    yield Row(stage="  corrupt", n=len(said), median=broken, unit="clips", note="0")
    yield Row(stage="  not in the index", n=len(said), median=missing, unit="clips", note="0")


def _is_said(used: Settings) -> bool:
    """Whether the status tells of it."""
    del used
    shown = weavclip("status")
    return any(words in shown for words in _SAYS)


def _complaints(used: Settings) -> int:
    log = used.data_dir / "logs" / "engine.log"
    return sum(" ERROR " in line or " WARNING " in line for line in log.read_text().splitlines())


def _left(used: Settings) -> int:
    with wiring.open_journal(used) as journal:
        return journal.count() - journal.stage_counts(used.model).get(Stage.INDEXED, 0)


def _added(used: Settings, first: int) -> set[UUID]:
    stored = set()
    with wiring.open_ingest(used) as ingest:
        for seed in range(first, first + _PICTURES):
            path = used.data_dir.parent / "next.png"
            scene = drawings.named("a red circle on white")
            path.write_bytes(drawings.png(scene, seed=seed, side_px=200))
            stored.add(ingest.take_file(path).clip_id)
            path.unlink()
    return {each for each in stored if each}
