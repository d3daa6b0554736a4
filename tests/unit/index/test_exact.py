from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np
import pytest

from tests.unit.index.entries import AT, DIM, direction
from weavclip.domain.clip import Draft, Kind
from weavclip.domain.query import Filter, Space
from weavclip.index import exact as module
from weavclip.index.exact import ExactIndex
from weavclip.journal.store import SqliteJournal
from weavclip.search.centre import take_out

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from uuid import UUID

    from weavclip.domain.vectors import Embedding

MEANS = {Space.TEXT: np.linspace(-0.4, 0.3, DIM, dtype=np.float32)}


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[SqliteJournal]:
    with SqliteJournal.open(tmp_path / "journal", reserve_bytes=0) as opened:
        yield opened


def add(journal: SqliteJournal, text: str, vector: Embedding, *, hours: int = 0) -> UUID:
    draft = Draft(
        kind=Kind.TEXT,
        mime_type="text/plain",
        representations={"text/plain": text.encode()},
        text=text,
        digest_source=text.encode(),
        at=AT + timedelta(hours=hours),
    )
    clip_id = journal.add(draft).id
    journal.embedded(clip_id, "m", {Space.TEXT: vector})
    return clip_id


def opened(journal: SqliteJournal) -> ExactIndex:
    return ExactIndex(journal, journal, model_id="m", means=MEANS)


def test_distances_are_those_of_vectors_with_their_mean_out(journal: SqliteJournal) -> None:
    vectors = {add(journal, str(n), direction(n), hours=n): direction(n) for n in range(30)}
    query = direction(99)

    found = opened(journal).nearest(Space.TEXT, query, limit=30, where=Filter())

    expected = {
        clip_id: 1 - float(take_out(vector, MEANS[Space.TEXT]) @ query)
        for clip_id, vector in vectors.items()
    }
    assert {match.id: match.value for match in found} == pytest.approx(expected, abs=1e-6)
    assert [match.value for match in found] == sorted(match.value for match in found)


@pytest.mark.parametrize("hours", [0, 4, 13, 19])
def test_blocks_and_picked_rows_find_the_same(
    journal: SqliteJournal, monkeypatch: pytest.MonkeyPatch, hours: int
) -> None:
    ids = [add(journal, str(n), direction(n), hours=n) for n in range(20)]
    where = Filter(after=AT + timedelta(hours=hours))
    whole = opened(journal).nearest(Space.TEXT, direction(99), limit=20, where=where)
    monkeypatch.setattr(module, "_BLOCK_ROWS", 3)

    found = opened(journal).nearest(Space.TEXT, direction(99), limit=20, where=where)

    assert {match.id for match in found} == set(ids[hours:])
    assert [match.id for match in found] == [match.id for match in whole]


def test_what_is_embedded_later_is_found_at_once(journal: SqliteJournal) -> None:
    add(journal, "first", direction(1))
    index = opened(journal)
    index.nearest(Space.TEXT, direction(1), limit=9, where=Filter())

    later = add(journal, "second", direction(2))
    found = index.nearest(Space.TEXT, direction(2), limit=9, where=Filter())

    assert len(found) == 2
    assert later in {match.id for match in found}


def test_only_new_rows_are_measured_again(
    journal: SqliteJournal, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in range(5):
        add(journal, str(n), direction(n))
    index = opened(journal)
    index.count()
    measured: list[int] = []
    lengths = ExactIndex._lengths

    def noted(self: ExactIndex, space: Space, rows: Embedding) -> Embedding:
        measured.append(len(rows))
        return lengths(self, space, rows)

    monkeypatch.setattr(ExactIndex, "_lengths", noted)
    add(journal, "new", direction(9))
    index.count()

    assert sum(measured) == 1


def test_a_freed_row_answers_nothing_and_then_for_its_next_clip(journal: SqliteJournal) -> None:
    gone, kept = add(journal, "gone", direction(1)), add(journal, "kept", direction(2))
    index = opened(journal)
    assert index.count() == 2

    journal.forget([gone])
    journal.scrub()
    after = index.nearest(Space.TEXT, direction(1), limit=9, where=Filter())
    new = add(journal, "new", direction(3))
    found = index.nearest(Space.TEXT, direction(3), limit=9, where=Filter())

    assert [match.id for match in after] == [kept]
    assert {match.id for match in found} == {kept, new}


def test_a_vector_that_is_the_mean_itself_divides_by_nothing(journal: SqliteJournal) -> None:
    add(journal, "mean", MEANS[Space.TEXT])

    (found,) = opened(journal).nearest(Space.TEXT, direction(1), limit=9, where=Filter())

    assert 0.0 <= found.value <= 2.0


def test_without_a_model_words_are_still_found(journal: SqliteJournal) -> None:
    clip_id = add(journal, "an invoice", direction(1))
    index = ExactIndex(journal, journal, model_id="", means={})

    assert [match.id for match in index.matching("invoice", limit=9, where=Filter())] == [clip_id]
    assert index.nearest(Space.TEXT, direction(1), limit=9, where=Filter()) == []
    assert index.count() == 0
