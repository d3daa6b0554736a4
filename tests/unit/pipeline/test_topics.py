from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from tests.unit.journal.drafts import opened, picture_draft, text_draft
from weavclip.domain.clip import Kind
from weavclip.domain.errors import QueryError
from weavclip.domain.query import Filter, Space
from weavclip.domain.vectors import Calibration, ModelCard
from weavclip.pipeline.topics import topics

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from uuid import UUID

    from weavclip.journal.store import SqliteJournal

MODEL, DIM = "model", 16
RANDOM = np.random.default_rng(4)
MIDDLES = RANDOM.normal(size=(2, DIM))
MEANS = {Space.IMAGE: 3 * MIDDLES[0], Space.TEXT: -3 * MIDDLES[1]}
CARD = ModelCard(
    id=MODEL,
    dim=DIM,
    calibration=Calibration(
        means={space: mean.astype(np.float32) for space, mean in MEANS.items()},
        words_to={},
        picture_to={},
        origin="made up",
    ),
)
COOKING, CODE = MIDDLES


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[SqliteJournal]:
    with opened(tmp_path / "journal") as found:
        yield found


def about(journal: SqliteJournal, number: int, middle: np.ndarray, *, text: str = "") -> UUID:
    """A clip whose vector lies around a middle beside its modality's mean."""
    space = Space.TEXT if text else Space.IMAGE
    draft = text_draft(f"{text} {number}") if text else picture_draft(f"{number}".encode())
    clip = journal.add(draft).id
    row = MEANS[space] + middle + 0.1 * RANDOM.normal(size=DIM)
    journal.embedded(clip, MODEL, {space: row.astype(np.float32)})
    return clip


@pytest.fixture
def kitchen(journal: SqliteJournal) -> list[UUID]:
    found = [about(journal, n, COOKING, text="a recipe for the oven") for n in range(8)]
    return found + [about(journal, n, COOKING) for n in range(4)]


@pytest.fixture
def desk(journal: SqliteJournal) -> list[UUID]:
    return [about(journal, n, CODE, text="the function returns") for n in range(6)]


def test_pictures_and_texts_of_one_topic_lie_together(
    journal: SqliteJournal, kitchen: list[UUID], desk: list[UUID]
) -> None:
    journal.label_found({each: ["code"] for each in desk}, 1)

    found = topics(journal, CARD, line_id=MODEL, where=Filter())

    assert [set(each.clips) for each in found.topics] == [set(kitchen), set(desk)]
    assert [each.pictures for each in found.topics] == [4, 0]
    assert found.topics[0].words == ("oven", "recipe")
    assert found.topics[1].words == ("function", "returns")
    assert [each.labels for each in found.topics] == [(), ("code",)]
    assert found.outside == ()
    assert found.looked_at == 18
    assert found == topics(journal, CARD, line_id=MODEL, where=Filter())


def test_a_filter_holds_and_forgotten_clips_are_in_none(
    journal: SqliteJournal, kitchen: list[UUID], desk: list[UUID]
) -> None:
    journal.forget(kitchen[:1])

    texts = Filter(kinds=frozenset({Kind.TEXT}))
    found = topics(journal, CARD, line_id=MODEL, where=texts, count=1)
    everything = topics(journal, CARD, line_id=MODEL, where=Filter(), count=1)

    assert {*found.topics[0].clips, *found.outside} == {*kitchen[1:8], *desk}
    assert {*everything.topics[0].clips, *everything.outside} == {*kitchen[1:], *desk}


@pytest.mark.usefixtures("desk")
def test_a_few_clips_have_no_topics(journal: SqliteJournal) -> None:
    with pytest.raises(QueryError, match="6 embedded clips are too few") as of_all:
        topics(journal, CARD, line_id=MODEL, where=Filter())
    with pytest.raises(QueryError, match="are too few") as of_some:
        topics(journal, CARD, line_id=MODEL, where=Filter(apps=frozenset({"nobody"})))

    assert "weavclip add" in of_all.value.hint
    assert of_some.value.hint == "leave the filters away"
