"""Whether weavclip's threads sleep, told by how often they gave up the processor."""

from __future__ import annotations

import threading
from pathlib import Path

from tests.waiting import until


def until_still(*, for_s: float) -> None:
    """Return once the threads of this process's source have slept for so long without waking.

    Fails when they never do: what looks again and again, at least so often, is not still.
    """
    watching = [each for each in threading.enumerate() if each.name.startswith("weavclip")]
    assert watching
    pause = threading.Event()

    def slept() -> bool:
        before = [_switches(each.native_id or 0) for each in watching]
        pause.wait(for_s)
        return [_switches(each.native_id or 0) for each in watching] == before

    until(slept, what=f"{for_s} s without a switch")


def _switches(thread_id: int) -> int:
    """How often a thread has given up the processor of its own accord."""
    lines = Path(f"/proc/self/task/{thread_id}/status").read_text("ascii").splitlines()
    found = [line for line in lines if line.startswith("voluntary_ctxt_switches")]
    return int(found[0].split()[1])
