"""What a Searcher promises, over a real journal, the exact index and the sample model."""

from __future__ import annotations

import shutil
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

import pytest

from scripts.sample_model.drawings import named, png
from weavclip.domain.clip import Draft, Kind, Stage
from weavclip.domain.errors import PictureError, QueryError, UnknownClipError
from weavclip.domain.hiding import Hiding
from weavclip.domain.index import JOURNAL_HOME
from weavclip.domain.query import Answer, Filter, Match, Query, Space, Way
from weavclip.embed import cards
from weavclip.embed.clip_onnx import ClipOnnx
from weavclip.index.exact import ExactIndex
from weavclip.journal.store import SqliteJournal
from weavclip.pictures.children import ChildDecoder
from weavclip.search.service import SearchService

if TYPE_CHECKING:
    from collections.abc import Iterator

    from weavclip.domain.vectors import Embedding

MODEL = Path(__file__).parents[2] / "weavclip" / "assets" / "sample_model"
START = datetime(2026, 11, 9, 8, tzinfo=UTC)
TEXTS = {
    "meeting": "Meet Anna at the station on Friday, she brings the contract.",
    "note": "two peaks in Q3, ask before the review",
    "command": "git log --oneline --since=yesterday",
    "invoice": "The plumber's invoice number 4711 is still to be paid.",
    "hash": "sha256: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "german": "Größe und Höhe in der Tabelle",
    "code": "std::vector<int> v; if (a != b) { return a -> next; }",
}
DRAWINGS = {
    "night": "mountains at night",
    "circle": "a red circle on white",
    "star": "a yellow star on black",
    "terminal": "a dark terminal",
    "chart": "a blue line chart with two peaks",
    "page": "a page of text with two columns",
}


@dataclass
class Memory:
    """A journal with a model, filled by hand."""

    journal: SqliteJournal
    embedder: ClipOnnx
    decoder: ChildDecoder
    calibrated: bool = True
    with_model: bool = True
    index_kind: type[ExactIndex] = ExactIndex
    ids: dict[str, UUID] = field(default_factory=dict)

    def copy(self, name: str, *, text: str = "", picture: bytes = b"") -> UUID:
        at = START + timedelta(days=len(self.ids))
        if text:
            draft = Draft(
                kind=Kind.TEXT,
                mime_type="text/plain",
                representations={"text/plain": text.encode()},
                text=text,
                preview=text[:200],
                digest_source=text.encode(),
                at=at,
            )
        else:
            draft = Draft(
                kind=Kind.IMAGE,
                mime_type="image/png",
                representations={"image/png": picture},
                digest_source=picture,
                at=at,
            )
        self.ids[name] = self.journal.add(draft).id
        return self.ids[name]

    def embed(self) -> None:
        for clip in self.journal.pending("sample", Stage.CAPTURED, limit=1000):
            vectors: dict[Space, Embedding] = {}
            picture = None
            if clip.kind is Kind.IMAGE:
                encoded = self.journal.representations(clip.id)[clip.mime_type]
                picture = self.decoder.decode(encoded, size_px=self.embedder.card.resolution_px)
                vectors[Space.IMAGE] = self.embedder.embed_images([picture.square])[0]
            else:
                vectors[Space.TEXT] = self.embedder.embed_texts([self.journal.text(clip.id)])[0]
            self.journal.embedded(clip.id, "sample", vectors, picture=picture)

    def service(self) -> SearchService:
        calibration = self.embedder.card.calibration
        means = calibration.means if calibration and self.calibrated else {}
        return SearchService(
            index=self.index_kind(self.journal, self.journal, model_id="sample", means=means),
            words=self.journal,
            journal=self.journal,
            embedder=self.embedder if self.with_model else None,
            decoder=self.decoder if self.with_model else None,
            calibration=calibration if self.calibrated and self.with_model else None,
        )

    def ask(self, words: str = "", **rest: object) -> Answer:
        return self.service().run(Query(words=words, **rest))  # type: ignore[arg-type] # by name

    def names(self, answer: Answer) -> list[str]:
        by_id = {clip_id: name for name, clip_id in self.ids.items()}
        return [by_id[hit.clip.id] for hit in answer.hits]


@pytest.fixture(scope="module")
def embedder() -> Iterator[ClipOnnx]:
    card = cards.read(MODEL / "card.json")
    with closing(ClipOnnx(MODEL, card, provider="cpu")) as embedder:
        yield embedder


@pytest.fixture(scope="module")
def decoder() -> Iterator[ChildDecoder]:
    with closing(ChildDecoder(max_pixels=1_000_000, workers=1)) as decoder:
        yield decoder


@pytest.fixture
def empty(tmp_path: Path, embedder: ClipOnnx, decoder: ChildDecoder) -> Iterator[Memory]:
    with SqliteJournal.open(tmp_path / "data", reserve_bytes=0) as journal:
        yield Memory(journal, embedder, decoder)


@pytest.fixture(scope="module")
def filled(
    tmp_path_factory: pytest.TempPathFactory, embedder: ClipOnnx, decoder: ChildDecoder
) -> tuple[Path, dict[str, UUID]]:
    """A data folder that each test copies: filling one takes 26 durable writes."""
    folder = tmp_path_factory.mktemp("filled") / "data"
    with SqliteJournal.open(folder, reserve_bytes=0) as journal:
        memory = Memory(journal, embedder, decoder)
        for name, text in TEXTS.items():
            memory.copy(name, text=text)
        for seed, (name, drawing) in enumerate(DRAWINGS.items()):
            memory.copy(name, picture=png(named(drawing), seed=seed))
        memory.embed()
    return folder, memory.ids


@pytest.fixture
def memory(
    filled: tuple[Path, dict[str, UUID]],
    tmp_path: Path,
    embedder: ClipOnnx,
    decoder: ChildDecoder,
) -> Iterator[Memory]:
    folder, ids = filled
    shutil.copytree(folder, tmp_path / "data")
    with SqliteJournal.open(tmp_path / "data", reserve_bytes=0) as journal:
        yield Memory(journal, embedder, decoder, ids=dict(ids))


@pytest.mark.parametrize(
    ("words", "first"),
    [
        ("mountains at night", "night"),
        ("a line chart with two peaks", "chart"),
        ("a terminal", "terminal"),
        ("when do I meet Anna?", "meeting"),
        ("plumber invoice", "invoice"),
        ("hohe tabelle", "german"),
    ],
)
def test_words_find_pictures_and_texts_in_one_list(memory: Memory, words: str, first: str) -> None:
    answer = memory.ask(words)

    assert memory.names(answer)[0] == first
    relevances = [hit.relevance or 0.0 for hit in answer.hits]
    assert relevances == sorted(relevances, reverse=True)
    assert all(0 < relevance <= 1 for relevance in relevances)


@pytest.mark.parametrize("typed", ["two peaks in Q3", "a -> next", "9f86d081", "SINCE=YESTERDAY"])
def test_the_question_as_typed_comes_first(memory: Memory, typed: str) -> None:
    hit = memory.ask(typed).hits[0]

    assert hit.relevance == pytest.approx(0.99)
    assert Way.EXACT in [found.way for found in hit.ways]


def test_two_modalities_meet_in_one_list(memory: Memory) -> None:
    answer = memory.ask("chart with two peaks")

    assert set(memory.names(answer)[:2]) == {"note", "chart"}


def test_nothing_that_fits_gives_an_empty_list_and_the_nearest(memory: Memory) -> None:
    answer = memory.ask("zebra crossing")

    assert answer.hits == ()
    assert answer.nearest is not None
    assert answer.nearest.relevance is not None
    assert answer.nearest.relevance < 0.05


def test_a_hidden_clip_is_none_of_those_that_were_looked_through(memory: Memory) -> None:
    count = len(memory.ids)
    hiding = Hiding(
        words="a star",
        threshold=0.5,
        model_id=memory.embedder.card.id,
        version=1,
        prompt=memory.embedder.embed_texts(["a star"])[0],
    )
    memory.journal.hide(hiding, [memory.ids["star"]])

    assert memory.ask("a star").total == count - 1
    assert memory.ask("a star", where=Filter(hidden=True)).total == count


def test_everything_shows_what_is_under_the_cut_off(memory: Memory) -> None:
    answer = memory.ask("zebra crossing", everything=True)

    assert len(answer.hits) > 5
    assert answer.nearest is None


def test_a_picture_finds_pictures_like_it(memory: Memory) -> None:
    another = png(named("a red circle on white"), seed=77)

    answer = memory.ask(picture=another)

    assert memory.names(answer) == ["circle"]
    assert answer.hits[0].distance is not None
    assert answer.hits[0].distance < 0.3


def test_a_clip_finds_clips_like_it_and_not_itself(memory: Memory) -> None:
    like = memory.copy("other circle", picture=png(named("a red circle on white"), seed=78))
    memory.embed()

    answer = memory.ask(like=like)

    assert memory.names(answer)[0] == "circle"
    assert "other circle" not in memory.names(memory.ask(like=like, everything=True))


def test_a_clip_without_vectors_yet_is_asked_with_by_its_content(memory: Memory) -> None:
    picture = memory.copy("other circle", picture=png(named("a red circle on white"), seed=78))
    text = memory.copy("other invoice", text="the invoice of the plumber")

    assert memory.names(memory.ask(like=picture))[0] == "circle"
    assert memory.names(memory.ask(like=text))[0] == "invoice"


def test_a_filter_holds_for_every_way(memory: Memory) -> None:
    only = Filter(kinds=frozenset({Kind.IMAGE}))

    answer = memory.ask("two peaks", where=only, everything=True)

    assert {hit.clip.kind for hit in answer.hits} == {Kind.IMAGE}
    assert answer.considered == len(DRAWINGS)
    assert answer.total == len(DRAWINGS) + len(TEXTS)


def test_a_filter_on_time_holds_for_every_way(memory: Memory) -> None:
    early = Filter(before=START + timedelta(days=2, hours=-1))

    answer = memory.ask("two peaks", where=early, everything=True)

    assert set(memory.names(answer)) == {"meeting", "note"}


def test_a_forgotten_clip_is_in_no_answer(memory: Memory) -> None:
    memory.journal.forget([memory.ids["note"]])

    assert "note" not in memory.names(memory.ask("two peaks in Q3", everything=True))


def test_a_clip_that_is_not_embedded_yet_is_found_by_its_words(memory: Memory) -> None:
    memory.copy("late", text="the dentist moved to Elm Street")

    answer = memory.ask("dentist street")

    assert memory.names(answer) == ["late"]
    assert answer.notes == ("1 clip is not embedded yet: found by words only",)


def test_without_a_model_words_are_found_and_the_answer_says_what_is_missing(
    memory: Memory,
) -> None:
    memory.with_model = False

    answer = memory.ask("plumber invoice")

    assert memory.names(answer) == ["invoice"]
    assert any("weavclip model add ViT-B-16" in note for note in answer.notes)
    with pytest.raises(QueryError, match="needs a model"):
        memory.ask(picture=png(named("a red circle"), seed=1))


def test_without_calibration_there_is_an_order_and_no_relevance(memory: Memory) -> None:
    memory.calibrated = False

    answer = memory.ask("mountains at night")

    assert {hit.relevance for hit in answer.hits} == {None}
    assert "night" in memory.names(answer)[:3]
    assert memory.names(memory.ask("two peaks in Q3"))[0] == "note"


@pytest.mark.parametrize("limit", [0, -1, 1001])
def test_a_limit_out_of_range_is_refused(memory: Memory, limit: int) -> None:
    with pytest.raises(QueryError, match="1 to 1000"):
        memory.ask("anything", limit=limit)


def test_a_limit_is_kept(memory: Memory) -> None:
    assert len(memory.ask("two peaks", limit=2, everything=True).hits) == 2
    assert len(memory.ask("two peaks", limit=1000, everything=True).hits) >= len(DRAWINGS)


@pytest.mark.parametrize("words", ["", "   ", "\n\t"])
def test_nothing_to_ask_with_is_refused_with_a_hint(memory: Memory, words: str) -> None:
    with pytest.raises(QueryError) as caught:
        memory.ask(words)

    assert "weavclip search" in caught.value.hint


def test_more_than_one_thing_to_ask_with_is_refused(memory: Memory) -> None:
    with pytest.raises(QueryError, match="more than one"):
        memory.ask("words", like=memory.ids["note"])


@pytest.mark.parametrize(
    "words",
    ["->", "?", "to be or", "the", '"', "'; DROP TABLE clips; --", "NEAR(a b)", "a" * 50_000,
     "word " * 20_000, "\x00", "\ud800", "日本語", "🙂", "%", "_", "*"],
)  # fmt: skip
def test_any_words_can_be_asked(memory: Memory, words: str) -> None:
    assert isinstance(memory.ask(words), Answer)


def test_punctuation_as_typed_is_found(memory: Memory) -> None:
    assert memory.names(memory.ask("->"))[0] == "code"


def test_an_unknown_clip_is_refused(memory: Memory) -> None:
    with pytest.raises(UnknownClipError):
        memory.ask(like=UUID(int=7))


def test_a_picture_that_is_none_is_refused(memory: Memory) -> None:
    with pytest.raises(PictureError):
        memory.ask(picture=b"no picture")


def test_an_empty_memory_answers_with_nothing(empty: Memory) -> None:
    answer = empty.ask("anything")

    assert answer.hits == ()
    assert answer.nearest is None
    assert answer.total == 0


def test_what_it_took_is_said(memory: Memory) -> None:
    answer = memory.ask("mountains at night")

    assert 0 < answer.encode_ms <= answer.took_ms
    assert answer.index == "exact"


class Behind(ExactIndex):
    """An index of its own that has no clip yet."""

    home = "elsewhere"

    def nearest(self, *_: object, **__: object) -> list[Match]:
        return []

    matching = nearest


def test_words_of_clips_that_the_index_does_not_have_are_found_in_the_journal(
    memory: Memory,
) -> None:
    memory.index_kind = Behind

    answer = memory.ask("plumber invoice")

    assert memory.names(answer) == ["invoice"]


def test_an_index_that_is_the_journal_says_so(memory: Memory) -> None:
    exact = ExactIndex(memory.journal, memory.journal, model_id="sample", means={})

    assert exact.home == JOURNAL_HOME
