from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from tests.unit.organise.clips import DIM, clip_of, unit_vector
from weavclip.domain.clip import Kind, new_id
from weavclip.domain.labels import Correction, Label, LabelSet
from weavclip.domain.query import Space
from weavclip.organise import heads
from weavclip.organise.fitting import fit_labels
from weavclip.organise.heads import NONE
from weavclip.organise.labelling import Labeller, teach
from weavclip.organise.zero_shot import (
    ZeroShot,
    ensembles,
    picture_classes,
    softmax,
    text_classes,
    unit,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from weavclip.domain.vectors import Embedding, Embeddings
    from weavclip.organise.heads import Head

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
    classes = picture_classes(LABELS)
    return ZeroShot(classes=classes, vectors=ensembles(classes, axes), mean=mean, scale=scale)


def labeller_of(
    sentences: ZeroShot | None = None, taught: Mapping[tuple[str, Space], Head] | None = None
) -> Labeller:
    return Labeller(LABELS, sentences={Space.IMAGE: sentences or seen()}, taught=taught or {})


def found(vector: Embedding, labeller: Labeller | None = None) -> tuple[str, ...]:
    labeller = labeller or labeller_of()
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

    plain = found(unit_vector(1, 0, 0, 1), labeller_of())
    without = found(unit_vector(1, 0, 0, 1), labeller_of(seen(mean=mean)))

    assert plain == ()
    assert without == ()
    assert seen(mean=mean).chances(unit_vector(1, 0, 0, 1)[None])[0]["chart"] < 0.01


def test_a_text_is_labelled_by_its_form_and_a_picture_is_not() -> None:
    labeller = labeller_of()

    text = labeller.labels(clip_of(Kind.TEXT), text="git status", vectors={})

    assert text == ("command",)


def test_a_label_that_is_not_wanted_is_never_given() -> None:
    labeller = Labeller(LabelSet(unwanted=frozenset({"command"})), sentences={}, taught={})

    assert labeller.labels(clip_of(Kind.TEXT), text="git status", vectors={}) == ()


READ = LabelSet(
    labels=(
        Label(name="card_lost", group="bank"),
        Label(name="rent", group="bank", texts=("rent", "a flat")),
        Label(name="chart", group="kind", prompts=("axis 0",)),
    ),
    other_texts={"subject": ("hello",)},
    templates={"bank": ("{label}", "a question about {label}")},
)


def test_a_labels_words_are_put_into_the_templates_of_its_group() -> None:
    said = {each.name: each.prompts for each in text_classes(READ)}

    assert said["card_lost"] == ("card lost", "a question about card lost")
    assert said["rent"][:2] == ("rent", "a flat")
    assert said["rent"][2:] == ("a question about rent", "a question about a flat")
    assert said[""] == ("hello",)
    assert "chart" not in said


ABOUT = LabelSet(
    labels=(
        Label(name="money", group="subject", texts=("axis 0",)),
        Label(name="sport", group="subject", texts=("axis 1",)),
    ),
    other_texts={"subject": ("axis 3",)},
)


def reader() -> Labeller:
    classes = text_classes(ABOUT)
    vectors = ensembles(classes, axes)
    read = ZeroShot(classes=classes, vectors=vectors, mean=None, scale=20.0)
    return Labeller(ABOUT, sentences={Space.SENTENCE: read}, taught={})


def test_a_text_gets_what_it_is_about_and_a_text_with_a_form_does_not() -> None:
    about_money = {Space.SENTENCE: unit_vector(1, 0, 0, 0)}

    said = reader().labels(clip_of(Kind.TEXT), text="why was I charged", vectors=about_money)
    typed = reader().labels(clip_of(Kind.TEXT), text="git status", vectors=about_money)
    none = reader().labels(
        clip_of(Kind.TEXT), text="ok", vectors={Space.SENTENCE: unit_vector(0, 0, 0, 1)}
    )

    assert (said, typed, none) == (("money",), ("command",), ())


def test_words_in_a_picture_do_not_say_what_it_is_about() -> None:
    vectors = {Space.SENTENCE: unit_vector(1, 0, 0, 0)}

    assert reader().labels(clip_of(Kind.IMAGE), text="", vectors=vectors) == ()


def noisy(count: int, *, seed: int) -> tuple[Embeddings, list[str]]:
    """Vectors near three labels' axes and near none of them, and what each is."""
    random = np.random.default_rng(seed)
    names = ("money", "sport", "")
    which = random.integers(3, size=count)
    rows = np.eye(DIM)[np.array([0, 1, 3])[which]] + random.normal(size=(count, DIM)) * 0.4
    return unit(rows), [names[each] for each in which]


def test_the_scale_of_a_softmax_is_found_where_labels_are_known() -> None:
    classes = text_classes(ABOUT)
    vectors, truths = noisy(400, seed=1)

    fits = fit_labels(classes, axes, vectors, truths, mean=None)

    assert fits.keys() == {"subject"}
    assert 4 < fits["subject"].scale < 20
    assert fits["subject"].error is not None
    assert fits["subject"].error < 0.05
    unseen, right = noisy(2000, seed=2)
    sure = ZeroShot(
        classes=classes, vectors=ensembles(classes, axes), mean=None, scale=1.0, fits=fits
    ).chances(unseen)
    given = [max(each.items(), key=lambda pair: pair[1]) for each in sure]
    high = [
        (chance, name == truth)
        for (name, chance), truth in zip(given, right, strict=True)
        if chance > 0.7
    ]
    assert np.mean([chance for chance, _ in high]) == pytest.approx(
        np.mean([is_right for _, is_right in high]), abs=0.05
    )


def test_nothing_can_be_fitted_to_labels_of_several_groups() -> None:
    with pytest.raises(ValueError, match="one group, got 2"):
        fit_labels(
            picture_classes(LABELS),
            axes,
            np.eye(2, DIM, dtype=np.float32),
            ["chart", "night"],
            mean=None,
        )


def examples(count: int, *, seed: int = 1) -> tuple[Embeddings, list[str]]:
    """Vectors around two directions, with noise."""
    random = np.random.default_rng(seed)
    has_it = np.arange(count) % 2 == 0
    centres = np.where(has_it[:, None], unit_vector(1, 1, 0, 0), unit_vector(1, -1, 0, 0))
    rows = centres + random.normal(size=(count, DIM)) * 0.2
    return unit(rows), ["work" if each else NONE for each in has_it]


def fit(vectors: Embeddings, truths: list[str]) -> Head | None:
    return heads.fit(vectors, truths, [{}] * len(truths))


def chance(head: Head, vector: Embedding) -> float:
    return head.chances(vector, {})["work"]


def test_a_head_learns_what_parts_examples_and_says_how_well() -> None:
    head = fit(*examples(40))

    assert head is not None
    lesson = head.lessons["work"]
    assert lesson.accuracy > 0.9
    assert (lesson.positives, lesson.negatives) == (20, 20)
    unseen, truths = examples(200, seed=2)
    right = [
        (chance(head, row) > 0.5) == (truth == "work")
        for row, truth in zip(unseen, truths, strict=True)
    ]
    assert np.mean(right) > 0.95


def test_a_head_of_what_cannot_be_told_apart_says_so() -> None:
    vectors, truths = examples(60)

    head = fit(np.random.default_rng(3).permutation(vectors), truths)

    assert head is not None
    assert head.lessons["work"].accuracy < 0.75


def test_few_examples_weigh_as_much_as_many() -> None:
    vectors, truths = examples(200)
    kept = [place for place, each in enumerate(truths) if each == NONE or place < 16]

    head = fit(vectors[kept], [truths[place] for place in kept])

    assert head is not None
    unseen, right = examples(200, seed=2)
    given = np.array([chance(head, row) > 0.5 for row in unseen])
    assert given[np.array(right) == "work"].mean() > 0.9


def test_examples_that_a_plane_parts_have_a_finite_head() -> None:
    vectors = np.repeat(np.eye(DIM, dtype=np.float32)[:2], 5, axis=0)

    head = fit(vectors, ["work"] * 5 + [NONE] * 5)

    assert head is not None
    assert np.isfinite(head.weights).all()
    assert chance(head, vectors[0]) > 0.5 > chance(head, vectors[-1])


def test_nothing_is_learned_of_a_few_examples() -> None:
    assert fit(*examples(9)) is None


def test_many_labels_are_fitted_at_once_with_what_their_sentences_say() -> None:
    random = np.random.default_rng(5)
    centres = unit(random.normal(size=(40, 64)))
    names = [f"label {each:02}" for each in range(40)]
    which = np.repeat(np.arange(40), 5)
    vectors = unit(centres[which] + random.normal(size=(200, 64)) * 0.25)
    prompts = unit(centres + random.normal(size=(40, 64)) * 0.25)
    said = [
        dict(zip(names, map(float, row), strict=True))
        for row in 0.9 * softmax(9.0 * (vectors @ prompts.T).astype(float))
    ]

    head = heads.fit(vectors, [names[each] for each in which], said)

    assert head is not None
    assert head.answers == (*names, NONE)
    unseen = unit(centres[which] + random.normal(size=(200, 64)) * 0.25)
    sure = 0.9 * softmax(9.0 * (unseen @ prompts.T).astype(float))
    by_sentences = sure.argmax(axis=1) == which
    chances = [
        head.chances(row, dict(zip(names, map(float, each), strict=True)))
        for row, each in zip(unseen, sure, strict=True)
    ]
    both = [max(each, key=each.__getitem__) for each in chances]
    assert np.mean([name == names[each] for name, each in zip(both, which, strict=True)]) > (
        by_sentences.mean() + 0.03
    )


def taught_by(
    said: list[Correction], own: Mapping[UUID, Embedding]
) -> dict[tuple[str, Space], Head]:
    return teach(
        said,
        LABELS,
        space_of=lambda clip_id: (Space.IMAGE, own[clip_id]),
        sentences={Space.IMAGE: seen()},
    )


def test_corrections_of_a_group_teach_its_labels_and_overrule_what_was_seen() -> None:
    vectors, truths = examples(30)
    own = {new_id(): row for row in vectors}
    said = [
        Correction(clip_id, "chart" if truth == "work" else "photo", applies=True)
        for clip_id, truth in zip(own, truths, strict=True)
    ]

    taught = taught_by(said, own)

    assert taught.keys() == {("kind", Space.IMAGE)}
    assert taught["kind", Space.IMAGE].lessons.keys() == {"chart", "photo"}
    labeller = labeller_of(taught=taught)
    assert "photo" in found(unit_vector(1, -1, 0, 0), labeller)
    assert "chart" in found(unit_vector(1, 1, 0, 0), labeller)


def test_who_takes_a_label_away_says_that_it_is_none_of_its_group() -> None:
    own = {new_id(): row for row in examples(30)[0]}
    said = [
        Correction(clip_id, "chart", applies=place % 2 == 0) for place, clip_id in enumerate(own)
    ]

    labeller = labeller_of(taught=taught_by(said, own))

    assert "chart" in found(unit_vector(1, 1, 0, 0), labeller)
    assert not {"chart", "photo"} & {*found(unit_vector(1, -1, 0, 0), labeller)}


def test_clips_without_vectors_teach_nothing() -> None:
    said = [Correction(new_id(), "chart", applies=place % 2 == 0) for place in range(20)]

    assert teach(said, LABELS, space_of=lambda _: None, sentences={}) == {}
