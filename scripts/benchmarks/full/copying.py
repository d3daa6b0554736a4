"""The disk is full while copies come."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

from scripts.benchmarks.desktops import clipboard
from scripts.benchmarks.full.disk import disk
from scripts.benchmarks.home import all_clips, corrupt, home
from scripts.benchmarks.rows import Row
from tests.e2e.programs import WEAVCLIP, watching, weavclip
from tests.waiting import WITHIN_S, until
from weavclip import wiring

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.e2e.programs import Agent
    from tests.owners import Owner

_DISK_MB, _RESERVE_BYTES = 64, 8_000_000
_COPIES, _BYTES = 5, 200_000
_NOT_KEPT, _KEPT_AGAIN = "copies are NOT kept", "copies are kept again"


def under_the_reserve() -> Iterator[Row]:
    """No more than the reserve is left."""
    yield from _copies("a copy, under the reserve", reserve_bytes=_RESERVE_BYTES)


def to_the_last_byte() -> Iterator[Row]:
    """Without a reserve SQLite itself finds no room."""
    yield from _copies("a copy, no byte left", reserve_bytes=0)


def _copies(stage: str, *, reserve_bytes: int) -> Iterator[Row]:
    with (
        clipboard("x11") as desk,
        disk(_DISK_MB) as small,
        home(
            desk.environ, at=small.folder / "data", reserve_bytes=reserve_bytes, model=""
        ) as used,
        watching() as agent,
        desk.owner() as program,
    ):
        _copied(program, agent, "before")
        stored = set(agent.ids())
        small.fill()
        refused = _refused(program, agent)
        told = _told(agent)
        small.relieve()
        _copied(program, agent, "after")
        stored |= set(agent.ids())
        told += sum(_KEPT_AGAIN in line for line in agent.said) == 1
        with wiring.open_journal(used) as journal:
            kept = {str(each.id) for each in all_clips(journal)}
        broken = corrupt(used.data_dir)
    yield Row(stage=stage, n=_COPIES, median=refused, unit="refused", note=f"{_COPIES}")
    yield Row(stage="  said: log, status, next command, end", n=4, median=told, unit="", note="4")
    yield Row(stage="  lost", n=len(stored), median=len(stored - kept), unit="clips", note="0")
    yield Row(stage="  corrupt", n=len(kept), median=broken, unit="clips", note="0")


def _copied(program: Owner, agent: Agent, word: str) -> None:
    """Copy some, each of which must be kept."""
    for number in range(_COPIES):
        before = len(agent.ids())
        program.copy({"UTF8_STRING": f"{word} {number} ".ljust(_BYTES, ".").encode()})
        agent.stored(before + 1)


def _refused(program: Owner, agent: Agent) -> int:
    """Copy some, of which none can be kept; how many were not."""
    before = len(agent.ids())
    for number in range(_COPIES):
        program.copy({"UTF8_STRING": f"meanwhile {number} ".ljust(_BYTES, "-").encode()})
        until(lambda number=number: _skipped() > number, what="a refused copy")
    return _COPIES - (len(agent.ids()) - before)


def _skipped() -> int:
    shown = weavclip("status").splitlines()[0]
    found = [part for part in shown.split("; ") if part.endswith(" skipped")]
    return int(found[0].split()[0]) if found else 0


def _told(agent: Agent) -> int:
    """In how many of three places it is said: once in the log, in the status, by a command."""
    done = subprocess.run(
        [*WEAVCLIP, "list"], capture_output=True, timeout=WITHIN_S, check=True, text=True
    )
    return sum(
        (
            sum(_NOT_KEPT in line for line in agent.said) == 1,
            "NOT keeping copies" in weavclip("status"),
            _NOT_KEPT in done.stderr.splitlines()[0],
        )
    )
