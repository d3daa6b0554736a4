from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from tests.unit.organise.clips import DIM, clip_of, unit_vector
from weavclip.domain.clip import Kind, new_id
from weavclip.domain.labels import Correction, Label, LabelSet
from weavclip.domain.query import Space
from weavclip.organise import heads
from weavclip.organise.labelling import Labeller, teach
from weavclip.organise.zero_shot import ZeroShot, classes_of, ensembles, softmax

if TYPE_CHECKING:
    from collections.abc import Sequence

    from weavclip.domain.vectors import Embedding, Embeddings

LABELS = LabelSet(
    labels=(
        Label(name="chart", group="kind", prompts=("axis 0",)),
        Label(name="photo", group="kind", prompts=("axis 1",), threshold=0.9),
        Label(name="night", group="light", prompts=("axis 2",)),
    ),
    others={"kind": ("axis 3",), "light": ("axis 3",)},
)


def axes(texts: Sequence[str]) -> Embeddings:
    """Each sentence names the axis that its vector points along."""
    return np.eye(DIM, dtype=np.float32)[[int(text.removeprefix("axis ")) for text in texts]]


def seen(*, scale: float = 20.0, mean: Embedding | None = None) -> ZeroShot:
    classes = classes_of(LABELS)
    return ZeroShot(classes=classes, vectors=ensembles(classes, axes), mean=mean, scale=scale)


def found(vector: Embedding, labeller: Labeller | None = None) -> tuple[str, ...]:
    labeller = labeller or Labeller(LABELS, seen=seen(), taught={})
    return labeller.labels(clip_of(Kind.IMAGE), text="", vectors={Space.IMAGE: vector})


def test_a_picture_gets_the_likest_label_of_each_group() -> None:
    assert found(unit_vector(1, 0, 1, 0)) == ("chart", "night")


def test_a_picture_that_is_none_of_these_gets_no_label() -> None:
    assert found(unit_vector(0, 0, 0, 1)) == ()


def test_a_label_is_given_from_its_threshold_on() -> None:
    near = unit_vector(0, 1, 0, 0.95)

    (chances,) = seen().chances(near[None])

    assert 0.5 < chances["photo"] < 0.9
    assert found(near) == ()


def test_chances_of_a_group_with_what_is_none_add_up_to_one() -> None:
    values = np.random.default_rng(1).normal(size=(5, 7)) * 50

    assert softmax(values).sum(axis=1) == pytest.approx(np.ones(5))


def test_a_softmax_is_that_of_the_models_own_temperature() -> None:
    one, other = 0.30, 0.25
    vector = np.array([one, other, 0, 0], np.float32)

    (chances,) = seen(scale=100.0).chances(vector[None])

    assert chances["chart"] / chances["photo"] == pytest.approx(np.exp(100 * (one - other)), 1e-4)


def test_what_every_picture_is_like_says_nothing() -> None:
    mean = np.array([0.5, 0, 0, 0], np.float32)

    plain = found(unit_vector(1, 0, 0, 1), Labeller(LABELS, seen=seen(), taught={}))
    without = found(unit_vector(1, 0, 0, 1), Labeller(LABELS, seen=seen(mean=mean), taught={}))

    assert plain == ()
    assert without == ()
    assert seen(mean=mean).chances(unit_vector(1, 0, 0, 1)[None])[0]["chart"] < 0.01


def test_a_text_is_labelled_by_its_form_and_a_picture_is_not() -> None:
    labeller = Labeller(LABELS, seen=seen(), taught={})

    text = labeller.labels(clip_of(Kind.TEXT), text="git status", vectors={})

    assert text == ("command",)


def test_a_label_that_is_not_wanted_is_never_given() -> None:
    labeller = Labeller(LabelSet(unwanted=frozenset({"command"})), seen=None, taught={})

    assert labeller.labels(clip_of(Kind.TEXT), text="git status", vectors={}) == ()


def examples(
    count: int, *, seed: int = 1
) -> tuple[Embeddings, np.ndarray[tuple[int], np.dtype[np.bool_]]]:
    """Vectors around two directions, with noise."""
    random = np.random.default_rng(seed)
    truths = np.arange(count) % 2 == 0
    centres = np.where(truths[:, None], unit_vector(1, 1, 0, 0), unit_vector(1, -1, 0, 0))
    rows = centres + random.normal(size=(count, DIM)) * 0.2
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32), truths


def test_a_head_learns_what_parts_examples_and_says_how_well() -> None:
    head = heads.fit(*examples(40))

    assert head is not None
    assert head.accuracy > 0.9
    assert (head.positives, head.negatives) == (20, 20)
    unseen, truths = examples(200, seed=2)
    right = [(head.chance(row) > 0.5) == truth for row, truth in zip(unseen, truths, strict=True)]
    assert np.mean(right) > 0.95


def test_a_head_of_what_cannot_be_told_apart_says_so() -> None:
    vectors, truths = examples(60)

    head = heads.fit(np.random.default_rng(3).permutation(vectors), truths)

    assert head is not None
    assert head.accuracy < 0.75


def test_examples_that_a_plane_parts_have_a_finite_head() -> None:
    vectors = np.repeat(np.eye(DIM, dtype=np.float32)[:2], 5, axis=0)

    head = heads.fit(vectors, np.arange(10) < 5)

    assert head is not None
    assert np.isfinite(head.weights).all()
    assert head.chance(vectors[0]) > 0.5 > head.chance(vectors[-1])


def test_nothing_is_learned_of_a_few_examples() -> None:
    vectors, truths = examples(9)

    assert heads.fit(vectors, truths) is None


def test_corrections_of_a_group_teach_its_labels_and_overrule_what_was_seen() -> None:
    vectors, truths = examples(30)
    ids = [new_id() for _ in vectors]
    own = dict(zip(ids, vectors, strict=True))
    said = [
        Correction(clip_id, "chart" if truth else "photo", applies=True)
        for clip_id, truth in zip(ids, truths, strict=True)
    ]

    taught = teach(said, LABELS, space_of=lambda clip_id: (Space.IMAGE, own[clip_id]))

    assert taught.keys() == {("chart", Space.IMAGE), ("photo", Space.IMAGE)}
    labeller = Labeller(LABELS, seen=seen(), taught=taught)
    assert "photo" in found(unit_vector(1, -1, 0, 0), labeller)
    assert "chart" in found(unit_vector(1, 1, 0, 0), labeller)


def test_clips_without_vectors_teach_nothing() -> None:
    said = [Correction(new_id(), "chart", applies=place % 2 == 0) for place in range(20)]

    assert teach(said, LABELS, space_of=lambda _: None) == {}
