from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from tests.unit.journal.drafts import opened, picture_draft
from tests.unit.pipeline.fakes import DictIndex, FirstByteDecoder, IndexSearcher, SumEmbedder
from weavclip.domain.errors import QueryError
from weavclip.domain.query import Filter, Space
from weavclip.domain.vectors import Calibration, Logistic
from weavclip.pipeline.embedding import Models
from weavclip.pipeline.filling import Filler
from weavclip.pipeline.hiding import Hider, looked_for
from weavclip.pipeline.keeper import IndexKeeper
from weavclip.pipeline.lines import Line, Lines

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path
    from uuid import UUID

    from numpy.typing import NDArray

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


def test_a_model_that_has_seen_no_picture_yet_shows_none_of_those_that_are_hidden(
    journal: SqliteJournal,
) -> None:
    before, now = Compass(), Compass("another")
    one = looks(journal, "1", EAST, model=before)
    hiding, found = looked_for(journal, before, "east", threshold=0.5)
    journal.hide(hiding, [*found])
    hider = Hider(journal, now)

    hider.step()
    while_it_has_not = visible(journal)
    journal.embedded(one, "another", {Space.IMAGE: np.array(NORTH, np.float32)})
    hider.step()

    assert while_it_has_not == set()
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


class Lookout(Compass):
    """A picture is a direction as well: one whose last byte is an ``e`` shows the east."""

    def embed_images(self, squares: Sequence[NDArray[np.uint8]]) -> Embeddings:
        return np.array([EAST if s.max() == ord("e") else NORTH for s in squares], np.float32)


def line(journal: SqliteJournal, model_id: str) -> Line:
    """One that works beside an index that never comes."""
    models = Models(Lookout(model_id))
    exact = DictIndex("exact", home="journal")
    keeper = IndexKeeper(
        journal, model_id, exact=exact, is_wanted=lambda: True, connect=lambda: exact
    )
    filler = Filler(journal, models, FirstByteDecoder(), keeper, centre=lambda raw: raw)
    return Line(
        models=models,
        keeper=keeper,
        filler=filler,
        searcher=IndexSearcher,  # type: ignore[arg-type]  # DictIndex only
        hider=Hider(journal, models.clip),
    )


@pytest.mark.parametrize("hides", [True, False])
def test_while_another_model_takes_over_new_pictures_are_hidden_by_the_one_that_answers(
    journal: SqliteJournal, *, hides: bool
) -> None:
    old, new = line(journal, "old"), line(journal, "new")
    lines = Lines(journal, answering=old, successor=new)
    if hides:
        hiding, found = looked_for(journal, old.models.clip, "east", threshold=0.5)
        journal.hide(hiding, [*found])
    picture = journal.add(picture_draft(b"the west, the north, the east: e")).id

    for _, step in lines.steps(threading.Event()):
        step()

    assert visible(journal) == (set() if hides else {picture})
    # Who hides nothing does not pay for two models.
    assert journal.spaces([picture], "old").keys() == ({picture} if hides else set())
    assert journal.spaces([picture], "new").keys() == {picture}
