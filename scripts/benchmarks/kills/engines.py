"""Who embeds and who indexes is killed: the engine, and the Weaviate that weavclip manages."""

from __future__ import annotations

import os
import random
import signal
import tempfile
import time
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from scripts.benchmarks.home import home, managing, served
from scripts.benchmarks.kills.verdict import verdict
from scripts.sample_model import drawings
from tests.waiting import until
from weavclip import wiring
from weavclip.domain.errors import WeavclipError
from weavclip.index.server import binary
from weavclip.pipeline import observe

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scripts.benchmarks.rows import Row
    from weavclip.settings import Settings

_PICTURES, _TEXTS = 3, 2  # a kill
_SIDE_PX = 200
_NAMES = ("a red circle on white", "mountains at night", "a dark terminal", "a blue star on black")
_BACK_WITHIN_S = 120.0
_SOON = 0.2  # of the servers are killed again while they start


def engines(kills: int) -> Iterator[Row]:
    """Kill an engine while it embeds and indexes, into Weaviate where there is one."""
    rng, said = random.Random(2), set[UUID]()
    with ExitStack() as stack:
        beside = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        if binary.find():
            used, _ = stack.enter_context(served(beside))
        else:
            used = stack.enter_context(home())
        starter = wiring.engine(used)
        for number in range(kills):
            said |= _added(used, number)
            starter.wake()
            time.sleep(rng.uniform(0.3, 1.6))
            state = observe.engine_state(used.runtime_dir)
            if state:
                os.kill(state.pid, signal.SIGKILL)
        yield from verdict(used, "engine", kills=kills, said=said)


def servers(kills: int) -> Iterator[Row]:
    """Kill the managed Weaviate while the engine fills it; it is started again each time."""
    rng, said = random.Random(3), set[UUID]()
    with tempfile.TemporaryDirectory() as name, managing(at=Path(name) / "data") as (used, server):
        starter = wiring.engine(used)
        for number in range(kills):
            said |= _added(used, number)
            starter.wake()
            time.sleep(rng.uniform(0, 1.5))
            pid = until(lambda: server.status().pid, within_s=_BACK_WITHIN_S, what="a server")
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
            if rng.random() > _SOON:
                until(
                    lambda: _answers_with_weaviate(used),
                    within_s=_BACK_WITHIN_S,
                    every_s=0.1,
                    what="Weaviate again",
                )
        yield from verdict(used, "managed Weaviate", kills=kills, said=said)


def _answers_with_weaviate(used: Settings) -> bool:
    with suppress(WeavclipError):
        return str(wiring.engine(used).ask("state").index).startswith("Weaviate")
    return False


def _added(used: Settings, number: int) -> set[UUID]:
    """The ids of what was stored: pictures that differ, and texts."""
    folder, stored = used.data_dir.parent, set()
    with wiring.open_ingest(used) as ingest:
        for n in range(_PICTURES):
            path = folder / "next.png"
            seed, name = number * _PICTURES + n, _NAMES[n % len(_NAMES)]
            path.write_bytes(drawings.png(drawings.named(name), seed=seed, side_px=_SIDE_PX))
            stored.add(ingest.take_file(path).clip_id)
        for n in range(_TEXTS):
            path = folder / "next.txt"
            path.write_text(f"note {n} of round {number}")
            stored.add(ingest.take_file(path).clip_id)
    return {each for each in stored if each}
