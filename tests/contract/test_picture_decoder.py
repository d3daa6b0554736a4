from __future__ import annotations

import hashlib
import io
import os
import signal
import subprocess
import sys
import threading
from contextlib import closing
from typing import TYPE_CHECKING

import numpy as np
import psutil
import pytest
from PIL import Image, ImageOps

from tests.unit.pictures.encoded import drawing, hostile, png, saved
from tests.waiting import WITHIN_S, until
from weavclip.domain.errors import PictureError
from weavclip.domain.vectors import ModelCard, Picture
from weavclip.embed.catalogue import MEAN, STD
from weavclip.embed.towers import as_tensor
from weavclip.pictures.children import ChildDecoder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

SIDE = 64
LOSSLESS = ("PNG", "BMP", "TIFF", "WEBP")
HOSTILE = hostile()


@pytest.fixture(scope="module")
def decoder() -> Iterator[ChildDecoder]:
    with closing(ChildDecoder(max_pixels=50_000_000, workers=2, timeout_s=WITHIN_S)) as found:
        yield found


def children() -> list[psutil.Process]:
    return [each for each in psutil.Process().children(recursive=True) if decodes(each)]


def newest() -> int:
    """The child that was made last: numbers begin again some time."""
    last = max(children(), key=lambda each: each.create_time())
    return int(last.pid)


def decodes(process: psutil.Process) -> bool:
    try:
        return "weavclip.pictures.child" in process.cmdline()
    except psutil.NoSuchProcess:  # a zombie, too: it may become one at any time
        return False


def middle_colour(picture: Picture) -> NDArray[np.uint8]:
    return np.asarray(picture.square[SIDE // 2, SIDE // 2])


def test_a_photo_becomes_openais_own_tensor(decoder: ChildDecoder, shared_data: Path) -> None:
    golden = shared_data / "golden"
    card = ModelCard(id="any", dim=1, resolution_px=224, mean=MEAN, std=STD)

    picture = decoder.decode((golden / "franz-kafka.jpg").read_bytes(), size_px=224)

    expected = np.load(golden / "expected_preprocessed_image.npy")
    assert np.abs(as_tensor([picture.square], card) - expected).max() <= 1e-5
    assert (picture.width_px, picture.height_px) == (450, 655)


@pytest.mark.parametrize("form", ["PNG", "BMP", "TIFF", "WEBP", "GIF", "JPEG", "AVIF"])
def test_every_known_format_is_decoded(decoder: ChildDecoder, form: str) -> None:
    image = drawing(200, 120)
    lossless = {"lossless": True} if form == "WEBP" else {}

    picture = decoder.decode(saved(image, form, **lossless), size_px=SIDE)

    square = decoder.decode(saved(image), size_px=SIDE).square.astype(int)
    assert (picture.width_px, picture.height_px) == (200, 120)
    assert np.abs(picture.square - square).mean() < (0.01 if form in LOSSLESS else 6)


GREY = Image.new("RGB", (80, 80), (128, 128, 128))
MODES = {
    "1": (Image.new("1", (80, 80), 1), "PNG", 255),
    "L": (GREY.convert("L"), "PNG", 128),
    "LA": (GREY.convert("LA"), "PNG", 128),
    "P": (GREY.quantize(4), "PNG", 128),
    "RGBA": (GREY.convert("RGBA"), "PNG", 128),
    "CMYK": (GREY.convert("CMYK"), "TIFF", 128),
    "CMYK JPEG": (GREY.convert("CMYK"), "JPEG", 128),
    "YCbCr": (GREY.convert("YCbCr"), "TIFF", 128),
    "16 bits": (Image.fromarray(np.full((80, 80), 32_768, np.uint16)), "PNG", 128),
    "16 bits in TIFF": (Image.fromarray(np.full((80, 80), 32_768, np.uint16)), "TIFF", 128),
    "float": (
        Image.fromarray(np.tile(np.linspace(0, 9, 81, dtype=np.float32), (81, 1))),
        "TIFF",
        128,
    ),
}


@pytest.mark.parametrize("name", MODES)
def test_every_mode_shows_its_colour(decoder: ChildDecoder, name: str) -> None:
    image, form, expected = MODES[name]

    colour = middle_colour(decoder.decode(saved(image, form), size_px=SIDE)).astype(int)

    assert np.abs(colour - expected).max() <= 3


def test_what_cannot_be_seen_is_white(decoder: ChildDecoder) -> None:
    hidden = Image.new("RGBA", (80, 80), (200, 0, 0, 0))
    half = Image.new("RGBA", (80, 80), (0, 0, 0, 128))
    palette = Image.new("P", (80, 80), 1)
    palette.putpalette([0, 0, 0, 9, 9, 9])

    found = [
        middle_colour(decoder.decode(encoded, size_px=SIDE)).tolist()
        for encoded in (saved(hidden), saved(half), saved(palette, transparency=1))
    ]

    assert found == [[255] * 3, [127] * 3, [255] * 3]


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_turned_photo_is_set_upright(decoder: ChildDecoder, orientation: int) -> None:
    image = drawing(120, 80)
    exif = Image.Exif()
    exif[0x0112] = orientation
    encoded = saved(image, "PNG", exif=exif)

    picture = decoder.decode(encoded, size_px=SIDE)

    with Image.open(io.BytesIO(encoded)) as opened:
        upright = ImageOps.exif_transpose(opened)
    expected = decoder.decode(saved(upright), size_px=SIDE)
    assert (picture.width_px, picture.height_px) == upright.size
    assert (picture.square == expected.square).all()
    assert picture.pixel_digest == expected.pixel_digest


def test_an_animation_is_its_first_frame(decoder: ChildDecoder) -> None:
    frames = [Image.new("RGB", (50, 50), colour) for colour in ("red", "blue", "green")]
    encoded = saved(frames[0], "GIF", save_all=True, append_images=frames[1:])

    assert middle_colour(decoder.decode(encoded, size_px=SIDE)).tolist() == [255, 0, 0]


def test_equal_pixels_have_one_digest_under_any_encoding(decoder: ChildDecoder) -> None:
    image = drawing(90, 70).quantize(32).convert("RGB")
    encodings = [
        saved(image),
        saved(image, compress_level=1),
        saved(image, "BMP"),
        saved(image, "WEBP", lossless=True),
        saved(image.quantize(32), "PNG"),
        saved(image.convert("RGBA")),
    ]

    digests = {decoder.decode(each, size_px=SIDE).pixel_digest for each in encodings}

    assert len(digests) == 1
    assert len(digests.pop()) == hashlib.sha256().digest_size


def test_one_other_pixel_or_size_makes_another_digest(decoder: ChildDecoder) -> None:
    image, turned = drawing(90, 60), drawing(90, 60).transpose(Image.Transpose.ROTATE_90)
    changed, seen_through = image.copy(), image.convert("RGBA")
    changed.putpixel((89, 59), (1, 2, 3))
    seen_through.putpixel((0, 0), (0, 0, 0, 0))

    digests = {
        decoder.decode(saved(each), size_px=SIDE).pixel_digest
        for each in (image, turned, changed, seen_through)
    }

    assert len(digests) == 4


def test_a_thumbnail_is_a_small_jpeg_of_the_whole(decoder: ChildDecoder) -> None:
    rough = np.random.default_rng(1).integers(0, 256, (900, 1600, 3), np.uint8)

    pictures = [
        decoder.decode(saved(image), size_px=side)
        for image in (Image.fromarray(rough), drawing(20, 10), drawing(30, 3000))
        for side in (SIDE, 224)
    ]

    for picture in pictures:
        with Image.open(io.BytesIO(picture.thumbnail)) as thumbnail:
            assert thumbnail.format == "JPEG"
            assert max(thumbnail.size) <= 320
            wide = picture.width_px > picture.height_px
            assert (thumbnail.width > thumbnail.height) == wide
        assert len(picture.thumbnail) <= 32 * 1024


@pytest.mark.parametrize("size", [(1, 1), (1, 5000), (5000, 1), (63, 64), (64, 64)])
def test_any_shape_fills_the_square(decoder: ChildDecoder, size: tuple[int, int]) -> None:
    picture = decoder.decode(saved(Image.new("RGB", size, "red")), size_px=SIDE)

    assert (picture.square == (255, 0, 0)).all()
    assert (picture.width_px, picture.height_px) == size


def test_a_large_jpeg_is_decoded_smaller_and_is_nearly_the_same(decoder: ChildDecoder) -> None:
    image = drawing(4000, 3000)

    picture = decoder.decode(saved(image, "JPEG", quality=95), size_px=224)

    exact = image.resize((298, 224), Image.Resampling.BICUBIC).crop((37, 0, 261, 224))
    assert (picture.width_px, picture.height_px) == (4000, 3000)
    assert np.abs(picture.square - np.asarray(exact, int)).mean() < 2


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_hostile_or_damaged_is_a_picture_error(decoder: ChildDecoder, name: str) -> None:
    with pytest.raises(PictureError) as raised:
        decoder.decode(HOSTILE[name], size_px=SIDE)

    assert str(raised.value)
    assert middle_colour(decoder.decode(saved(drawing()), size_px=SIDE)).shape == (3,)


def test_an_archive_behind_a_picture_changes_nothing(decoder: ChildDecoder) -> None:
    encoded = saved(drawing())

    both = decoder.decode(encoded + b"PK\x03\x04" + b"x" * 1000, size_px=SIDE)

    assert both.pixel_digest == decoder.decode(encoded, size_px=SIDE).pixel_digest


def test_a_whole_picture_has_every_pixel_upright_and_on_white(decoder: ChildDecoder) -> None:
    seen_through = drawing(9, 5).convert("RGBA")
    seen_through.putpixel((0, 0), (0, 0, 0, 0))
    turned = Image.Exif()
    turned[0x0112] = 6

    pixels = decoder.whole(saved(seen_through, exif=turned))

    assert (pixels.width_px, pixels.height_px, pixels.reduced) == (5, 9, 1)
    upright = np.frombuffer(pixels.rgb, np.uint8).reshape(9, 5, 3)
    assert upright[0, 4].tolist() == [255, 255, 255]
    expected = np.asarray(drawing(9, 5).transpose(Image.Transpose.ROTATE_270))
    assert np.array_equal(upright[1:], expected[1:])


def test_a_whole_picture_over_24_megapixels_is_averaged_down(decoder: ChildDecoder) -> None:
    pixels = decoder.whole(png(8_000, 6_000))

    assert (pixels.width_px, pixels.height_px, pixels.reduced) == (4_000, 3_000, 2)


@pytest.mark.parametrize("name", ["torn png", "png of 30,000 x 30,000", "plain words"])
def test_a_whole_picture_is_no_way_around_the_limits(decoder: ChildDecoder, name: str) -> None:
    with pytest.raises(PictureError):
        decoder.whole(HOSTILE[name])


def test_a_picture_in_small_is_upright_on_white_and_squeezed_to_squares(
    decoder: ChildDecoder,
) -> None:
    half = Image.new("RGBA", (300, 90), "black")
    half.paste((0, 0, 0, 0), (0, 0, 150, 90))  # its left is seen through
    turned = Image.Exif()
    turned[0x0112] = 3

    small = decoder.greys(saved(half, exif=turned))

    for values, side in ((small.fine, 96), (small.coarse, 32)):
        found = np.frombuffer(values, np.uint8).reshape(side, side)
        assert (found[:, : side // 2 - 1] == 0).all()
        assert (found[:, side // 2 + 1 :] == 255).all()


@pytest.mark.parametrize("name", ["torn png", "png of 30,000 x 30,000", "plain words"])
def test_a_picture_in_small_is_no_way_around_the_limits(decoder: ChildDecoder, name: str) -> None:
    with pytest.raises(PictureError):
        decoder.greys(HOSTILE[name])


def test_a_bomb_just_over_the_limit_is_refused_and_one_under_it_decoded() -> None:
    with closing(ChildDecoder(max_pixels=1_000_000, workers=1)) as strict:
        with pytest.raises(PictureError, match="1,000,000"):
            strict.decode(png(1001, 1000), size_px=SIDE)

        assert strict.decode(png(1000, 1000), size_px=SIDE).width_px == 1000


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "CMYK", "I;16"])
def test_fifty_megapixels_fit_into_a_childs_memory(mode: str) -> None:
    kinds = {"RGB": ("PNG", 0), "RGBA": ("PNG", 9), "CMYK": ("TIFF", 0), "I;16": ("PNG", 0)}
    form, value = kinds[mode]
    fill = (value,) * len(mode) if mode.isalpha() else value
    options = {"compression": "tiff_lzw"} if form == "TIFF" else {"compress_level": 1}
    encoded = saved(Image.new(mode, (7071, 7071), fill), form, **options)

    with closing(ChildDecoder(max_pixels=50_000_000, workers=1, timeout_s=WITHIN_S)) as decoder:
        assert decoder.decode(encoded, size_px=224).width_px == 7071


def test_memory_over_the_limit_ends_the_picture_not_the_decoder() -> None:
    with closing(ChildDecoder(max_pixels=50_000_000, memory_bytes=180 << 20, workers=1)) as small:
        with pytest.raises(PictureError, match=r"memory|ended"):
            small.decode(png(6000, 6000), size_px=SIDE)

        assert small.decode(saved(drawing()), size_px=SIDE).width_px == 40


def test_several_are_decoded_in_order_and_one_failure_is_its_own(decoder: ChildDecoder) -> None:
    sizes = [10 + 3 * number for number in range(30)]
    encoded = [saved(drawing(size, 20)) for size in sizes]
    encoded[7] = b"torn"

    found = list(decoder.decode_many(iter(encoded), size_px=SIDE))

    assert isinstance(found[7], PictureError)
    widths = [each.width_px for each in found if isinstance(each, Picture)]
    assert widths == sizes[:7] + sizes[8:]


def test_pictures_are_read_ahead_but_not_all_at_once(decoder: ChildDecoder) -> None:
    read: list[int] = []

    def source() -> Iterator[bytes]:
        for number in range(100):
            read.append(number)
            yield saved(drawing())

    stream = decoder.decode_many(source(), size_px=SIDE)
    next(stream)

    assert 2 <= len(read) <= 20
    del stream  # ends it: what was begun is dropped


def test_a_child_that_is_killed_is_replaced() -> None:
    with closing(ChildDecoder(max_pixels=10**6, workers=1)) as decoder:
        decoder.decode(saved(drawing()), size_px=SIDE)
        before = {each.pid for each in children()}
        victim = newest()
        os.kill(victim, signal.SIGKILL)
        until(lambda: victim not in {each.pid for each in children()}, what="the child is gone")

        assert decoder.decode(saved(drawing()), size_px=SIDE).width_px == 40
        assert {each.pid for each in children()} - before


def test_a_child_that_hangs_costs_its_picture_and_its_time_only() -> None:
    with closing(ChildDecoder(max_pixels=10**6, workers=1, timeout_s=6)) as decoder:
        decoder.decode(saved(drawing()), size_px=SIDE)
        stopped = newest()
        os.kill(stopped, signal.SIGSTOP)

        with pytest.raises(PictureError, match=r"over 6 s"):
            decoder.decode(saved(drawing()), size_px=SIDE)

        assert decoder.decode(saved(drawing()), size_px=SIDE).width_px == 40
        assert stopped not in {each.pid for each in children()}


def test_closing_ends_every_child() -> None:
    others = {each.pid for each in children()}
    decoder = ChildDecoder(max_pixels=10**6, workers=2)
    list(decoder.decode_many([saved(drawing())] * 6, size_px=SIDE))
    own = {each.pid for each in children()} - others

    decoder.close()

    assert own
    until(lambda: not own & {each.pid for each in children()}, what="the children are gone")
    with pytest.raises(PictureError, match="closed"):
        decoder.decode(saved(drawing()), size_px=SIDE)


def test_a_child_is_limited_and_holds_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_TOKEN", "x")
    before = {each.pid for each in children()}
    with closing(ChildDecoder(max_pixels=10**6, workers=1)) as own:
        own.decode(saved(drawing()), size_px=SIDE)
        child = next(each for each in children() if each.pid not in before)

        assert child.rlimit(psutil.RLIMIT_AS)[0] < 1 << 30
        assert child.rlimit(psutil.RLIMIT_CORE) == (0, 0)
        assert child.rlimit(psutil.RLIMIT_FSIZE) == (0, 0)
        assert os.getpgid(child.pid) == child.pid
        assert child.nice() >= min(19, psutil.Process().nice() + 1)
        assert "SECRET_TOKEN" not in child.environ()


def test_a_killed_owner_leaves_no_child_behind() -> None:
    program = (
        "import sys, threading, psutil; from weavclip.pictures.children import ChildDecoder\n"
        "decoder = ChildDecoder(max_pixels=10**6, workers=1)\n"
        "decoder.decode(sys.stdin.buffer.read(), size_px=64)\n"
        "print(*(each.pid for each in psutil.Process().children()), flush=True)\n"
        "threading.Event().wait(30)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as owner:
        assert owner.stdin is not None
        assert owner.stdout is not None
        owner.stdin.write(saved(drawing()))
        owner.stdin.close()
        pids = [int(word) for word in owner.stdout.readline().split()]
        owner.kill()

    assert pids
    until(lambda: not any(is_running(pid) for pid in pids), what="the children are gone")


def is_running(pid: int) -> bool:
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def test_threads_share_a_decoder(decoder: ChildDecoder) -> None:
    encoded = [saved(drawing(10 + number, 20)) for number in range(8)]
    widths: dict[int, int] = {}

    def work(number: int) -> None:
        widths[number] = decoder.decode(encoded[number], size_px=SIDE).width_px

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(WITHIN_S)

    assert widths == {number: 10 + number for number in range(8)}
