"""Looking for an index, and what it meets."""

from __future__ import annotations

import logging
import threading
import time
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from tests.unit.pipeline.fakes import DictIndex
from tests.waiting import WITHIN_S, until
from weavclip.domain.errors import IndexUnavailableError, ServerError
from weavclip.pipeline import keeper as keeping
from weavclip.pipeline.keeper import FILLED_BY, IndexKeeper

if TYPE_CHECKING:
    from collections.abc import Iterator

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


def looked_once(keeper: IndexKeeper) -> None:
    """One look for the index."""
    stop = threading.Event()

    def end() -> None:
        stop.set()
        keeper.nudge()

    keeper.keep(stop, on_change=end)


def test_an_error_that_nobody_expected_is_told_and_ends_no_looking(
    journal: SqliteJournal,
) -> None:
    answers: Iterator[KeyError | DictIndex] = iter([KeyError("class"), DictIndex("Weaviate 0.0")])

    def connect() -> DictIndex:
        answer = next(answers)
        if isinstance(answer, DictIndex):
            return answer
        raise answer

    keeper = IndexKeeper(
        journal, "sum", exact=DictIndex(), is_wanted=lambda: True, connect=connect
    )

    looked_once(keeper)
    problem = keeper.problem
    looked_once(keeper)

    assert problem.startswith("KeyError at test_keeper.py:")
    assert (keeper.problem, keeper.filling() is not None) == ("", True)


def test_a_connection_that_cannot_be_used_is_given_back(journal: SqliteJournal) -> None:
    class Closed(DictIndex):
        closed = 0

        def close(self) -> None:
            self.closed += 1

    index = Closed(home="there")
    index.away = True
    journal.set_meta(FILLED_BY.format("sum"), "there")  # so that it is asked what it holds
    keeper = IndexKeeper(
        journal, "sum", exact=DictIndex(), is_wanted=lambda: True, connect=lambda: index
    )

    looked_once(keeper)

    assert keeper.problem == "nobody answers"
    assert index.closed == 1


def test_a_server_of_which_is_not_known_whether_it_is_wanted_stops_no_answer(
    journal: SqliteJournal,
) -> None:
    def damaged() -> Any:  # noqa: ANN401 - it never returns
        message = "state.json is damaged"
        raise ServerError(message)

    exact = DictIndex("exact")
    keeper = IndexKeeper(journal, "sum", exact=exact, is_wanted=damaged, connect=damaged)

    looked_once(keeper)

    assert keeper.answering() is exact
    assert keeper.note() == "searched the journal exactly: state.json is damaged"
