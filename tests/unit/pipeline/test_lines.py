"""What is asked of an engine while a batch of clips is on its way into the index."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from tests.unit.pipeline.fakes import (
    DictIndex,
    FirstByteDecoder,
    IndexSearcher,
    SumEmbedder,
    text_offer,
)
from tests.waiting import WITHIN_S
from weavclip.domain.clip import Stage
from weavclip.pipeline.embedding import Models
from weavclip.pipeline.filling import Filler
from weavclip.pipeline.keeper import IndexKeeper
from weavclip.pipeline.lines import Line, Lines

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from uuid import UUID

    from weavclip.domain.vectors import Entry
    from weavclip.journal.store import SqliteJournal
    from weavclip.pipeline.ingest import Ingest

BRIEFLY_S = 0.5
"""Time enough for a request to overtake a batch, if it could."""


class SlowIndex(DictIndex):
    """Takes its time over the first batch, in which something is asked."""

    def __init__(self) -> None:
        super().__init__("Weaviate 0.0", home="there")
        self.meanwhile: Callable[[], object] = lambda: None
        self.asked: threading.Thread | None = None

    def upsert(self, entries: Sequence[Entry]) -> None:
        store = self.entries  # a batch arrives where it was sent to
        if self.asked is None:
            self.asked = threading.Thread(target=self.meanwhile)
            self.asked.start()
            self.asked.join(BRIEFLY_S)
        store.update({entry.id: entry for entry in entries})

    def begin_anew(self) -> None:
        super().begin_anew()
        self.entries = {}


@pytest.fixture
def index() -> SlowIndex:
    return SlowIndex()


@pytest.fixture
def line(journal: SqliteJournal, index: SlowIndex) -> Line:
    models = Models(SumEmbedder())
    exact = DictIndex("exact", home="journal")
    keeper = IndexKeeper(
        journal, "sum", exact=exact, is_wanted=lambda: True, connect=lambda: index
    )
    filler = Filler(journal, models, FirstByteDecoder(), keeper, centre=lambda raw: raw)
    return Line(models=models, keeper=keeper, filler=filler, searcher=IndexSearcher)  # type: ignore[arg-type]  # DictIndex only


@pytest.fixture
def clip(journal: SqliteJournal, ingest: Ingest, line: Line) -> UUID:
    """Embedded, and about to be indexed by a connected line."""
    stored = ingest.take(text_offer("two peaks")).clip_id
    assert stored is not None
    line.filler.embed(threading.Event())
    connected = threading.Event()

    def end() -> None:
        connected.set()
        line.keeper.nudge()

    line.keeper.keep(connected, on_change=end)
    assert journal.stage_counts("sum")[Stage.EMBEDDED] == 1
    return stored


def test_what_is_forgotten_while_it_is_on_its_way_does_not_arrive_afterwards(
    journal: SqliteJournal, line: Line, index: SlowIndex, clip: UUID
) -> None:
    drain = Lines(journal, answering=line).requests()["drain"]

    def forget() -> None:
        journal.forget([clip])
        drain(None)

    index.meanwhile = forget
    line.index()

    assert index.asked is not None
    index.asked.join(WITHIN_S)
    assert index.entries == {}
    assert journal.forgotten("sum", limit=9) == []


def test_a_fresh_store_has_what_was_on_its_way_into_the_one_before(
    journal: SqliteJournal, line: Line, index: SlowIndex, clip: UUID
) -> None:
    refill = Lines(journal, answering=line).requests()["refill"]
    index.meanwhile = lambda: refill(None)

    line.index()
    assert index.asked is not None
    index.asked.join(WITHIN_S)
    line.index()

    assert index.begun_anew == 1
    assert index.entries.keys() == {clip}
    assert journal.stage_counts("sum")[Stage.INDEXED] == 1
