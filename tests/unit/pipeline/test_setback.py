from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING

from weavclip.domain.errors import DiskReserveError, JournalError, JournalVersionError, ModelError
from weavclip.pipeline.setback import FIRST_PAUSE_S, LONGEST_PAUSE_S, Setback

if TYPE_CHECKING:
    import pytest


def test_what_lasts_is_said_once_and_tried_later_and_later(
    caplog: pytest.LogCaptureFixture,
) -> None:
    setback = Setback()

    with caplog.at_level(logging.INFO):
        pauses = [setback.begin(DiskReserveError(f"{n} bytes are free")) for n in range(6)]
        told = setback.problem
        setback.end()

    assert pauses[:2] == [FIRST_PAUSE_S, 2 * FIRST_PAUSE_S]
    assert pauses[-1] == LONGEST_PAUSE_S
    assert told == "5 bytes are free"
    assert [each.message for each in caplog.records] == [
        "the work stopped: 0 bytes are free",
        "the work goes on",
    ]


def test_only_what_mends_itself_is_waited_out() -> None:
    setback = Setback()

    setback.begin(OSError(28, "No space left on device"))
    by_itself = setback.mends_itself
    setback.begin(ModelError("the graph is broken"))

    assert by_itself
    assert not setback.mends_itself


def test_a_folder_that_is_gone_is_not_waited_for() -> None:
    setback = Setback()
    error = JournalError("the journal cannot be used")
    error.__cause__ = FileNotFoundError(2, "No such file or directory")

    setback.begin(error)

    assert not setback.mends_itself


def test_a_journal_that_a_newer_weavclip_took_over_is_not_waited_for() -> None:
    setback = Setback()

    setback.begin(JournalVersionError("it has version 99"))

    assert setback.is_final
    assert not setback.mends_itself


def test_an_error_that_nobody_expected_is_named_by_its_place_and_not_quoted() -> None:
    setback = Setback()
    try:
        int("a clip's words")
    except ValueError as error:
        setback.begin(error)

    assert re.fullmatch(r"ValueError at test_setback\.py:\d+", setback.problem)


def test_afterwards_there_is_none_and_the_next_pause_is_short() -> None:
    setback = Setback()
    setback.begin(MemoryError())
    setback.begin(MemoryError())

    setback.end()

    assert setback.problem == ""
    assert setback.begin(MemoryError()) == FIRST_PAUSE_S
    assert setback.problem == "MemoryError"
