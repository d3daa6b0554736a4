from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from scripts.sample_model import drawings
from weavclip.organise.duplicates import NEARLY_EQUAL, groups
from weavclip.pictures.likeness import likeness

if TYPE_CHECKING:
    from numpy.typing import NDArray

NAMES = ("mountains at night", "a line chart with two peaks", "a terminal", "a map", "a chat")


def jpeg(picture: Image.Image, *, quality: int = 90) -> bytes:
    file = io.BytesIO()
    picture.convert("RGB").save(file, "JPEG", quality=quality)
    return file.getvalue()


def drawn(name: str, *, seed: int = 1) -> Image.Image:
    return Image.open(io.BytesIO(drawings.png(drawings.named(name), seed=seed, side_px=256)))


@pytest.mark.parametrize("name", NAMES)
def test_a_picture_at_another_size_and_quality_is_nearly_equal(name: str) -> None:
    picture = drawn(name)
    width, height = picture.size
    others = [
        jpeg(picture, quality=40),
        jpeg(picture.resize((width // 3, height // 3))),
        jpeg(picture.crop((1, 1, width - 1, height - 1))),
    ]

    own = likeness(jpeg(picture))

    assert min(float(own @ likeness(other)) for other in others) >= NEARLY_EQUAL


def test_different_pictures_are_not() -> None:
    rows = np.stack([likeness(jpeg(drawn(name, seed=seed))) for name in NAMES for seed in (1, 2)])

    correlations = rows @ rows.T - np.eye(len(rows))

    assert correlations.max() < NEARLY_EQUAL


def test_a_picture_of_one_colour_is_like_nothing() -> None:
    blank = likeness(jpeg(Image.new("RGB", (64, 64), "white")))

    assert not blank.any()
    assert groups(np.stack([blank, blank]), np.ones(2)) == []


def rows(*angles: float) -> NDArray[np.float32]:
    return np.array([[np.cos(a), np.sin(a)] for a in angles], np.float32)


def test_who_stands_for_a_group_is_nearly_equal_to_all_of_it() -> None:
    step = float(np.arccos(0.96))  # the first and the third are too far from each other

    found = groups(rows(0, step, 2 * step, 0.01), np.ones(4))

    assert found == [(0, (1, 3))]


def test_pictures_of_another_shape_are_not_the_same() -> None:
    assert groups(rows(0, 0), np.array([1.0, 1.1])) == []
    assert groups(rows(0, 0), np.array([1.0, 1.01])) == [(0, (1,))]


def test_groups_are_found_across_blocks() -> None:
    random = np.random.default_rng(1).normal(size=(600, 64)).astype(np.float32)
    random /= np.linalg.norm(random, axis=1, keepdims=True)
    both = np.vstack([random, random])

    found = groups(both, np.ones(len(both)))

    assert found == [(place, (place + 600,)) for place in range(600)]
