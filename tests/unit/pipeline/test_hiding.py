from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from tests.unit.journal.drafts import opened, picture_draft
from tests.unit.pipeline.fakes import SumEmbedder
from weavclip.domain.errors import QueryError
from weavclip.domain.query import Filter, Space
from weavclip.domain.vectors import Calibration, Logistic
from weavclip.pipeline.hiding import Hider, looked_for

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path
    from uuid import UUID

    from weavclip.domain.vectors import Embeddings
    from weavclip.journal.store import SqliteJournal

CALIBRATION = Calibration(
    means={space: np.zeros(2, np.float32) for space in (Space.IMAGE, Space.TEXT)},
    words_to={Space.IMAGE: Logistic(20.0, -10.0), Space.TEXT: Logistic(20.0, -10.0)},
    picture_to={},
    origin="made up",
)
EAST, NORTH = [1.0, 0.0], [0.0, 1.0]


class Compass(SumEmbedder):
    """Words are a direction."""

    def __init__(self, model_id: str = "compass") -> None:
        super().__init__(model_id)
        self.card = replace(self.card, dim=2, calibration=CALIBRATION)
        self.asked: list[str] = []

    def embed_texts(self, texts: Sequence[str]) -> Embeddings:
        self.asked += texts
        return np.array([EAST if text == "east" else NORTH for text in texts], np.float32)


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[SqliteJournal]:
    with opened(tmp_path / "journal") as found:
        yield found


def looks(journal: SqliteJournal, name: str, vector: list[float], *, model: Compass) -> UUID:
    clip = journal.add(picture_draft(name.encode())).id
    journal.embedded(clip, model.card.id, {Space.IMAGE: np.array(vector, np.float32)})
    return clip


def visible(journal: SqliteJournal) -> set[UUID]:
    return {clip.id for clip in journal.clips(where=Filter())}


def test_pictures_that_words_describe_are_found_the_likest_first(journal: SqliteJournal) -> None:
    model = Compass()
    one = looks(journal, "1", EAST, model=model)
    looks(journal, "2", NORTH, model=model)
    near = looks(journal, "3", [0.8, 0.6], model=model)

    hiding, found = looked_for(journal, model, "east", threshold=0.5)

    assert [*found] == [one, near]
    assert found[one] > found[near] > 0.9
    assert hiding.words == "east"
    assert visible(journal) >= {one, near}


def test_a_threshold_leaves_out_what_is_less_sure(journal: SqliteJournal) -> None:
    model = Compass()
    one = looks(journal, "1", EAST, model=model)
    looks(journal, "2", [0.8, 0.6], model=model)

    found = looked_for(journal, model, "east", threshold=0.999)[1]

    assert [*found] == [one]


def test_new_pictures_are_hidden_without_asking_the_model_again(journal: SqliteJournal) -> None:
    model = Compass()
    hiding, found = looked_for(journal, model, "east", threshold=0.5)
    journal.hide(hiding, [*found])
    hider = Hider(journal, model)
    east = looks(journal, "1", EAST, model=model)
    north = looks(journal, "2", NORTH, model=model)

    steps = [hider.step().done for _ in range(2)]

    assert steps == [1, 0]
    assert visible(journal) == {north}
    assert journal.get(east).hidden
    assert model.asked == ["east"]


def test_another_model_looks_at_all_pictures_anew(journal: SqliteJournal) -> None:
    before, now = Compass(), Compass("another")
    one = looks(journal, "1", EAST, model=before)
    two = looks(journal, "2", NORTH, model=before)
    hiding, found = looked_for(journal, before, "east", threshold=0.5)
    journal.hide(hiding, [*found])
    for clip, vector in ((one, NORTH), (two, EAST)):
        journal.embedded(clip, "another", {Space.IMAGE: np.array(vector, np.float32)})

    Hider(journal, now).step()

    assert visible(journal) == {one}


def test_words_that_are_taken_back_while_another_model_looks_stay_so(
    journal: SqliteJournal,
) -> None:
    class Slow(Compass):
        def embed_texts(self, texts: Sequence[str]) -> Embeddings:
            journal.unhide("east")
            return super().embed_texts(texts)

    old, new = Compass("old"), Slow("new")
    clip = looks(journal, "1", EAST, model=old)
    looks(journal, "2", EAST, model=new)
    hiding, found = looked_for(journal, old, "east", threshold=0.5)
    journal.hide(hiding, [*found])

    Hider(journal, new).step()

    assert journal.hidings() == []
    assert clip in visible(journal)


def test_words_are_needed_and_a_calibration(journal: SqliteJournal) -> None:
    model = Compass()
    plain = Compass()
    plain.card = replace(plain.card, calibration=None)

    with pytest.raises(QueryError, match="nothing is said"):
        looked_for(journal, model, "  ", threshold=0.5)
    with pytest.raises(QueryError, match="not calibrated"):
        looked_for(journal, plain, "east", threshold=0.5)
