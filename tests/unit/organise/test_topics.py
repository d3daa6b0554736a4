from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from weavclip.organise.topics import names, part, telling_labels

if TYPE_CHECKING:
    from weavclip.domain.vectors import Embeddings


def heaps(*sizes: int, spread: float = 0.3, dim: int = 32) -> Embeddings:
    """Unit vectors around as many directions, one heap after the other."""
    random = np.random.default_rng(1)
    middles = random.normal(size=(len(sizes), dim))
    rows = np.concatenate(
        [
            middle + spread * random.normal(size=(size, dim))
            for middle, size in zip(middles, sizes, strict=True)
        ]
    )
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


@pytest.mark.parametrize("sizes", [(20, 12), (40, 30, 20), (30, 25, 20, 15, 10, 8)])
def test_heaps_are_topics_and_their_number_is_found(sizes: tuple[int, ...]) -> None:
    rows = heaps(*sizes)

    places, _ = part(rows).places(rows)

    expected = [number for number, size in enumerate(sizes) for _ in range(size)]
    assert places.tolist() == expected  # the largest first


def test_a_number_of_topics_can_be_asked_for() -> None:
    rows = heaps(20, 20, 20)

    assert len(part(rows, count=2).centres) == 2
    assert len(part(rows, count=5).centres) == 5
    assert len(part(rows, count=1).centres) == 1


def test_the_same_rows_have_the_same_topics() -> None:
    rows = heaps(30, 20, 10, spread=0.8)

    one, other = part(rows), part(rows)

    assert np.array_equal(one.centres, other.centres)
    assert np.array_equal(one.least, other.least)


def test_what_lies_with_no_topic_is_in_none() -> None:
    rows = heaps(20, 20)
    parting = part(rows)
    far = -rows[:1]

    places, _ = parting.places(far)

    assert places.tolist() == [-1]


def test_equal_rows_are_one_heap() -> None:
    rows = np.repeat(heaps(1, 1), 10, axis=0)

    places, _ = part(rows).places(rows)

    assert places.tolist() == [0] * 10 + [1] * 10


def test_a_topic_is_named_by_the_words_that_others_lack() -> None:
    cooking = ["recipe", "oven", "today"] * 5 + ["once"]
    code = ["function", "return", "today"] * 5

    found = names([cooking, code, []])

    assert found == [("oven", "recipe", "today"), ("function", "return", "today"), ()]


def test_labels_tell_what_a_third_has_and_others_have_less() -> None:
    charts = ["chart"] * 6 + ["light"] * 8 + ["photo"]
    photos = ["photo"] * 9 + ["light"] * 10

    assert telling_labels([charts, photos], sizes=[10, 10]) == [("chart",), ("light", "photo")]
