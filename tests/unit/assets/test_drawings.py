import io
import random

import pytest
from PIL import Image

from scripts.sample_model.batches import families, make_batch
from scripts.sample_model.claims import truth
from scripts.sample_model.drawings import captions_of, draw, named, png
from scripts.sample_model.evaluation import pool
from scripts.sample_model.phrasebook import NEW, USUAL, Wording
from scripts.sample_model.spec import (
    ATTRIBUTES,
    KINDS,
    Drawing,
    is_drawable,
    random_drawing,
    sibling,
)
from scripts.sample_model.wording import say


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_seed_draws_the_same_pixels_and_another_seed_others(kind: str) -> None:
    drawing = random_drawing(random.Random(4), kind)

    first, again, other = (draw(drawing, seed=seed, side_px=96) for seed in (1, 1, 2))

    assert first.tobytes() == again.tobytes()
    assert first.tobytes() != other.tobytes()


def test_a_png_decodes_to_the_picture_that_was_drawn() -> None:
    drawing = named("a red circle on white")

    decoded = Image.open(io.BytesIO(png(drawing, seed=3, side_px=120)))

    assert decoded.tobytes() == draw(drawing, seed=3, side_px=120).tobytes()
    assert min(decoded.size) == 120


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a line chart with two peaks", {"kind": "line", "trait": "two peaks"}),
        ("a dark terminal", {"kind": "terminal", "trait": "dark"}),
        ("a page of text with two columns", {"kind": "text", "trait": "two columns"}),
        ("mountains at night", {"kind": "scene", "scenery": "mountains", "trait": "night"}),
        (
            "a red circle on white",
            {
                "kind": "shapes",
                "colour": "red",
                "shape": "circle",
                "count": "one",
                "ground": "white",
            },
        ),
        (
            "three small red stars on blue",
            {
                "colour": "red",
                "shape": "star",
                "count": "three",
                "size": "small",
                "ground": "blue",
            },
        ),
        (
            "a red circle left of a green ring on yellow",
            {
                "kind": "pair",
                "relation": "left",
                "colour": "red",
                "shape": "circle",
                "colour2": "green",
                "shape2": "ring",
                "ground": "yellow",
            },
        ),
    ],
)
def test_a_name_gives_the_drawing_that_it_asks_for(name: str, expected: dict[str, str]) -> None:
    found = dict(named(name).items())

    assert {key: found[key] for key in expected} == expected


@pytest.mark.parametrize(
    "name",
    ["a photo of justice", "a red ring on red", "a grey star on grey", "a pink bar chart", ""],
)
def test_a_name_that_cannot_be_drawn_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=r"is named|cannot be seen|not to be had"):
        named(name)


def test_an_unknown_value_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match="colour 'mauve' is none of red"):
        Drawing(kind="shapes", colour="mauve")


def test_a_picture_too_small_to_tell_apart_is_refused() -> None:
    with pytest.raises(ValueError, match="side_px 20"):
        draw(named("a map"), seed=1, side_px=20)


@pytest.mark.parametrize("wording", [USUAL, NEW], ids=["usual", "new"])
def test_naming_all_of_a_drawing_is_true_of_that_one_alone(wording: Wording) -> None:
    drawings = pool(540)
    rng = random.Random(5)

    claims = [say(rng, each, whole=True, wording=wording).claims for each in drawings]

    assert truth(claims, drawings).sum(axis=1).tolist() == [1] * len(drawings)


def test_whatever_is_said_is_true_of_the_drawing() -> None:
    rng = random.Random(6)
    drawings = [random_drawing(rng) for _ in range(400)]

    claims = [say(rng, each, whole=False).claims for each in drawings]

    assert truth(claims, drawings).diagonal().all()


def test_a_sibling_is_drawable_and_differs() -> None:
    rng = random.Random(7)

    for _ in range(300):
        drawing = random_drawing(rng)
        other = sibling(rng, drawing)

        assert is_drawable(other)
        assert other != drawing
    assert len(drawing.bits()) == len(ATTRIBUTES)


def test_training_never_sees_what_is_held_out_and_the_pool_has_much_of_it() -> None:
    rng = random.Random(8)

    trained = [drawing for _ in range(20) for drawing in families(rng)]
    held_out = [drawing for drawing in pool() if drawing.is_held_out()]

    assert not any(drawing.is_held_out() for drawing in trained)
    assert len(held_out) >= 150


def test_each_picture_of_a_batch_has_a_true_phrase_and_a_second_picture() -> None:
    batch = make_batch(3)

    assert batch.true.diagonal().all()
    assert not (batch.true & batch.open).any()
    assert (batch.same.sum(axis=1) >= 2).sum() >= len(batch.same) / 2


def test_captions_name_what_was_asked_for() -> None:
    captions = captions_of(named("a red star on white"), count=5)

    assert len(captions) == 5
    assert all("red" in caption and "star" in caption for caption in captions)
