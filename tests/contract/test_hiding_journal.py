"""What every HidingJournal promises."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from tests.unit.journal.drafts import DIM, MODEL, embedding, opened, picture_draft, text_draft
from weavclip.domain.clip import Kind, Stage
from weavclip.domain.hiding import Hiding
from weavclip.domain.query import Filter, Space

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from uuid import UUID

    from weavclip.journal.store import SqliteJournal

ALL = Filter(hidden=True)
NUDE = Hiding(words="a bare person", threshold=0.5, model_id=MODEL, version=3, prompt=embedding(9))
BANK = replace(NUDE, words="a bank statement")


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[SqliteJournal]:
    with opened(tmp_path / "journal") as found:
        yield found


def pictures(journal: SqliteJournal, *names: str) -> list[UUID]:
    """Pictures that are embedded and indexed."""
    ids = [journal.add(picture_draft(name.encode())).id for name in names]
    journal.embedded_many(
        [(each, {Space.IMAGE: embedding(place)}, None) for place, each in enumerate(ids)], MODEL
    )
    journal.indexed(ids, MODEL)
    return ids


def listed(journal: SqliteJournal, where: Filter | None = None) -> set[UUID]:
    return {clip.id for clip in journal.clips(where=where or Filter())}


def test_what_is_hidden_passes_only_where_it_is_asked_for(journal: SqliteJournal) -> None:
    one, two = pictures(journal, "1", "2")

    journal.hide(NUDE, [one])

    assert journal.get(one).hidden
    assert not journal.get(two).hidden
    assert listed(journal) == {two}
    assert listed(journal, ALL) == {one, two}
    assert (journal.count(), journal.count(Filter()), journal.count(ALL)) == (2, 1, 2)
    assert journal.count(Filter(kinds=frozenset({Kind.IMAGE}))) == 1
    assert journal.selected(Filter()) == [two]


def test_rows_and_words_of_what_is_hidden_are_left_out(journal: SqliteJournal) -> None:
    (one,) = pictures(journal, "1")
    text = journal.add(text_draft("a word")).id
    before = journal.admitted_rows(MODEL, Space.IMAGE, Filter())

    journal.hide(NUDE, [one, text])

    after = journal.admitted_rows(MODEL, Space.IMAGE, Filter())
    assert before is None
    assert after is not None
    assert after.tolist() == []
    assert journal.admitted_rows(MODEL, Space.IMAGE, ALL) is None
    assert journal.match_words("word", limit=9, where=Filter()) == []
    assert journal.containing("a word", limit=9, where=Filter()) == []
    assert journal.containing("a word", limit=9, where=ALL) == [text]


def test_words_that_only_hidden_clips_have_are_not_told(journal: SqliteJournal) -> None:
    journal.add(text_draft("tea for two"))
    one = journal.add(text_draft("two two naked persons")).id
    journal.hide(NUDE, [one])

    assert journal.terms() == {"tea": 1, "for": 1, "two": 1}
    assert journal.terms(("n", "tw")) == {"two": 1}
    assert journal.terms(("n", "tw"), hidden=True) == {"naked": 1, "two": 2}


def test_a_word_is_counted_in_hidden_clips_where_it_is_asked_for(
    journal: SqliteJournal,
) -> None:
    journal.add(text_draft("tea for two"))
    one = journal.add(text_draft("two persons")).id
    journal.hide(NUDE, [one])
    journal.index_words()

    assert journal.having(["two", "persons"]) == {"two": 1, "persons": 0}
    assert journal.having(["two", "persons"], hidden=True) == {"two": 2, "persons": 1}


def test_hidden_clips_count_for_no_label(journal: SqliteJournal) -> None:
    one, two = pictures(journal, "1", "2")
    journal.label_found({one: ["chart", "night"], two: ["chart"]}, journal.label_mark("a"))

    journal.hide(NUDE, [one])

    assert journal.label_counts() == {"chart": 1}


def test_the_indexes_follow_both_ways(journal: SqliteJournal) -> None:
    one, two = pictures(journal, "1", "2")

    journal.hide(NUDE, [one])
    hidden = journal.pending(MODEL, Stage.EMBEDDED, limit=9)
    journal.indexed([one], MODEL)
    shown = journal.unhide(NUDE.words)

    assert [(clip.id, clip.hidden) for clip in hidden] == [(one, True)]
    assert shown == 1
    assert [clip.id for clip in journal.pending(MODEL, Stage.EMBEDDED, limit=9)] == [one]
    assert listed(journal) == {one, two}


def test_a_clip_is_hidden_while_any_words_hide_it(journal: SqliteJournal) -> None:
    one, two = pictures(journal, "1", "2")
    journal.hide(NUDE, [one, two])
    journal.hide(BANK, [two])
    counted_while_both_hide = journal.count(Filter())

    shown = journal.unhide(NUDE.words)

    assert (counted_while_both_hide, shown) == (0, 1)
    assert listed(journal) == {one}
    assert [(each.words, each.clips) for each in journal.hidings()] == [(BANK.words, 1)]


def test_the_same_words_again_stand_for_those_before(journal: SqliteJournal) -> None:
    one, two = pictures(journal, "1", "2")
    journal.hide(NUDE, [one, two])

    journal.hide(replace(NUDE, threshold=0.9, version=7), [two])

    (found,) = journal.hidings()
    assert (found.threshold, found.version, found.clips) == (0.9, 7, 1)
    assert np.array_equal(found.prompt, NUDE.prompt)
    assert listed(journal) == {one}


def test_more_are_hidden_by_words_that_are_still_wanted(journal: SqliteJournal) -> None:
    one, two = pictures(journal, "1", "2")
    journal.hide(NUDE, [])

    journal.hide_more(replace(NUDE, version=8), [one], looked_at=[one])
    journal.hide_more(BANK, [two], looked_at=[two])

    (found,) = journal.hidings()
    assert (found.version, found.clips) == (8, 1)
    assert listed(journal) == {two}


def test_what_another_model_did_not_look_at_stays_hidden_until_it_does(
    journal: SqliteJournal,
) -> None:
    one, two, three = pictures(journal, "1", "2", "3")
    journal.hide(NUDE, [one, two])
    journal.embedded(one, "other", {Space.IMAGE: embedding(4)})
    anew = replace(NUDE, model_id="other", version=journal.version("other"))

    journal.hide(anew, [], instead_of=NUDE)
    after_a_part = listed(journal)
    journal.embedded(two, "other", {Space.IMAGE: embedding(5)})
    journal.hide_more(replace(anew, version=journal.version("other")), [], looked_at=[two])

    assert after_a_part == {one, three}
    assert listed(journal) == {one, two, three}


def test_clips_that_are_to_be_shown_in_spite_of_words_stay_so(journal: SqliteJournal) -> None:
    one, two = pictures(journal, "1", "2")
    journal.hide(NUDE, [one, two])

    shown = journal.show_in_spite(NUDE.words, [one])
    journal.hide_more(replace(NUDE, version=8), [one], looked_at=[one])
    journal.hide(replace(NUDE, threshold=0.4), [one, two])

    assert shown == 1
    assert listed(journal) == {one}
    assert journal.show_in_spite("anything", [one]) is None
    journal.hide(BANK, [one])
    assert listed(journal) == set()


def test_words_that_hide_nothing_cannot_be_taken_back(journal: SqliteJournal) -> None:
    assert journal.unhide("anything") is None


def test_what_is_forgotten_is_hidden_no_more(journal: SqliteJournal) -> None:
    (one,) = pictures(journal, "1")
    journal.hide(NUDE, [one])

    journal.forget([one])

    (found,) = journal.hidings()
    assert found.clips == 0


def test_vectors_are_handed_out_once_for_each_version(journal: SqliteJournal) -> None:
    one, two = pictures(journal, "1", "2")
    first = journal.vectors_since(MODEL, Space.IMAGE, 0)
    three = journal.add(picture_draft(b"3")).id
    journal.embedded(three, MODEL, {Space.IMAGE: embedding(5)})

    ids, rows, version = journal.vectors_since(MODEL, Space.IMAGE, first[2])

    assert list(first[0]) == [one, two]
    assert first[1].shape == (2, DIM)
    assert list(ids) == [three]
    assert np.array_equal(rows, embedding(5)[None])
    assert list(journal.vectors_since(MODEL, Space.IMAGE, version)[0]) == []
    assert list(journal.vectors_since("unknown", Space.IMAGE, 0)[0]) == []
