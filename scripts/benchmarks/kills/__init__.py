"""SIGKILL at random moments: what was said to be stored must be there, once, and be found.

Agent, engine, display servers, Weaviate and a journal's writer are killed, a thousand times in
all. Each lane has a desk of its own, and a process, so that several are killed side by side.
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
    "agent-x11": 280,
    "agent-sway": 160,
    "writer": 200,
    "engine": 150,
    "weaviate": 60,
    "x11": 80,
    "sway": 50,
    "kwin": 10,
    "mutter": 10,
}
"""How often each is killed, of a thousand."""

_NEEDS_WEAVIATE = frozenset({"weaviate"})
_AT_ONCE = 3
_WITHIN_S = 3_600.0


def rows(kills: int = KILLS) -> Iterator[Row]:
    """Every lane; a thousand kills take about 25 minutes.

    Args:
        kills: In all.
    """
    wanted = [each for each in LANES if binary.find() or each not in _NEEDS_WEAVIATE]
    counts = {each: max(1, LANES[each] * kills // KILLS) for each in wanted}
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        # The longest first.
        lanes = [pool.submit(_lane, *each) for each in counts.items()]
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
