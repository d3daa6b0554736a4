"""Inside the mount namespace: a JSON object a row."""

from __future__ import annotations

import dataclasses
import json
import sys

from scripts.benchmarks.full import copying, filling, saving

STAGES = {
    "copy": copying.under_the_reserve,
    "last-byte": copying.to_the_last_byte,
    "embed": filling.embedding,
    "index": filling.indexing,
    "files": saving.rows,
}

for stage in sys.argv[1:] or STAGES:
    for row in STAGES[stage]():
        print(json.dumps(dataclasses.asdict(row)), flush=True)
