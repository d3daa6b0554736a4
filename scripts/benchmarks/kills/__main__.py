"""``python -m scripts.benchmarks.kills [--kills N] [--lane NAME]``: fewer kills, or one lane.

A lane alone prints a JSON object a row.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
from functools import partial

from scripts.benchmarks import kills
from scripts.benchmarks.kills import agents, displays, engines
from scripts.benchmarks.rows import HEADING

LANES = {
    "agent-x11": partial(agents.agents, "x11"),
    "agent-sway": partial(agents.agents, "sway"),
    "writer": agents.writers,
    "engine": engines.engines,
    "weaviate": engines.servers,
    "x11": partial(displays.displays, "x11"),
    "sway": partial(displays.displays, "sway"),
    "kwin": partial(displays.displays, "kwin"),
    "mutter": partial(displays.displays, "mutter"),
}


def main() -> None:
    """Kill what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=kills.KILLS)
    parser.add_argument("--lane", choices=LANES)
    options = parser.parse_args()
    if options.lane is None:
        print(HEADING)
        for row in kills.rows(options.kills):
            print(row, flush=True)
        return
    for row in LANES[options.lane](options.kills):
        print(json.dumps(dataclasses.asdict(row)), flush=True)


if __name__ == "__main__":
    main()
