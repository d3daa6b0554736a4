"""What every VectorStore promises."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.journal.drafts import AT, MODEL, embedding, opened, text_draft
from weavclip.domain.clip import Stage
from weavclip.domain.query import Filter, Space
from weavclip.journal.vector_files import VectorFolder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from weavclip.domain.vectors import Embeddings
    from weavclip.journal.store import SqliteJournal

NOBODY = UUID(int=0)


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[SqliteJournal]:
    with opened(tmp_path / "journal") as found:
        yield found


def _filled(journal: SqliteJournal, count: int) -> list[UUID]:
    ids = [
        journal.add(text_draft(f"text {n}", at=AT + timedelta(days=n))).id for n in range(count)
    ]
    batch = [(each, {Space.TEXT: embedding(n)}, None) for n, each in enumerate(ids)]
    journal.embedded_many(batch, MODEL)
    return ids


def test_rows_are_the_vectors_that_were_stored(journal: SqliteJournal) -> None:
    ids = _filled(journal, 5)

    found, rows = journal.rows(MODEL, Space.TEXT)

    assert list(found) == ids
    assert isinstance(rows, np.memmap)
    assert not rows.flags.writeable
    np.testing.assert_array_equal(rows, np.stack([embedding(n) for n in range(5)]))


def test_the_vectors_of_several_clips_are_those_that_were_stored(journal: SqliteJournal) -> None:
    ids = _filled(journal, 3)
    bare = journal.add(text_draft("not embedded")).id

    found = journal.vectors_of([ids[2], bare, ids[0], NOBODY], MODEL, Space.TEXT)

    assert found.keys() == {ids[0], ids[2]}
    np.testing.assert_array_equal(found[ids[2]], embedding(2))
    assert journal.vectors_of(ids, MODEL, Space.IMAGE) == {}
    assert journal.vectors_of(ids, "unknown", Space.TEXT) == {}


def test_what_is_stored_while_vectors_are_looked_up_is_not_asked_for(
    journal: SqliteJournal, monkeypatch: pytest.MonkeyPatch
) -> None:
    (one,) = _filled(journal, 1)
    late = journal.add(text_draft("comes late")).id
    mapped = VectorFolder.mapped

    def stored_meanwhile(folder: VectorFolder, path: Path, **shape: int) -> Embeddings:
        journal.embedded(late, MODEL, {Space.TEXT: embedding(9)})
        return mapped(folder, path, **shape)

    monkeypatch.setattr(VectorFolder, "mapped", stored_meanwhile)

    assert one in journal.vectors_of([one, late], MODEL, Space.TEXT)


def test_an_unknown_model_or_space_has_no_rows(journal: SqliteJournal) -> None:
    _filled(journal, 1)

    for model_id, space in (("unknown", Space.TEXT), (MODEL, Space.IMAGE)):
        ids, rows = journal.rows(model_id, space)
        assert (list(ids), len(rows)) == ([], 0)
    assert journal.version("unknown") == 0


def test_a_forgotten_row_is_nobodys_zero_and_used_again(journal: SqliteJournal) -> None:
    ids = _filled(journal, 3)

    journal.forget([ids[1]])
    owners, rows = journal.rows(MODEL, Space.TEXT)
    assert list(owners) == [ids[0], NOBODY, ids[2]]
    assert not rows[1].any()

    new = journal.add(text_draft("new")).id
    journal.embedded(new, MODEL, {Space.TEXT: embedding(9)})
    owners, rows = journal.rows(MODEL, Space.TEXT)
    assert list(owners) == [ids[0], new, ids[2]]
    np.testing.assert_array_equal(rows[1], embedding(9))


def test_embedding_anew_replaces_a_clips_vectors(journal: SqliteJournal) -> None:
    ids = _filled(journal, 2)

    journal.reset(MODEL, to=Stage.CAPTURED)
    journal.embedded(ids[0], MODEL, {Space.TEXT: embedding(7)})

    owners, rows = journal.rows(MODEL, Space.TEXT)
    assert sorted(each for each in owners if each != NOBODY) == ids
    np.testing.assert_array_equal(rows[list(owners).index(ids[0])], embedding(7))
    np.testing.assert_array_equal(journal.vectors(ids[0], MODEL)[Space.TEXT], embedding(7))


def test_the_version_moves_with_every_change_of_rows(journal: SqliteJournal) -> None:
    versions = [journal.version(MODEL)]
    ids = _filled(journal, 2)
    versions.append(journal.version(MODEL))
    journal.embedded(ids[0], MODEL, {Space.TEXT: embedding(7)})
    versions.append(journal.version(MODEL))
    journal.forget(ids)
    versions.append(journal.version(MODEL))

    assert len(set(versions)) == len(versions)
    journal.add(text_draft("without a vector"))
    assert journal.version(MODEL) == versions[-1]


def test_models_and_spaces_are_kept_apart(journal: SqliteJournal) -> None:
    ids = _filled(journal, 1)

    for other in ("../../etc", "a/b", "a b", "CON", "ü" * 300, ""):
        journal.embedded(ids[0], other, {Space.SENTENCE: embedding(3, dim=4)})
        assert journal.vectors(ids[0], other)[Space.SENTENCE].shape == (4,)

    assert journal.vectors(ids[0], MODEL).keys() == {Space.TEXT}


def test_a_vector_of_another_length_is_refused_and_changes_nothing(
    journal: SqliteJournal,
) -> None:
    _filled(journal, 1)
    new = journal.add(text_draft("new")).id

    with pytest.raises(ValueError, match=r"ViT-B-32 in space text have 8 dims, got shape \(9,\)"):
        journal.embedded(new, MODEL, {Space.TEXT: embedding(0, dim=9)})

    assert journal.vectors(new, MODEL) == {}
    assert journal.stage_counts(MODEL)[Stage.CAPTURED] == 1


def test_admitted_rows_are_those_of_clips_that_pass(journal: SqliteJournal) -> None:
    ids = _filled(journal, 6)
    journal.forget([ids[4]])
    where = Filter(after=AT + timedelta(days=2))

    found = journal.admitted_rows(MODEL, Space.TEXT, where)

    assert found is not None
    assert found.tolist() == [2, 3, 5]
    assert journal.admitted_rows(MODEL, Space.TEXT, Filter()) is None
    nothing = journal.admitted_rows(MODEL, Space.TEXT, Filter(pinned=True))
    assert nothing is not None
    assert nothing.tolist() == []


@given(st.lists(st.tuples(st.sampled_from(["embed", "forget"]), st.integers(0, 5)), max_size=12))
@settings(
    max_examples=15,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
def test_a_reader_that_follows_sees_what_a_new_one_sees(
    journal: SqliteJournal, tmp_path: Path, steps: list[tuple[str, int]]
) -> None:
    for step, number in steps:
        clip_id = journal.add(text_draft(f"text {number}")).id
        if step == "embed":
            journal.embedded(clip_id, MODEL, {Space.TEXT: embedding(number)})
        else:
            journal.forget([clip_id])
        journal.rows(MODEL, Space.TEXT)

    ids, rows = journal.rows(MODEL, Space.TEXT)
    with opened(tmp_path / "journal") as another:
        fresh_ids, fresh_rows = another.rows(MODEL, Space.TEXT)
    assert list(ids) == list(fresh_ids)
    np.testing.assert_array_equal(rows, fresh_rows)
