"""An index that goes away as soon as it is used."""

from __future__ import annotations

import logging
import threading
import time
from itertools import pairwise
from typing import TYPE_CHECKING

from tests.unit.pipeline.fakes import DictIndex
from tests.waiting import WITHIN_S, until
from weavclip.domain.errors import IndexUnavailableError
from weavclip.pipeline import keeper as keeping
from weavclip.pipeline.keeper import IndexKeeper

if TYPE_CHECKING:
    import pytest

    from weavclip.journal.store import SqliteJournal

FULL = IndexUnavailableError("it takes nothing more: its disk has no space left")


def test_an_index_that_is_lost_at_its_first_use_is_tried_later_and_later_and_told_once(
    journal: SqliteJournal, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(keeping, "FIRST_PAUSE_S", 0.02)
    tried_at: list[float] = []
    stop = threading.Event()

    def connect() -> DictIndex:
        tried_at.append(time.monotonic())
        return DictIndex()

    keeper = IndexKeeper(
        journal, "sum", exact=DictIndex(), is_wanted=lambda: True, connect=connect
    )
    thread = threading.Thread(
        target=keeper.keep, args=(stop,), kwargs={"on_change": lambda: keeper.lost(FULL)}
    )

    with caplog.at_level(logging.INFO):
        thread.start()
        until(lambda: len(tried_at) == 6)
        stop.set()
        keeper.nudge()
        thread.join(WITHIN_S)

    pauses = [after - before for before, after in pairwise(tried_at)]
    assert pauses[-1] > 4 * 0.02
    assert keeper.problem == str(FULL)
    assert [each.message for each in caplog.records].count(f"the index is away: {FULL}") == 1
