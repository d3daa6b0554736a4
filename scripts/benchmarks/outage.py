"""A minute of copies while Weaviate is down, and what it has once it is back."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from scripts.benchmarks.desktops import clipboard
from scripts.benchmarks.home import all_clips, corrupt, missing_in, served
from scripts.benchmarks.kills.verdict import completed
from scripts.benchmarks.rows import Row
from tests.e2e.programs import watching
from weavclip import wiring

if TYPE_CHECKING:
    from collections.abc import Iterator

COPIES_A_SECOND, COPYING_S = 10, 60
_BEFORE = "a copy before the outage"


def rows() -> Iterator[Row]:
    """One minute without, then the server is started again; about two minutes."""
    texts = [f"outage {n} " + "x" * 1000 for n in range(COPIES_A_SECOND * COPYING_S)]
    with (
        tempfile.TemporaryDirectory() as name,
        clipboard("x11") as desk,
        served(Path(name), desk.environ) as (used, server),
        watching() as agent,
        desk.owner() as program,
    ):
        program.copy_texts([_BEFORE], every_s=0.1)
        agent.stored(1)
        completed(used)
        server.down()
        program.copy_texts(texts, every_s=1 / COPIES_A_SECOND)
        stored = agent.stored(1 + len(texts))[1:]
        server.up(confirm=lambda _: False)
        began = time.monotonic()
        index = completed(used)
        took_s = time.monotonic() - began
        with wiring.open_journal(used) as journal:
            clips = sorted(all_clips(journal), key=lambda each: each.captured_at)
            kept = [journal.text(each.id) for each in clips if each.preview != _BEFORE]
            missing = missing_in(used, journal)
        broken = corrupt(used.data_dir)
        wiring.engine(used).stop()
    count = len(texts)
    moved = sum(one != other for one, other in zip(kept, texts, strict=False))
    yield Row(
        stage=f"{COPIES_A_SECOND} copies a second, {COPYING_S} s, no Weaviate: stored",
        n=count,
        median=len(set(stored)),
        unit="clips",
        note=str(count),
    )
    yield Row(stage="  lost", n=count, median=count - len(kept), unit="clips", note="0")
    yield Row(stage="  out of order", n=count, median=moved, unit="clips", note="0")
    yield Row(stage="  corrupt", n=count, median=broken, unit="clips", note="0")
    yield Row(stage=f"  not in {index} afterwards", n=count, median=missing, unit="", note="0")
    yield Row(stage="  all indexed after the server was back", n=1, median=took_s, unit="s")
