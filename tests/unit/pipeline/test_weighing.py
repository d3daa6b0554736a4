from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from tests.unit.journal.drafts import opened, text_draft
from weavclip.domain.query import Filter, Space
from weavclip.pipeline import weighing
from weavclip.pipeline.weighing import Admitted

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from uuid import UUID

    from weavclip.journal.store import SqliteJournal

MODEL, CLIPS = "model", 10
ONLY_EVEN, ALL = Filter(apps=frozenset({"even"})), Filter()


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[SqliteJournal]:
    with opened(tmp_path / "journal") as found:
        yield found


@pytest.fixture
def clips(journal: SqliteJournal) -> list[UUID]:
    drafts = [text_draft(f"{n}", app=("even", "odd")[n % 2]) for n in range(CLIPS)]
    ids = [journal.add(each).id for each in drafts]
    for number, clip_id in enumerate(ids):
        journal.embedded(clip_id, MODEL, {Space.TEXT: np.full(3, number, np.float32)})
    return ids


@pytest.mark.parametrize("where", [ONLY_EVEN, ALL])
def test_vectors_of_clips_that_pass_are_read_in_parts(
    journal: SqliteJournal, clips: list[UUID], monkeypatch: pytest.MonkeyPatch, where: Filter
) -> None:
    monkeypatch.setattr(weighing, "_AT_ONCE", 2)
    wanted = clips[::2] if where is ONLY_EVEN else clips

    parts = list(Admitted.of(journal, MODEL, Space.TEXT, where).parts())

    assert [clip_id for ids, _ in parts for clip_id in ids] == wanted
    assert [clips[int(row[0])] for _, rows in parts for row in rows] == wanted
    assert max(len(rows) for _, rows in parts) == 2


def test_rows_that_no_clip_has_are_left_out(journal: SqliteJournal, clips: list[UUID]) -> None:
    journal.forget(clips[3:5])

    stored = Admitted.of(journal, MODEL, Space.TEXT, ALL)

    assert stored.ids == [*clips[:3], *clips[5:]]
    assert stored.read(np.array([2, 3])).tolist() == [[2.0] * 3, [5.0] * 3]


def test_what_is_stored_is_not_read_until_it_is_asked_for(
    journal: SqliteJournal, clips: list[UUID]
) -> None:
    stored = Admitted.of(journal, MODEL, Space.TEXT, ONLY_EVEN)

    assert isinstance(stored._stored, np.memmap)
    assert len(stored.ids) == len(clips) // 2
