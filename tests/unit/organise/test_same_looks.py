from __future__ import annotations

import io
import weakref
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image, ImageDraw

from scripts.sample_model import drawings
from weavclip.domain.alike import Likeness
from weavclip.domain.clip import new_id
from weavclip.domain.seen import COARSE_PX, FINE_PX, Greys
from weavclip.organise import same_looks
from weavclip.organise.same_looks import OUTLINE, Album, Look, are_nearly_equal, groups, look_of
from weavclip.pictures.decoding import greys

if TYPE_CHECKING:
    from collections.abc import Iterator

NAMES = ("mountains at night", "a line chart with two peaks", "a terminal", "a map", "a chat")


def drawn(name: str, *, seed: int = 1) -> Image.Image:
    encoded = drawings.png(drawings.named(name), seed=seed, side_px=256)
    return Image.open(io.BytesIO(encoded)).convert("RGB")


def looked(picture: Image.Image, *, width_px: int = 0) -> Look:
    file = io.BytesIO()
    picture.save(file, "PNG")
    small = greys(file.getvalue(), max_pixels=10**7)
    found = look_of(small, width_px=width_px or picture.width, height_px=picture.height)
    assert found is not None
    return found


def scaled(picture: Image.Image, factor: float) -> Image.Image:
    return picture.resize((round(picture.width * factor), round(picture.height * factor)))


def as_jpeg(picture: Image.Image, *, quality: int) -> Image.Image:
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=quality)
    return Image.open(file).convert("RGB")


@pytest.mark.parametrize("name", NAMES)
def test_a_picture_at_another_size_and_quality_is_nearly_equal(name: str) -> None:
    picture = drawn(name)

    own = looked(picture)

    assert are_nearly_equal(own, looked(as_jpeg(picture, quality=60)))
    assert are_nearly_equal(own, looked(scaled(picture, 1.5)))
    assert are_nearly_equal(own, looked(as_jpeg(scaled(picture, 0.5), quality=60)))


def test_different_pictures_are_not() -> None:
    looks = [looked(drawn(name, seed=seed)) for name in NAMES for seed in (1, 2)]

    assert groups(enumerate(looks)) == []


def test_the_same_screen_with_another_line_is_another_picture() -> None:
    screen = Image.new("RGB", (320, 180), "white")
    pen = ImageDraw.Draw(screen)
    for row in range(12):
        pen.rectangle((10, 10 + 14 * row, 300 - 17 * (row % 3), 16 + 14 * row), fill="black")
    other = screen.copy()
    ImageDraw.Draw(other).rectangle((260, 10, 320, 16), fill="white")

    one, two = looked(screen), looked(other)

    assert float(one.coarse @ two.coarse) > 0.95
    assert not are_nearly_equal(one, two)


def test_pictures_of_another_shape_are_not_the_same() -> None:
    picture = drawn("a map")

    assert not are_nearly_equal(
        looked(picture), looked(picture, width_px=round(1.1 * picture.width))
    )
    assert are_nearly_equal(looked(picture), looked(picture, width_px=round(1.01 * picture.width)))


def test_a_picture_of_one_colour_is_like_nothing() -> None:
    white = Greys(b"\xff" * FINE_PX**2, b"\xff" * COARSE_PX**2)

    assert look_of(white, width_px=8, height_px=8) is None


def test_who_stands_for_a_group_is_the_first_of_it() -> None:
    one, other = looked(drawn("a map")), looked(drawn("a chat"))

    found = groups(zip("abcde", [one, other, one, other, one], strict=True))

    assert found == [("a", ("c", "e")), ("b", ("d",))]


def test_of_a_large_group_one_look_is_held(monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = drawn("a map"), drawn("a chat")
    alive: list[weakref.ref[object]] = []
    most = 0

    def looks() -> Iterator[tuple[int, Look]]:
        nonlocal most
        for number, picture in enumerate([*[one] * 9, other, other]):
            look = looked(picture)
            alive.append(weakref.ref(look.fine))
            most = max(most, sum(each() is not None for each in alive))
            yield number, look

    monkeypatch.setattr(same_looks, "MOST_STANDING", 1)

    # Of a second picture none is held: it is compared with no other.
    assert groups(looks()) == [(0, tuple(range(1, 9)))]
    assert most <= 3


def test_an_album_names_every_picture_that_may_be_nearly_equal() -> None:
    looks = [looked(drawn(name, seed=seed)) for name in NAMES for seed in range(6)]
    again = [looked(scaled(drawn(name, seed=seed), 0.8)) for name in NAMES for seed in (0, 1)]
    ids = [new_id() for _ in looks]

    album = Album([], [], b"")
    for clip_id, look in zip(ids, looks, strict=True):
        album.add(clip_id, look.likeness)

    for look in again:
        near = {
            each for each, other in zip(ids, looks, strict=True) if are_nearly_equal(look, other)
        }
        assert near
        assert near <= set(album.candidates(look.likeness, limit=30))


def test_an_outline_bounds_the_correlation_from_above() -> None:
    looks = [looked(drawn(name, seed=seed)) for name in NAMES for seed in range(3)]
    outlines = np.stack([np.frombuffer(e.likeness.outline, "<f2").astype(float) for e in looks])
    coarse = np.stack([each.coarse for each in looks])

    assert outlines.shape == (15, OUTLINE)
    assert (outlines @ outlines.T - coarse @ coarse.T).min() > -0.005


def test_an_album_that_was_read_is_the_one_that_grew() -> None:
    random = np.random.default_rng(1).normal(size=(200, OUTLINE)).astype("<f2")
    kept = [Likeness(shape=1.5, outline=row.tobytes()) for row in random]
    ids = [new_id() for _ in kept]
    read = Album(ids, [1.5] * 200, random.tobytes())
    grown = Album(ids[:1], [1.5], random[:1].tobytes())
    for clip_id, each in zip(ids[1:], kept[1:], strict=True):
        grown.add(clip_id, each)

    found = [album.candidates(kept[7], limit=300) for album in (read, grown)]

    assert found[0] == found[1]
    assert found[0][0] == ids[7]
