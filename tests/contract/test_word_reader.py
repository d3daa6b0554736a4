"""What every reader of words in pictures promises, shown by the real one where it is installed."""

from __future__ import annotations

import os
from contextlib import closing
from typing import TYPE_CHECKING

import numpy as np
import psutil
import pytest
from PIL import Image, ImageDraw, ImageFont

from tests.waiting import until
from weavclip.domain.errors import ModelError, PictureError
from weavclip.domain.seen import Pixels
from weavclip.embed import ocr_extra
from weavclip.embed.ocr import MEMORY_BYTES, OcrReader

if TYPE_CHECKING:
    from collections.abc import Iterator

    from weavclip.domain.seen import Box

needs_ocr = pytest.mark.skipif(
    not ocr_extra.is_installed(), reason="the extra 'ocr' is not installed"
)


@pytest.fixture(scope="module")
def reader() -> Iterator[OcrReader]:
    with closing(OcrReader()) as found:
        yield found


def pixels_of(image: Image.Image) -> Pixels:
    plain = image.convert("RGB")
    return Pixels(plain.width, plain.height, plain.tobytes())


def page(
    *texts: tuple[int, int, str], size: tuple[int, int] = (900, 300), size_px: int = 20
) -> Image.Image:
    image = Image.new("RGB", size, "white")
    draw = ImageDraw.Draw(image)
    for left, top, text in texts:
        draw.text((left, top), text, font=ImageFont.load_default(size_px), fill="black")
    return image


def contains(box: Box, left: int, top: int) -> bool:
    return box.left <= left <= box.right and box.top <= top <= box.bottom


@needs_ocr
def test_words_are_read_where_they_stand(reader: OcrReader) -> None:
    image = page((40, 30, "Quarterly revenue"), (40, 200, "Total 4711"))

    seen = reader.read(pixels_of(image))

    assert seen.text.splitlines() == ["Quarterly revenue", "Total 4711"]
    assert len(seen.boxes) == 4
    assert contains(seen.boxes[0], 60, 42)
    assert contains(seen.boxes[2], 60, 212)


@needs_ocr
def test_labels_that_run_up_or_down_are_read(reader: OcrReader) -> None:
    image = page((300, 130, "upright words"))
    label = page((10, 8, "vertical label"), size=(170, 40))
    image.paste(label.rotate(90, expand=True), (40, 60))
    image.paste(label.rotate(270, expand=True), (800, 60))

    found = reader.read(pixels_of(image)).text

    assert found.count("vertical label") == 2
    assert "upright words" in found


@needs_ocr
@pytest.mark.parametrize("degrees", [180, 9, -9])
def test_a_picture_that_is_turned_is_read(reader: OcrReader, degrees: int) -> None:
    upright = page((120, 120, "the heron stands in water"), (120, 180, "and waits"))

    seen = reader.read(pixels_of(upright.rotate(degrees, fillcolor="white")))

    assert sorted(seen.text.split()) == sorted(
        ["the", "heron", "stands", "in", "water", "and", "waits"]
    )


@needs_ocr
def test_a_large_screen_is_read_over_its_tiles(reader: OcrReader) -> None:
    long = "one line of words that goes on and on over every edge of a tile until it ends"
    image = page((700, 590, long), (20, 1300, "last"), size=(2560, 1440))

    seen = reader.read(pixels_of(image))

    assert seen.text.splitlines() == [long, "last"]
    assert contains(seen.boxes[-1], 35, 1312)


@needs_ocr
def test_codes_are_read_and_named(reader: OcrReader) -> None:
    import zxingcpp

    image = page((20, 20, "scan this"))
    code = zxingcpp.create_barcode("https://example.org/42", zxingcpp.BarcodeFormat.QRCode)
    image.paste(Image.fromarray(np.array(code.to_image(scale=4))), (300, 60))

    seen = reader.read(pixels_of(image))

    assert seen.text.splitlines() == ["scan this", "QR code: https://example.org/42"]
    assert len(seen.boxes) == len(seen.text.split())
    assert contains(seen.boxes[-1], 350, 110)


@needs_ocr
@pytest.mark.parametrize("size", [(1, 1), (3, 400), (400, 3), (640, 480)])
def test_a_picture_without_words_has_none(reader: OcrReader, size: tuple[int, int]) -> None:
    assert reader.read(pixels_of(Image.new("RGB", size, "grey"))).text == ""


@needs_ocr
def test_closing_gives_all_memory_back_and_reading_starts_anew() -> None:
    with closing(OcrReader()) as reader:
        reader.read(pixels_of(page((40, 30, "first"))))
        first = reader.pid

        reader.close()
        gone = not psutil.pid_exists(first)
        again = reader.read(pixels_of(page((40, 30, "second"))))

        assert (gone, again.text) == (True, "second")
        assert reader.pid != first


@needs_ocr
@pytest.mark.skipif(not hasattr(os, "fork"), reason="the system has no such limits")
def test_the_child_opens_nothing_and_reports_nothing(reader: OcrReader) -> None:
    reader.read(pixels_of(page((40, 30, "once"))))
    child = psutil.Process(reader.pid)

    assert child.rlimit(psutil.RLIMIT_NOFILE) == (0, 0)
    assert child.rlimit(psutil.RLIMIT_AS)[0] == MEMORY_BYTES
    assert child.nice() >= 10
    assert child.environ()["ORT_DISABLE_TELEMETRY"] == "1"
    assert not {"HOME", "USER", "DISPLAY"} & set(child.environ())
    assert child.net_connections() == []


def test_a_child_that_hangs_costs_its_picture_and_its_time_only() -> None:
    with closing(OcrReader(timeout_s=0.01)) as reader:
        with pytest.raises(PictureError, match=r"took over 0\.01 s"):
            reader.read(pixels_of(page()))

        until(lambda: reader.pid == 0)


def test_too_little_memory_is_an_error_and_no_end() -> None:
    large = pixels_of(page((40, 30, "words"), size=(2000, 1000)))

    with (
        closing(OcrReader(memory_bytes=1 << 20)) as reader,
        pytest.raises((PictureError, ModelError)),
    ):
        reader.read(large)
