from __future__ import annotations

import io

import pytest
from PIL import Image, ImageDraw

from scripts.sample_model import drawings
from weavclip.domain.seen import Pixels
from weavclip.pictures.in_full import are_equal_in_full


def pixels(picture: Image.Image) -> Pixels:
    return Pixels(*picture.size, picture.tobytes())


def drawn(name: str) -> Image.Image:
    encoded = drawings.png(drawings.named(name), seed=1, side_px=256)
    return Image.open(io.BytesIO(encoded)).convert("RGB")


def as_jpeg(picture: Image.Image) -> Image.Image:
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=60)
    return Image.open(file).convert("RGB")


@pytest.mark.parametrize("name", ["a map", "a terminal", "mountains at night"])
def test_another_encoding_and_size_is_the_same_picture(name: str) -> None:
    picture = drawn(name)
    small = picture.resize((picture.width // 2, picture.height // 2))

    assert are_equal_in_full(pixels(picture), pixels(as_jpeg(picture)))
    assert are_equal_in_full(pixels(picture), pixels(small))
    assert are_equal_in_full(pixels(small), pixels(picture))


@pytest.mark.parametrize("top", [10, 590])
def test_one_other_word_on_a_screen_is_another_picture(top: int) -> None:
    screen = Image.new("RGB", (800, 620), "white")
    pen = ImageDraw.Draw(screen)
    for row in range(0, 600, 20):
        pen.text((20, 10 + row), "the same words in every line of this page", fill="black")
    other = screen.copy()
    pen = ImageDraw.Draw(other)
    pen.rectangle((19, top, 60, top + 14), fill="white")
    pen.text((20, top), "thou", fill="black")

    assert are_equal_in_full(pixels(screen), pixels(as_jpeg(screen)))
    assert not are_equal_in_full(pixels(screen), pixels(other))
    assert not are_equal_in_full(pixels(other), pixels(as_jpeg(screen)))
