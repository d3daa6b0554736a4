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

    from scripts.benchmarks.kills.signals import Signals
    from weavclip.settings import Settings

_COMPLETE_WITHIN_S = 900.0
_LOOK_EVERY_S = 0.2
_LOOKS = 5


def verdict(used: Settings, what: str, *, signals: Signals, said: set[UUID]) -> Iterator[Row]:
    """Judge a data folder after all was started a last time.

    Args:
        used: Whose journal and index are looked at.
        what: Was killed.
        signals: Those that killed it.
        said: Ids that were said to be stored.
    """
    index = completed(used)
    with wiring.open_journal(used) as journal:
        lost = len(said) - len(journal.get_many(sorted(said)))
        every = all_clips(journal)
        twice = doubled(journal) + sum(each.copies - 1 for each in every)
        unread = journal.stage_counts(used.model)[Stage.FAILED]
    missing = _missing(used)
    broken, count = corrupt(used.data_dir), len(every)
    wiring.engine(used).stop()
    sent, missed = signals.sent, signals.missed
    yield Row(stage=f"{what} killed", n=sent, median=len(said), unit="clips said stored")
    yield Row(stage="  had ended by itself before", n=sent + missed, median=missed, unit="times")
    if signals.at_work:
        yield Row(stage="  had work left then", n=sent, median=signals.at_work, unit="times")
    yield Row(stage="  lost", n=len(said), median=lost, unit="clips", note="0")
    yield Row(stage="  doubled", n=count, median=twice, unit="clips", note="0")
    yield Row(stage="  corrupt", n=count, median=broken, unit="clips", note="0")
    yield Row(
        stage="  that the engine cannot read", n=count, median=unread, unit="clips", note="0"
    )
    stage = f"  not as they are in the index ({index})"
    yield Row(stage=stage, n=count, median=missing, unit="clips", note="0")


def _missing(used: Settings) -> int:
    """How many are not as they are in the index, however often it is looked.

    A picture in which words were found is taken out and put in again, with them: an engine that
    still reads hides one now and then from a single look.
    """
    missing = 0
    for _ in range(_LOOKS):
        with wiring.open_journal(used) as journal:
            missing = missing_in(used, journal)
        if not missing:
            break
        completed(used)
    return missing


def completed(used: Settings) -> str:
    """The index that answers, once it has every clip that can be read.

    Raises:
        TimeoutError: If it has not within 15 minutes, in which what fails is tried again.
    """
    starter, end = wiring.engine(used), time.monotonic() + _COMPLETE_WITHIN_S
    starter.wake()
    state, waiting = None, 0
    while time.monotonic() < end:
        with suppress(WeavclipError):
            state = starter.ask("state")
        with wiring.open_journal(used) as journal:
            stages = journal.stage_counts(used.model)
        waiting = stages[Stage.CAPTURED] + stages[Stage.EMBEDDED]
        is_there = state and (used.index == "exact" or state.index.startswith("Weaviate"))
        if is_there and not waiting and not stages[Stage.FAILED]:
            break
        time.sleep(_LOOK_EVERY_S)
    if waiting or not state:
        message = f"{waiting} clips are not indexed, and {state} after {_COMPLETE_WITHIN_S:.0f} s"
        raise TimeoutError(message)
    return str(state.index)
