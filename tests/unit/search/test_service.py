"""What the service makes of an index that is behind the journal; contract/ has the rest."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pytest

from weavclip.domain.clip import Draft, Kind
from weavclip.domain.errors import IndexUnavailableError
from weavclip.domain.hiding import Hiding
from weavclip.domain.query import Filter, Match, Query, Space, Way
from weavclip.journal.store import SqliteJournal
from weavclip.search.retrieve import narrowed
from weavclip.search.service import SearchService
from weavclip.search.terms import MOST_TERMS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path
    from uuid import UUID

    from weavclip.domain.vectors import Embedding, Entry

AT = datetime(2026, 11, 9, 8, tzinfo=UTC)


class StaleIndex:
    """Answers what it was told, whatever became of it."""

    def __init__(self) -> None:
        self.matches: list[Match] = []
        self.error: Exception | None = None

    name = "stale"
    home = "a test"
    is_current = True

    def upsert(self, entries: Sequence[Entry]) -> None: ...

    def nearest(self, space: Space, query: Embedding, *, limit: int, where: Filter) -> list[Match]:  # noqa: ARG002 - the port's
        return []

    def matching(self, words: str, *, limit: int, where: Filter) -> list[Match]:  # noqa: ARG002 - the port's
        if self.error:
            raise self.error
        return self.matches[:limit]

    def delete(self, clip_ids: Sequence[UUID]) -> int:  # noqa: ARG002 - the port's
        return 0

    def begin_anew(self) -> None: ...

    def complete(self) -> None: ...

    def count(self) -> int:
        return len(self.matches)

    def close(self) -> None: ...


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[SqliteJournal]:
    with SqliteJournal.open(tmp_path / "data", reserve_bytes=0) as journal:
        yield journal


@pytest.fixture
def index() -> StaleIndex:
    return StaleIndex()


@pytest.fixture
def service(journal: SqliteJournal, index: StaleIndex) -> SearchService:
    ticks = iter(range(100))
    return SearchService(
        index=index,
        words=journal,
        journal=journal,
        clock=lambda: float(next(ticks)),
    )


def add(journal: SqliteJournal, text: str, *, days: int = 0) -> UUID:
    draft = Draft(
        kind=Kind.TEXT,
        mime_type="text/plain",
        representations={"text/plain": text.encode()},
        text=text,
        digest_source=text.encode(),
        at=AT + timedelta(days=days),
    )
    return journal.add(draft).id


def hide(journal: SqliteJournal, clip_id: UUID) -> None:
    prompt = np.ones(4, np.float32)
    hiding = Hiding(words="a bath", threshold=0.5, model_id="m", version=0, prompt=prompt)
    journal.hide(hiding, [clip_id])


def test_a_clip_that_the_index_still_has_but_the_journal_forgot_is_not_shown(
    journal: SqliteJournal, index: StaleIndex, service: SearchService
) -> None:
    kept, gone = add(journal, "blue paint"), add(journal, "blue paint too")
    index.matches = [Match(gone, 9.0), Match(kept, 8.0)]
    journal.forget([gone])

    answer = service.run(Query(words="paint blue"))

    assert [hit.clip.id for hit in answer.hits] == [kept]


def test_a_filter_holds_whatever_the_index_lets_through(
    journal: SqliteJournal, index: StaleIndex, service: SearchService
) -> None:
    early, late = add(journal, "blue paint"), add(journal, "blue paint too", days=3)
    index.matches = [Match(early, 9.0), Match(late, 8.0)]

    answer = service.run(Query(words="paint blue", where=Filter(after=AT + timedelta(days=1))))

    assert [hit.clip.id for hit in answer.hits] == [late]
    assert (answer.total, answer.considered) == (2, 1)


def test_a_clip_that_two_ways_found_is_one_hit_with_both(
    journal: SqliteJournal, index: StaleIndex, service: SearchService
) -> None:
    clip_id = add(journal, "blue paint")
    index.matches = [Match(clip_id, 7.5)]

    hits = service.run(Query(words="blue paint")).hits

    assert [hit.clip.id for hit in hits] == [clip_id]
    assert [(by.way, by.value, by.place, by.words) for by in hits[0].ways] == [
        (Way.WORDS, 7.5, 1, ("blue", "paint")),
        (Way.EXACT, 1.0, 1, ()),
    ]


def test_a_short_question_prefers_the_word_to_a_part_of_one(
    journal: SqliteJournal, index: StaleIndex, service: SearchService
) -> None:
    part, word = add(journal, "concatenate", days=1), add(journal, "the cat sat")
    index.matches = [Match(word, 3.0)]

    hits = service.run(Query(words="cat")).hits

    assert [hit.clip.id for hit in hits] == [word, part]


def test_every_clip_with_a_word_is_shown_where_there_is_no_model(
    journal: SqliteJournal, index: StaleIndex, service: SearchService
) -> None:
    clip_id = add(journal, "one two three four")
    index.matches = [Match(clip_id, 1.0)]

    answer = service.run(Query(words="four absent unknown missing nowhere none"))

    assert [hit.clip.id for hit in answer.hits] == [clip_id]


def test_the_index_s_failure_reaches_the_caller(
    journal: SqliteJournal, index: StaleIndex, service: SearchService
) -> None:
    add(journal, "blue paint")
    index.error = IndexUnavailableError("no Weaviate")

    with pytest.raises(IndexUnavailableError):
        service.run(Query(words="blue"))


def test_the_clock_that_was_handed_over_measures(service: SearchService) -> None:
    assert service.run(Query(words="blue")).took_ms == 1000.0


def test_pictures_are_looked_for_without_a_condition_and_files_with_one() -> None:
    of_pictures = Filter(kinds=frozenset({Kind.IMAGE}))
    of_files = Filter(kinds=frozenset({Kind.FILES}))
    of_texts = Filter(kinds=frozenset({Kind.TEXT}))

    assert narrowed(of_pictures, Space.IMAGE) == Filter()
    assert narrowed(of_files, Space.IMAGE) == of_files
    assert narrowed(of_texts, Space.IMAGE) is None
    assert narrowed(of_files, Space.TEXT) == of_files


def test_a_word_that_only_a_hidden_clip_has_is_not_said_to_be_meant(
    journal: SqliteJournal, service: SearchService
) -> None:
    hide(journal, add(journal, "a bathtub"))

    shown = service.run(Query(words="bathtup"))
    asked_for = service.run(Query(words="bathtup", where=Filter(hidden=True)))

    assert (shown.meant, asked_for.meant) == ("", "bathtub")


def test_a_hidden_clip_that_is_asked_for_is_known_by_its_words(
    journal: SqliteJournal, index: StaleIndex, service: SearchService
) -> None:
    clip_id = add(journal, "a bathtub of tin")
    index.matches = [Match(clip_id, 2.0)]
    hide(journal, clip_id)

    (hit,) = service.run(Query(words="tin bathtub", where=Filter(hidden=True))).hits

    assert [found.words for found in hit.ways if found.way is Way.WORDS] == [("tin", "bathtub")]


def test_of_a_pasted_text_only_so_many_words_are_looked_at_for_slips(
    journal: SqliteJournal, service: SearchService
) -> None:
    add(journal, "blue paint")

    answer = service.run(Query(words=" ".join(["qwerty"] * MOST_TERMS + ["paimt"])))

    assert answer.meant == ""
