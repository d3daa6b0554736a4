"""What is left after the kills."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING

from scripts.benchmarks.home import all_clips, corrupt, doubled, missing_in
from scripts.benchmarks.rows import Row
from weavclip import wiring
from weavclip.domain.clip import Stage
from weavclip.domain.errors import WeavclipError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID

    from weavclip.settings import Settings

_COMPLETE_WITHIN_S = 300.0
_LOOK_EVERY_S = 0.2


def verdict(used: Settings, what: str, *, kills: int, said: set[UUID]) -> Iterator[Row]:
    """Judge a data folder after all was started a last time.

    Args:
        used: Whose journal and index are looked at.
        what: Was killed.
        kills: How often.
        said: Ids that were said to be stored.
    """
    index = completed(used)
    with wiring.open_journal(used) as journal:
        lost = len(said) - len(journal.get_many(sorted(said)))
        every = all_clips(journal)
        twice = doubled(journal) + sum(each.copies - 1 for each in every)
        missing = missing_in(used, journal)
    broken, count = corrupt(used.data_dir), len(every)
    wiring.engine(used).stop()
    yield Row(stage=f"{what} killed", n=kills, median=len(said), unit="clips said stored")
    yield Row(stage="  lost", n=len(said), median=lost, unit="clips", note="0")
    yield Row(stage="  doubled", n=count, median=twice, unit="clips", note="0")
    yield Row(stage="  corrupt", n=count, median=broken, unit="clips", note="0")
    stage = f"  not as they are in the index ({index})"
    yield Row(stage=stage, n=count, median=missing, unit="clips", note="0")


def completed(used: Settings) -> str:
    """The index that answers, once it has every clip.

    Raises:
        TimeoutError: If it has not within five minutes.
    """
    starter, end = wiring.engine(used), time.monotonic() + _COMPLETE_WITHIN_S
    starter.wake()
    state = None
    while time.monotonic() < end:
        with suppress(WeavclipError):
            state = starter.ask("state")
        with wiring.open_journal(used) as journal:
            left = journal.count() - journal.stage_counts(used.model).get(Stage.INDEXED, 0)
        if state and not left and (used.index == "exact" or state.index.startswith("Weaviate")):
            return str(state.index)
        time.sleep(_LOOK_EVERY_S)
    message = f"{left} clips are not indexed, and {state} after {_COMPLETE_WITHIN_S:.0f} s"
    raise TimeoutError(message)
