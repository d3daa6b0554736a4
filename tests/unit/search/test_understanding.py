"""Any part of a kept text, typed as a question: contract/ has what comes before what."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.unit.journal.drafts import opened, text_draft
from weavclip.domain.equality import caseless, normalise
from weavclip.domain.errors import QueryError
from weavclip.domain.query import Filter, Query
from weavclip.index.exact import ExactIndex
from weavclip.search.service import SearchService
from weavclip.search.understanding import understood
from weavclip.search.weigh import SHORT_CHARS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from weavclip.journal.store import SqliteJournal

NOW = datetime(2026, 11, 21, 9, 12, 30, tzinfo=UTC)
SIGNS = st.sampled_from(
    [
        "kind:", "app:", "since:", "pinned:", "label:x", "-", '"', '""', "\\", " ", "\n", "image",
        "today", "+", "[x]", "(y)", ":", "'", "ΟΔΟΣ", "é", "☕",
    ]
)  # fmt: skip
TEXTS = st.lists(SIGNS | st.text(max_size=8), min_size=1, max_size=12).map("".join)


@pytest.fixture(scope="module")
def journal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqliteJournal]:
    with opened(tmp_path_factory.mktemp("data")) as journal:
        for number, text in enumerate(("kind:text", '"', "- kind image today", "label:x pinned")):
            journal.add(text_draft(f"{text} {number}"))
        yield journal


def first_text(journal: SqliteJournal, pasted: str) -> str:
    """What the first clip says that a pasted text finds."""
    query = understood(
        pasted,
        Query(),
        is_kept=lambda text, where: bool(journal.containing(text, limit=1, where=where)),
        now=NOW,
        zone=UTC,
    )
    service = SearchService(
        index=ExactIndex(journal, journal, model_id="", means={}),
        words=journal,
        journal=journal,
    )
    return journal.text(service.run(query).hits[0].clip.id)


@given(TEXTS, st.integers(0, 30), st.integers(1, 40))
def test_any_part_of_a_text_finds_a_text_that_has_it(
    journal: SqliteJournal, text: str, start: int, length: int
) -> None:
    kept, pasted = normalise(text), text[start : start + length]
    sought = caseless(normalise(pasted))
    assume(sought and sought in caseless(kept))
    assume(len(sought) >= SHORT_CHARS or not sought.isalnum())
    journal.add(text_draft(kept))

    assert sought in caseless(first_text(journal, pasted))


def test_what_is_no_question_and_in_no_clip_is_refused(journal: SqliteJournal) -> None:
    with pytest.raises(QueryError, match="not closed"):
        first_text(journal, 'nobody "said')


def test_only_what_is_no_question_is_looked_for_while_it_is_understood() -> None:
    asked: list[tuple[str, Filter]] = []

    def is_kept(text: str, where: Filter) -> bool:
        asked.append((text, where))
        return True

    shown = Query(limit=3, where=Filter(pinned=True))
    question = understood("peaks kind:image", shown, is_kept=is_kept, now=NOW)
    string = understood(" peaks\r\nkind:imag ", shown, is_kept=is_kept, now=NOW)

    assert asked == [("peaks\nkind:imag", Filter(pinned=True))]
    assert (question.words, question.where_typed, question.notes) == ("peaks", shown.where, ())
    assert (string.words, string.where, string.limit) == ("peaks\nkind:imag", shown.where, 3)
