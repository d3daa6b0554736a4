"""What every index promises of two models' vectors, whose lengths differ."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np
import pytest

from weavclip.domain.clip import Draft, Kind
from weavclip.domain.errors import SchemaMismatchError
from weavclip.domain.query import Filter, Space
from weavclip.domain.vectors import Entry
from weavclip.index.exact import ExactIndex
from weavclip.journal.store import SqliteJournal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from uuid import UUID

    from tests.servers import Opener
    from weavclip.domain.index import Index
    from weavclip.domain.vectors import Embedding

BOTH = "m+t"
DIMS = {Space.IMAGE: 8, Space.TEXT: 8, Space.SENTENCE: 3}


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[SqliteJournal]:
    with SqliteJournal.open(tmp_path / "journal", reserve_bytes=0) as opened:
        yield opened


@pytest.fixture(params=["exact", pytest.param("weaviate", marks=pytest.mark.weaviate)])
def index(request: pytest.FixtureRequest, journal: SqliteJournal) -> Index:
    if request.param == "exact":
        return ExactIndex(journal, journal, model_id=BOTH, means={})
    opener: Opener = request.getfixturevalue("opener")
    return opener(model_id=BOTH, dim=8, text_dim=3)


def axis(space: Space, at: int) -> Embedding:
    return np.asarray(np.eye(DIMS[space], dtype=np.float32)[at])


def filled(journal: SqliteJournal, index: Index, text: str, vectors: dict[Space, int]) -> UUID:
    clip_id = journal.add(
        Draft(
            kind=Kind.TEXT,
            mime_type="text/plain",
            representations={"text/plain": text.encode()},
            text=text,
            digest_source=text.encode(),
            at=datetime(2026, 3, 1, tzinfo=UTC),
        )
    ).id
    journal.embedded(clip_id, BOTH, {space: axis(space, at) for space, at in vectors.items()})
    kept = journal.vectors(clip_id, BOTH)
    index.upsert([Entry(clip=journal.get(clip_id), text=text, vectors=kept)])
    return clip_id


def test_each_space_is_searched_by_vectors_of_its_own_length(
    journal: SqliteJournal, index: Index
) -> None:
    first = filled(journal, index, "first", {Space.TEXT: 0, Space.SENTENCE: 1})
    second = filled(journal, index, "second", {Space.TEXT: 1, Space.SENTENCE: 0})
    without = filled(journal, index, "without", {Space.TEXT: 2})

    by_text = index.nearest(Space.TEXT, axis(Space.TEXT, 0), limit=9, where=Filter())
    by_sentence = index.nearest(Space.SENTENCE, axis(Space.SENTENCE, 0), limit=9, where=Filter())

    assert by_text[0].id == first
    assert [match.id for match in by_sentence] == [second, first]
    assert without in {match.id for match in by_text}
    assert index.count() == 3


@pytest.mark.weaviate
def test_a_vector_of_the_other_models_length_is_refused(
    journal: SqliteJournal, opener: Opener
) -> None:
    index = opener(model_id=BOTH, dim=8, text_dim=3)
    clip_id = filled(journal, index, "words", {Space.TEXT: 0})
    wrong = Entry(clip=journal.get(clip_id), vectors={Space.SENTENCE: axis(Space.TEXT, 0)})

    with pytest.raises(ValueError, match=r"shape \(8,\) for sentence, the model's have \(3,\)"):
        index.upsert([wrong])


@pytest.mark.weaviate
def test_a_collection_of_another_text_model_is_not_written_to(opener: Opener) -> None:
    opener(model_id=BOTH, dim=8, text_dim=3)

    with pytest.raises(SchemaMismatchError, match=r"holds m and t \(8 and 3 dims\), got m and t"):
        opener(model_id=BOTH, dim=8, text_dim=4)
