"""Sets of models: steps are a set's, vectors each model's own."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np
import pytest

from weavclip.domain.clip import Draft, Kind, Stage
from weavclip.domain.query import Space
from weavclip.journal.store import SqliteJournal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from uuid import UUID

    from weavclip.domain.vectors import Embedding

CLIP, TEXT, BOTH = "clip", "text", "clip+text"


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[SqliteJournal]:
    with SqliteJournal.open(tmp_path / "data", reserve_bytes=0) as opened:
        yield opened


def added(journal: SqliteJournal, text: str = "words", kind: Kind = Kind.TEXT) -> UUID:
    mime_type = "image/png" if kind is Kind.IMAGE else "text/plain"
    return journal.add(
        Draft(
            kind=kind,
            mime_type=mime_type,
            representations={mime_type: text.encode()},
            text="" if kind is Kind.IMAGE else text,
            digest_source=text.encode(),
            at=datetime(2026, 3, 1, tzinfo=UTC),
        )
    ).id


def row(dim: int, at: int = 0) -> Embedding:
    return np.asarray(np.eye(dim, dtype=np.float32)[at])


def test_a_set_finds_the_vectors_of_each_of_its_models(journal: SqliteJournal) -> None:
    clip = added(journal)

    journal.embedded(clip, BOTH, {Space.TEXT: row(4), Space.SENTENCE: row(3)})

    assert set(journal.vectors(clip, BOTH)) == {Space.TEXT, Space.SENTENCE}
    assert set(journal.vectors(clip, CLIP)) == {Space.TEXT}
    assert set(journal.vectors(clip, TEXT)) == {Space.SENTENCE}
    assert journal.spaces([clip], BOTH) == {clip: {Space.TEXT, Space.SENTENCE}}
    assert journal.spaces([clip], CLIP) == {clip: {Space.TEXT}}
    assert list(journal.rows(BOTH, Space.TEXT)[0]) == [clip]
    assert list(journal.rows(BOTH, Space.SENTENCE)[0]) == [clip]


def test_a_model_that_joins_leaves_the_steps_of_the_one_alone(journal: SqliteJournal) -> None:
    clip = added(journal)
    journal.embedded(clip, CLIP, {Space.TEXT: row(4)})
    journal.indexed([clip], CLIP)

    journal.embedded(clip, BOTH, {Space.SENTENCE: row(3)})

    assert journal.stage_counts(CLIP)[Stage.INDEXED] == 1
    assert journal.stage_counts(BOTH)[Stage.EMBEDDED] == 1
    assert set(journal.vectors(clip, BOTH)) == {Space.TEXT, Space.SENTENCE}


def test_a_new_clip_waits_for_sets_and_not_for_models_that_only_made_vectors(
    journal: SqliteJournal,
) -> None:
    first = added(journal)
    journal.embedded(first, BOTH, {Space.TEXT: row(4), Space.SENTENCE: row(3)})

    added(journal, "more words")

    assert journal.stage_counts(BOTH)[Stage.CAPTURED] == 1
    assert journal.set_ids() == [BOTH]
    assert journal.model_ids() == [CLIP, TEXT]


def test_a_version_follows_every_model_of_the_set(journal: SqliteJournal) -> None:
    clip = added(journal)
    journal.embedded(clip, BOTH, {Space.TEXT: row(4)})
    before = journal.version(BOTH)

    journal.embedded(clip, BOTH, {Space.SENTENCE: row(3)})

    assert journal.version(BOTH) != before


def test_words_that_are_found_in_a_picture_are_embedded_and_the_picture_is_not(
    journal: SqliteJournal,
) -> None:
    clip = added(journal, kind=Kind.IMAGE)
    for set_id in (CLIP, BOTH):
        journal.embedded(clip, set_id, {Space.IMAGE: row(4), Space.SENTENCE: row(3)})
        journal.indexed([clip], set_id)

    journal.read_in_picture(clip, "a sign that says stop")

    assert [each.id for each in journal.pending(BOTH, Stage.CAPTURED, limit=9)] == [clip]
    assert [each.id for each in journal.pending(CLIP, Stage.EMBEDDED, limit=9)] == [clip]
    assert journal.spaces([clip], BOTH) == {clip: {Space.IMAGE}}


def test_a_forgotten_clip_is_noted_for_an_index_that_has_it_while_it_is_embedded_anew(
    journal: SqliteJournal,
) -> None:
    clip = added(journal, kind=Kind.IMAGE)
    journal.embedded(clip, BOTH, {Space.IMAGE: row(4)})
    journal.indexed([clip], BOTH)
    journal.read_in_picture(clip, "words")

    journal.forget([clip])

    assert journal.forgotten(BOTH, limit=9) == [clip]


def test_vectors_of_a_text_model_come_back_out_of_an_export(
    journal: SqliteJournal, tmp_path: Path
) -> None:
    clip = added(journal)
    journal.embedded(clip, BOTH, {Space.TEXT: row(4), Space.SENTENCE: row(3)})
    kept = journal.kept(clip, models=journal.model_ids())
    with SqliteJournal.open(tmp_path / "other", reserve_bytes=0) as other:
        other.adopt([kept])

        assert other.spaces([clip], BOTH) == {clip: {Space.TEXT, Space.SENTENCE}}
        assert other.set_ids() == [CLIP]
