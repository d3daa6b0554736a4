"""SIGKILL at random moments: what was said to be stored must be there, once, and be found.

Agent, engine, display servers and Weaviate are killed, a thousand times in all, and beside them
a bare writer of the journal. A kill counts when its signal ended a living process. Each lane has
a desk of its own, and a process, so that two are killed side by side.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import TYPE_CHECKING

from scripts.benchmarks.rows import Row
from weavclip.index.server import binary

if TYPE_CHECKING:
    from collections.abc import Iterator

KILLS = 1_000
LANES = {
    "weaviate": 200,
    "engine": 300,
    "agent-x11": 190,
    "agent-sway": 110,
    "x11": 60,
    "sway": 80,
    "kwin": 30,
    "mutter": 30,
}
"""How often each is killed, of a thousand; the longest first."""
BESIDE = {"writer": 200}
"""Killed as well, and not counted."""

_NEEDS_WEAVIATE = frozenset({"weaviate"})
_AT_ONCE = 2
_WITHIN_S = 7_200.0


def rows(kills: int = KILLS) -> Iterator[Row]:
    """Every lane; a thousand kills take about an hour.

    Args:
        kills: In all.
    """
    wanted = [each for each in LANES if binary.find() or each not in _NEEDS_WEAVIATE]
    counts = {each: max(1, LANES[each] * kills // KILLS) for each in wanted}
    beside = {each: max(1, BESIDE[each] * kills // KILLS) for each in BESIDE}
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        lanes = [pool.submit(_lane, *each) for each in (*counts.items(), *beside.items())]
        ended = list(as_completed(lanes))
    # Afterwards, so that one that fails takes no other's figures along.
    for lane in sorted(ended, key=lambda each: each.exception() is not None):
        yield from lane.result()
    done = sum(counts.values())
    yield Row(stage="killed in all", n=len(counts), median=done, unit="times", note=str(kills))


def _lane(name: str, kills: int) -> list[Row]:
    command = [sys.executable, "-m", "scripts.benchmarks.kills", "--lane", name]
    done = subprocess.run(
        [*command, "--kills", str(kills)],
        env=dict(os.environ),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        timeout=_WITHIN_S,
        check=True,
        text=True,
    )
    return [Row(**json.loads(line)) for line in done.stdout.splitlines()]
