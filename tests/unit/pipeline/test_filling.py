from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pytest

from tests.unit.journal.drafts import picture_draft, text_draft
from tests.unit.pipeline.fakes import (
    DictIndex,
    FirstByteDecoder,
    SumEmbedder,
    picture_offer,
    text_offer,
)
from weavclip.domain.clip import Draft, Kind, Stage
from weavclip.domain.errors import IndexUnavailableError, ModelError, NoModelError
from weavclip.domain.hiding import Hiding
from weavclip.domain.query import Filter, Space
from weavclip.pipeline import work
from weavclip.pipeline.embedding import Models
from weavclip.pipeline.filling import Filler
from weavclip.pipeline.keeper import IndexKeeper

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from weavclip.domain.vectors import Embeddings
    from weavclip.journal.store import SqliteJournal
    from weavclip.pipeline.ingest import Ingest

GOING = threading.Event()


@pytest.fixture
def index() -> DictIndex:
    return DictIndex()


@pytest.fixture
def embedder() -> SumEmbedder:
    return SumEmbedder()


@pytest.fixture
def filler(journal: SqliteJournal, embedder: SumEmbedder, index: DictIndex) -> Filler:
    keeper = IndexKeeper(
        journal, "sum", exact=index, is_wanted=lambda: False, connect=lambda: index
    )
    return Filler(journal, Models(embedder), FirstByteDecoder(), keeper, centre=lambda raw: raw)


def test_texts_and_pictures_go_on_to_the_index_with_their_vectors(
    filler: Filler, ingest: Ingest, index: DictIndex, journal: SqliteJournal
) -> None:
    text = ingest.take(text_offer("two peaks")).clip_id
    picture = ingest.take(picture_offer(b"A")).clip_id
    assert text is not None
    assert picture is not None

    embedded = filler.embed(GOING)
    indexed = filler.index()

    assert (embedded.done, indexed.done) == (2, 2)
    assert set(index.entries[text].vectors) == {Space.TEXT}
    assert set(index.entries[picture].vectors) == {Space.IMAGE}
    assert index.entries[text].text == "two peaks"
    assert index.entries[picture].thumbnail == b"small"
    assert index.entries[picture].clip.width_px == 9
    assert journal.stage_counts("sum")[Stage.INDEXED] == 2
    assert not filler.embed(GOING)
    assert not filler.index()


def test_a_damaged_picture_is_kept_and_marked_with_its_reason(
    filler: Filler, ingest: Ingest, journal: SqliteJournal
) -> None:
    damaged = ingest.take(picture_offer(b"torn!")).clip_id
    ingest.take(picture_offer(b"B"))

    step = filler.embed(GOING)

    assert (step.done, step.failed) == (1, 1)
    assert [(clip.id, why) for clip, why in journal.failures("sum")] == [
        (damaged, "it is damaged")
    ]
    assert not filler.embed(GOING)


def test_equal_pixels_under_other_bytes_become_one_clip(
    filler: Filler, ingest: Ingest, index: DictIndex, journal: SqliteJournal
) -> None:
    first = ingest.take(picture_offer(b"one A")).clip_id
    second = ingest.take(picture_offer(b"two A")).clip_id
    assert first is not None
    assert second is not None

    filler.embed(GOING)
    filler.index()

    assert journal.get(second).id == first
    assert journal.get(first).copies == 2
    assert set(index.entries) == {first}


def test_a_refused_clip_is_noted_and_the_others_are_indexed(
    filler: Filler, ingest: Ingest, index: DictIndex, journal: SqliteJournal
) -> None:
    good = ingest.take(text_offer("good")).clip_id
    bad = ingest.take(text_offer("bad")).clip_id
    assert bad is not None
    index.refuses.add(bad)
    filler.embed(GOING)

    step = filler.index()

    assert (step.done, step.failed) == (1, 1)
    assert set(index.entries) == {good}
    assert "refused" in journal.failures("sum")[0][1]


def test_a_clip_that_is_refused_again_waits_twice_as_long(
    filler: Filler,
    ingest: Ingest,
    index: DictIndex,
    journal: SqliteJournal,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(work, "RETRY_AFTER", timedelta(0))
    bad = ingest.take(text_offer("bad")).clip_id
    assert bad
    index.refuses.add(bad)
    filler.embed(GOING)

    assert filler.index().failed == 1
    pause = timedelta(hours=1)
    monkeypatch.setattr(work, "RETRY_AFTER", pause)
    assert filler.index().failed == 1

    now = datetime.now(UTC)
    due = {n: journal.pending("sum", Stage.EMBEDDED, limit=1, now=now + n * pause) for n in (1, 3)}
    assert journal.tries(bad, "sum") == 2
    assert (len(due[1]), len(due[3])) == (0, 1)


def test_an_index_that_is_away_changes_nothing(
    filler: Filler, ingest: Ingest, index: DictIndex, journal: SqliteJournal
) -> None:
    ingest.take(text_offer("two peaks"))
    filler.embed(GOING)
    index.away = True

    with pytest.raises(IndexUnavailableError):
        filler.index()

    assert journal.stage_counts("sum")[Stage.EMBEDDED] == 1
    index.away = False
    assert filler.index().done == 1


def test_a_forgotten_clip_leaves_the_index(
    filler: Filler, ingest: Ingest, index: DictIndex, journal: SqliteJournal
) -> None:
    clip_id = ingest.take(text_offer("two peaks")).clip_id
    assert clip_id is not None
    filler.embed(GOING)
    filler.index()

    journal.forget([clip_id])
    filler.index()

    assert index.entries == {}
    assert journal.forgotten("sum", limit=10) == []


def test_a_hidden_clip_leaves_the_index_and_comes_back(
    filler: Filler, ingest: Ingest, index: DictIndex, journal: SqliteJournal
) -> None:
    clip_id = ingest.take(picture_offer(b"A")).clip_id
    assert clip_id is not None
    hiding = Hiding(
        words="a map", threshold=0.5, model_id="sum", version=1, prompt=np.ones(2, np.float32)
    )
    filler.embed(GOING)
    filler.index()

    journal.hide(hiding, [clip_id])
    hidden = filler.index().done, dict(index.entries)
    rebuilt = journal.reset("sum", to=Stage.EMBEDDED), filler.index().done, dict(index.entries)
    journal.unhide("a map")
    filler.index()

    assert hidden == (1, {})
    assert rebuilt == (1, 1, {})
    assert journal.stage_counts("sum")[Stage.INDEXED] == 1
    assert set(index.entries) == {clip_id}


def test_a_changed_clip_is_indexed_again(filler: Filler, ingest: Ingest, index: DictIndex) -> None:
    clip_id = ingest.take(text_offer("two peaks")).clip_id
    assert clip_id is not None
    filler.embed(GOING)
    filler.index()

    ingest.take(text_offer("two peaks"))
    step = filler.index()

    assert step.done == 1
    assert index.entries[clip_id].clip.copies == 2


def test_a_clip_that_was_forgotten_meanwhile_stops_nothing(
    filler: Filler, ingest: Ingest, journal: SqliteJournal, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = [ingest.take(offer).clip_id for offer in (text_offer("kept"), picture_offer(b"K"))]
    gone = [ingest.take(offer).clip_id for offer in (text_offer("gone"), picture_offer(b"G"))]
    pending = journal.pending("sum", Stage.CAPTURED, limit=9)
    journal.forget([each for each in gone if each])
    with monkeypatch.context() as patch:
        patch.setattr(journal, "pending", lambda *_, **__: pending)
        step = filler.embed(GOING)

    assert step.failed == 0
    assert filler.index().done == 2
    assert {clip.id for clip in journal.get_many([k for k in kept if k]).values()} == set(kept)


def test_a_picture_whose_file_is_lost_fails_alone(
    filler: Filler, ingest: Ingest, journal: SqliteJournal, data_dir: Path
) -> None:
    lost = ingest.take(picture_offer(b"1" * 100_000)).clip_id
    next(path for path in (data_dir / "blobs").rglob("*") if path.is_file()).unlink()
    ingest.take(picture_offer(b"2"))

    step = filler.embed(threading.Event())

    assert (step.done, step.failed) == (1, 1)
    [(clip, why)] = journal.failures("sum")
    assert clip.id == lost
    assert why.startswith("its content cannot be read")


def test_a_text_that_the_model_fails_at_fails_alone(
    filler: Filler,
    ingest: Ingest,
    embedder: SumEmbedder,
    journal: SqliteJournal,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for text in ("good", "bad", "fine"):
        ingest.take(text_offer(text))
    whole = embedder.embed_texts

    def failing(texts: Sequence[str]) -> Embeddings:
        if "bad" in texts:
            message = "the graph failed"
            raise ModelError(message)
        return whole(texts)

    monkeypatch.setattr(embedder, "embed_texts", failing)

    step = filler.embed(GOING)

    assert (step.done, step.failed) == (2, 1)
    assert [why for _, why in journal.failures("sum")] == ["the graph failed"]


def test_a_missing_runtime_fails_no_clip(
    filler: Filler,
    ingest: Ingest,
    embedder: SumEmbedder,
    journal: SqliteJournal,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ingest.take(text_offer("two peaks"))

    def absent(texts: Sequence[str]) -> Embeddings:
        del texts
        message = "ONNX Runtime is not installed"
        raise NoModelError(message)

    monkeypatch.setattr(embedder, "embed_texts", absent)

    with pytest.raises(NoModelError):
        filler.embed(GOING)

    assert journal.stage_counts("sum")[Stage.CAPTURED] == 1


def test_a_list_of_files_gets_the_vector_and_the_thumbnail_of_its_first_picture(
    journal: SqliteJournal, embedder: SumEmbedder, index: DictIndex
) -> None:
    keeper = IndexKeeper(
        journal, "sum", exact=index, is_wanted=lambda: False, connect=lambda: index
    )
    asked: list[Sequence[str]] = []

    def read(paths: Sequence[str]) -> bytes | None:
        asked.append(paths)
        return {"/home/a.png": b"A", "/home/torn.png": b"!"}.get(paths[-1])

    filler = Filler(
        journal,
        Models(embedder),
        FirstByteDecoder(),
        keeper,
        centre=lambda raw: raw,
        file_picture=read,
    )
    picture = journal.add(picture_draft(b"A")).id
    with_picture = journal.add(files_draft("/home/notes.txt", "/home/a.png")).id
    torn = journal.add(files_draft("/home/torn.png")).id
    plain = journal.add(text_draft("/home/a.png is only a text")).id

    filler.embed(GOING)
    filler.index()

    assert asked == [["/home/notes.txt", "/home/a.png"], ["/home/torn.png"]]
    assert set(index.entries[with_picture].vectors) == {Space.TEXT, Space.IMAGE}
    assert index.entries[with_picture].thumbnail == b"small"
    assert set(index.entries[torn].vectors) == set(index.entries[plain].vectors) == {Space.TEXT}
    assert index.entries[torn].thumbnail is None
    # It is no picture: neither its size nor another clip with the same pixels is its own.
    assert journal.get(with_picture).width_px is None
    assert {clip.id for clip in journal.clips(where=Filter())} == {
        picture,
        with_picture,
        torn,
        plain,
    }
    assert list(journal.representations(with_picture)) == ["text/uri-list"]


def test_files_are_left_alone_by_default(
    filler: Filler, journal: SqliteJournal, index: DictIndex, tmp_path: Path
) -> None:
    (tmp_path / "a.png").write_bytes(b"A")
    clip_id = journal.add(files_draft(str(tmp_path / "a.png"))).id

    filler.embed(GOING)
    filler.index()

    assert set(index.entries[clip_id].vectors) == {Space.TEXT}


def files_draft(*paths: str) -> Draft:
    text = "\n".join(paths)
    return Draft(
        kind=Kind.FILES,
        mime_type="text/uri-list",
        representations={"text/uri-list": "\r\n".join(f"file://{p}" for p in paths).encode()},
        text=text,
        digest_source=text.encode(),
        at=datetime.now(UTC),
    )


def filler_of(journal: SqliteJournal, models: Models, index: DictIndex) -> Filler:
    keeper = IndexKeeper(
        journal, models.ids.id, exact=index, is_wanted=lambda: False, connect=lambda: index
    )
    return Filler(journal, models, FirstByteDecoder(), keeper, centre=lambda raw: raw)


def test_a_text_model_reads_texts_and_the_words_in_pictures(
    journal: SqliteJournal, ingest: Ingest, index: DictIndex
) -> None:
    text_model = SumEmbedder("text")
    filler = filler_of(journal, Models(SumEmbedder(), text_model), index)
    text = ingest.take(text_offer("two peaks")).clip_id
    picture = ingest.take(picture_offer(b"A")).clip_id
    read = ingest.take(picture_offer(b"B")).clip_id
    assert text is not None
    assert picture is not None
    assert read is not None
    journal.read_in_picture(read, "stop")

    filler.embed(GOING)
    filler.index()

    assert set(index.entries[text].vectors) == {Space.TEXT, Space.SENTENCE}
    assert set(index.entries[picture].vectors) == {Space.IMAGE}
    assert set(index.entries[read].vectors) == {Space.IMAGE, Space.SENTENCE}
    assert sorted(text_model.texts) == ["stop", "two peaks"]


def test_a_text_model_that_joins_has_nothing_embedded_again(
    journal: SqliteJournal, ingest: Ingest, index: DictIndex
) -> None:
    ingest.take(text_offer("two peaks"))
    ingest.take(picture_offer(b"A"))
    clip = SumEmbedder()
    filler_of(journal, Models(clip), index).embed(GOING)
    before = (clip.pictures, list(clip.texts))
    joined = filler_of(journal, Models(clip, SumEmbedder("text")), index)

    embedded = joined.embed(GOING)
    joined.index()

    assert (clip.pictures, clip.texts) == before
    assert embedded.done == 2
    assert journal.stage_counts("sum+text")[Stage.INDEXED] == 2
    assert {space for entry in index.entries.values() for space in entry.vectors} == set(Space)


def test_a_text_model_that_leaves_and_comes_back_has_nothing_embedded_again(
    journal: SqliteJournal, ingest: Ingest, index: DictIndex
) -> None:
    clip, text = SumEmbedder(), SumEmbedder("text")
    both, alone = (filler_of(journal, Models(clip, each), index) for each in (text, None))
    ingest.take(text_offer("first"))
    both.embed(GOING)
    alone.embed(GOING)
    ingest.take(text_offer("second"))
    alone.embed(GOING)

    both.embed(GOING)

    assert clip.texts == text.texts == ["first", "second"]


def test_words_that_are_found_later_come_into_the_index_and_the_picture_is_embedded_once(
    journal: SqliteJournal, ingest: Ingest, index: DictIndex
) -> None:
    clip = SumEmbedder()
    filler = filler_of(journal, Models(clip, SumEmbedder("text")), index)
    picture = ingest.take(picture_offer(b"A")).clip_id
    assert picture is not None
    filler.embed(GOING)
    filler.index()

    journal.read_in_picture(picture, "stop")
    filler.embed(GOING)
    filler.index()

    assert set(index.entries[picture].vectors) == {Space.IMAGE, Space.SENTENCE}
    assert index.entries[picture].ocr_text == "stop"
    assert clip.pictures == 1
