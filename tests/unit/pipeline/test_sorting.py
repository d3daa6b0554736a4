from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest

from tests.unit.journal.drafts import picture_draft, text_draft
from tests.unit.pipeline.fakes import DIM, SumEmbedder
from weavclip.domain.labels import Label, LabelSet
from weavclip.domain.query import Space
from weavclip.pipeline.sorting import TAUGHT, Sorter, lessons

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from weavclip.domain.vectors import Embedding, Embeddings
    from weavclip.journal.store import SqliteJournal

LABELS = LabelSet(
    labels=(
        Label(name="chart", group="kind", prompts=("axis 0",)),
        Label(name="photo", group="kind", prompts=("axis 1",)),
    ),
    others={"kind": ("axis 2",)},
)


class AxisEmbedder(SumEmbedder):
    """Each sentence names the axis that its vector points along."""

    def embed_texts(self, texts: Sequence[str]) -> Embeddings:
        self.texts += texts
        return np.eye(DIM, dtype=np.float32)[[int(text.split()[1]) for text in texts]]


@pytest.fixture
def embedder() -> AxisEmbedder:
    return AxisEmbedder()


@pytest.fixture
def sorter(journal: SqliteJournal, embedder: AxisEmbedder) -> Sorter:
    return Sorter(journal, "sum", labels=lambda: LABELS, clip=embedder)


def axis(place: int, *, towards: int = 3, by: float = 0.0) -> Embedding:
    vector = np.eye(DIM, dtype=np.float32)[place] + by * np.eye(DIM, dtype=np.float32)[towards]
    return np.asarray(vector / np.linalg.norm(vector), np.float32)


def seen(journal: SqliteJournal, vector: Embedding, name: bytes) -> UUID:
    clip = journal.add(picture_draft(name)).id
    journal.embedded(clip, "sum", {Space.IMAGE: vector})
    return clip


def test_clips_are_labelled_once_they_are_embedded(sorter: Sorter, journal: SqliteJournal) -> None:
    chart = seen(journal, axis(0), b"chart")
    text = journal.add(text_draft("git status")).id
    before = sorter.step()
    journal.embedded(text, "sum", {Space.TEXT: axis(3)})

    after = sorter.step()

    assert (before.done, after.done, sorter.step().done) == (1, 1, 0)
    assert journal.get(chart).labels == ("chart",)
    assert journal.get(text).labels == ("command",)


def test_sentences_are_encoded_once_for_all_engines(
    sorter: Sorter, journal: SqliteJournal, embedder: AxisEmbedder
) -> None:
    seen(journal, axis(0), b"one")
    sorter.step()
    asked = len(embedder.texts)
    other = seen(journal, axis(1), b"other")

    Sorter(journal, "sum", labels=lambda: LABELS, clip=embedder).step()

    assert asked == 3
    assert len(embedder.texts) == asked
    assert journal.get(other).labels == ("photo",)


def test_other_labels_have_every_clip_labelled_again_without_embedding(
    sorter: Sorter, journal: SqliteJournal, embedder: AxisEmbedder
) -> None:
    clip = seen(journal, axis(0), b"one")
    sorter.step()
    renamed = LabelSet(labels=(Label(name="graph", group="kind", prompts=("axis 0",)),))

    Sorter(journal, "sum", labels=lambda: renamed, clip=embedder).step()

    assert journal.get(clip).labels == ("graph",)
    assert embedder.pictures == 0


def test_corrections_teach_and_are_never_overruled(sorter: Sorter, journal: SqliteJournal) -> None:
    # What the model takes for a chart is a photo wherever it leans towards the last axis.
    leaning = [seen(journal, axis(0, by=0.8 + n / 50), b"l%d" % n) for n in range(12)]
    upright = [seen(journal, axis(0, by=n / 50), b"u%d" % n) for n in range(12)]
    sorter.step()
    for clip in leaning[:8]:
        journal.correct(clip, wanted=["photo"], unwanted=["chart"])
    for clip in upright[:8]:
        journal.correct(clip, wanted=["chart"], unwanted=[])

    step = sorter.step()

    assert step.done == 24
    assert {journal.get(clip).labels for clip in leaning} == {("photo",)}
    assert {journal.get(clip).labels for clip in upright} == {("chart",)}
    assert "right on others" in lessons(journal)["photo"]
    assert json.loads(journal.meta(TAUGHT) or "")[0][2:4] == [8, 8]


def test_a_text_model_says_what_texts_are_about(
    journal: SqliteJournal, embedder: AxisEmbedder
) -> None:
    about = LabelSet(
        labels=(Label(name="money", group="subject", texts=("axis 0",)),),
        other_texts={"subject": ("axis 2",)},
    )
    texts = AxisEmbedder("texts")
    question, command, other = (
        journal.add(text_draft(each)).id for each in ("why was I charged", "git status", "hello")
    )
    for clip, place in ((question, 0), (command, 0), (other, 2)):
        journal.embedded(clip, "sum+texts", {Space.TEXT: axis(3), Space.SENTENCE: axis(place)})

    Sorter(journal, "sum+texts", labels=lambda: about, clip=embedder, text=texts).step()

    assert journal.get(question).labels == ("money",)
    assert journal.get(command).labels == ("command",)
    assert journal.get(other).labels == ()
    assert texts.texts == ["axis 0", "axis 2"]


def test_without_a_model_texts_are_labelled_by_their_form(journal: SqliteJournal) -> None:
    text = journal.add(text_draft("git status")).id
    picture = journal.add(picture_draft(b"unseen")).id
    sorter = Sorter(journal, "", labels=lambda: LABELS, clip=None)

    step = sorter.step()

    assert step.done == 2
    assert journal.get(text).labels == ("command",)
    assert journal.get(picture).labels == ()
