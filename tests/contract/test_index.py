"""What every index promises: by Weaviate, and exactly out of the journal."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.contract.filled import (
    DIM,
    MEANS,
    MODEL,
    START,
    TOLERANCE,
    Filled,
    centred,
    direction,
)
from tests.servers import Opener
from weavclip.domain.clip import Kind, Offer, new_id
from weavclip.domain.query import Filter, Space
from weavclip.index.exact import ExactIndex
from weavclip.journal.store import SqliteJournal
from weavclip.pipeline.reading import read

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(params=["exact", pytest.param("weaviate", marks=pytest.mark.weaviate)])
def filled(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Filled]:
    with SqliteJournal.open(tmp_path / "journal", reserve_bytes=0) as journal:
        if request.param == "exact":
            yield Filled(journal, ExactIndex(journal, journal, model_id=MODEL, means=MEANS))
        else:
            opener: Opener = request.getfixturevalue("opener")
            yield Filled(journal, opener(model_id=MODEL, dim=DIM))


def test_an_empty_index_answers_nothing(filled: Filled) -> None:
    assert filled.index.count() == 0
    assert filled.index.nearest(Space.TEXT, direction(1), limit=10, where=Filter()) == []
    assert filled.index.matching("anything", limit=10, where=Filter()) == []
    assert filled.index.delete([new_id()]) == 0


def test_nearest_equals_brute_force_in_order_and_distance(filled: Filled) -> None:
    for seed in range(40):
        filled.add(f"text {seed}", seed=seed)
    query = direction(1000)

    found = filled.index.nearest(Space.TEXT, query, limit=15, where=Filter())

    expected = filled.by_force(Space.TEXT, query)[:15]
    assert [match.id for match in found] == [clip_id for clip_id, _ in expected]
    distances = [distance for _, distance in expected]
    assert [match.value for match in found] == pytest.approx(distances, abs=TOLERANCE)


def test_spaces_are_looked_at_apart(filled: Filled) -> None:
    text = filled.add("a text", seed=1)
    picture = filled.add("a picture", seed=1, kind=Kind.IMAGE)

    assert filled.nearest_ids(Space.TEXT, direction(2)) == [text.id]
    assert filled.nearest_ids(Space.IMAGE, direction(2)) == [picture.id]
    assert filled.nearest_ids(Space.SENTENCE, direction(2)) == []


def test_an_entry_that_comes_again_is_there_once(filled: Filled) -> None:
    clip = filled.add("same words", seed=1)

    filled.fill([clip, clip])

    assert filled.index.count() == 1
    assert filled.nearest_ids(Space.TEXT, direction(1)) == [clip.id]


def test_an_entry_with_a_new_vector_replaces_the_old_one(filled: Filled) -> None:
    clip = filled.add("same words", seed=1)
    new = centred(Space.TEXT, direction(2))

    filled.embed(clip.id, Space.TEXT, seed=2)

    (found,) = filled.index.nearest(Space.TEXT, new, limit=10, where=Filter())
    assert found.id == clip.id
    assert found.value == pytest.approx(0.0, abs=TOLERANCE)


def test_words_find_any_of_them_and_the_best_first(filled: Filled) -> None:
    filled.add("the weather is fine today", seed=1)
    one = filled.add("an invoice from the printer's shop, paid last week", seed=2)
    both = filled.add("invoice, unpaid invoice", seed=3)

    found = filled.index.matching("Unpaid INVOICE", limit=10, where=Filter())

    assert [match.id for match in found] == [both.id, one.id]
    assert found[0].value > found[1].value >= 0.0


def test_pages_links_and_files_are_found_by_their_parts(filled: Filled) -> None:
    page = read(
        Offer(
            types=("text/html",),
            representations={"text/html": b"<head><title>Peaks</title></head><p>of Q3</p>"},
            at=START,
        )
    )
    assert page is not None
    known = {
        "peaks": filled.add(page.text, seed=1, kind=Kind.HTML),
        "github": filled.add("https://github.com/someone/a-project?tab=readme", seed=2),
        "report": filled.add("/home/me/report_final-2024.pdf", seed=3, kind=Kind.FILES),
    }
    known |= {"someone": known["github"], "project": known["github"], "readme": known["github"]}
    known |= {"final": known["report"], "2024": known["report"], "pdf": known["report"]}

    for word, clip in known.items():
        found = filled.index.matching(word, limit=10, where=Filter())
        assert [match.id for match in found] == [clip.id], word


def test_words_that_nobody_wrote_find_nothing(filled: Filled) -> None:
    filled.add("an invoice", seed=1)

    for words in ("", "   ", '"(*', "zebra", "\N{PILE OF POO}"):
        assert filled.index.matching(words, limit=10, where=Filter()) == []


def test_a_limit_is_kept(filled: Filled) -> None:
    for seed in range(7):
        filled.add(f"word {seed}", seed=seed)

    assert len(filled.index.nearest(Space.TEXT, direction(9), limit=3, where=Filter())) == 3
    assert len(filled.index.matching("word", limit=3, where=Filter())) == 3


def test_what_is_forgotten_is_gone_from_every_answer(filled: Filled) -> None:
    gone = filled.add("the secret word", seed=1)
    kept = filled.add("another word", seed=2)

    filled.forget([gone.id, new_id()])

    assert filled.index.count() == 1
    assert filled.nearest_ids(Space.TEXT, direction(1)) == [kept.id]
    words = filled.index.matching("secret word", limit=10, where=Filter())
    assert [match.id for match in words] == [kept.id]
    assert filled.index.delete([gone.id]) == 0


def test_while_it_is_filled_anew_the_old_entries_answer(filled: Filled) -> None:
    clips = [filled.add(f"word {seed}", seed=seed) for seed in range(3)]
    filled.index.complete()

    filled.index.begin_anew()
    filled.fill(clips[:1])
    meanwhile = filled.nearest_ids(Space.TEXT, direction(1))
    filled.fill(clips)
    filled.index.complete()

    assert set(meanwhile) == {clip.id for clip in clips}
    assert set(filled.nearest_ids(Space.TEXT, direction(1))) == set(meanwhile)
    assert filled.index.count() == 3
    assert filled.index.is_current


APPS = ("", "Firefox", "firefox", "Straße", "gnome-terminal", "The App", '"quoted"')
LABELS = ("work", "Work", "a b", "Ünï", "the", "42")


@pytest.fixture(
    scope="module", params=["exact", pytest.param("weaviate", marks=pytest.mark.weaviate)]
)
def varied(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Filled]:
    """Sixty clips that differ in all that a filter looks at."""
    with SqliteJournal.open(tmp_path_factory.mktemp("varied"), reserve_bytes=0) as journal:
        if request.param == "exact":
            yield sixty(Filled(journal, ExactIndex(journal, journal, model_id=MODEL, means=MEANS)))
            return
        opener = Opener(request.getfixturevalue("weaviate_endpoint"), "varied")
        yield sixty(Filled(journal, opener(model_id=MODEL, dim=DIM)))
        opener.remove()


def sixty(filled: Filled) -> Filled:
    kinds = [*Kind]
    for n in range(60):
        at = START + timedelta(hours=7 * n, microseconds=n)
        clip = filled.add(
            f"word {'x' * (n % 9)}{n}",
            seed=n,
            kind=kinds[n % len(kinds)],
            at=at,
            again_at=at + timedelta(days=n % 5) if n % 3 == 0 else None,
            app=APPS[n % len(APPS)],
            labels=LABELS[: n % 4] if n % 2 else LABELS[n % 6 :],
            pinned=n % 4 == 0,
        )
        filled.clips.append(clip)
    return filled


ZONES = st.sampled_from(
    [UTC, timezone(timedelta(hours=5, minutes=45)), timezone(-timedelta(hours=9))]
)
MOMENTS = st.builds(
    lambda n, days, microseconds, zone: (
        START + timedelta(hours=7 * n, days=days, microseconds=n + microseconds)
    ).astimezone(zone),
    st.integers(-2, 62),
    st.integers(0, 4),
    st.integers(-1, 1),
    ZONES,
) | st.sampled_from([datetime(1, 1, 2, tzinfo=UTC), datetime(9999, 12, 30, tzinfo=UTC)])
FILTERS = st.builds(
    Filter,
    kinds=st.frozensets(st.sampled_from([*Kind])),
    after=st.none() | MOMENTS,
    before=st.none() | MOMENTS,
    apps=st.frozensets(
        st.sampled_from([*APPS, "FIREFOX", "STRASSE", " Firefox", "terminal", "nobody"]),
        max_size=3,
    ),
    labels=st.frozensets(st.sampled_from([*LABELS, "b", "work ", "none"]), max_size=2),
    pinned=st.none() | st.booleans(),
    min_size_bytes=st.none() | st.integers(0, 20),
    max_size_bytes=st.none() | st.integers(0, 20),
)

AMONG = st.none() | st.sets(st.integers(0, 59))


@settings(max_examples=80)
@given(where=FILTERS, among=AMONG)
def test_a_filter_admits_what_brute_force_admits(
    varied: Filled, where: Filter, among: set[int] | None
) -> None:
    if among is not None:
        ids = frozenset(varied.clips[place].id for place in among)
        where = replace(where, among=ids | {new_id()} if len(ids) % 2 else ids)
    texts = varied.index.nearest(Space.TEXT, direction(1), limit=1000, where=where)
    pictures = varied.index.nearest(Space.IMAGE, direction(1), limit=1000, where=where)
    words = varied.index.matching("word", limit=1000, where=where)

    admitted = {clip.id for clip in varied.clips if where.admits(clip)}
    assert {match.id for match in texts + pictures} == admitted
    assert {match.id for match in words} == admitted
