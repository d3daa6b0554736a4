"""Words in pictures from the command line, without any model."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING

import pytest
from PIL import Image, ImageDraw, ImageFont

from tests.e2e.programs import weavclip
from tests.e2e.terminals import on_terminal
from tests.waiting import until
from weavclip import settings, wiring
from weavclip.embed import ocr_extra

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.skipif(
    not ocr_extra.is_installed(), reason="the extra 'ocr' is not installed"
)
LEFT = ["the heron stands in shallow water", "and waits until evening", "for fish that never come"]
RIGHT = ["quarterly figures were better", "than anybody had expected", "in the month before"]


@pytest.fixture(autouse=True)
def reading(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("WEAVCLIP_OCR", "on")
    yield
    weavclip("engine", "--stop")


def two_columns() -> bytes:
    image = Image.new("RGB", (900, 200), "white")
    draw = ImageDraw.Draw(image)
    font = ImageFont.load_default(22)
    for left, lines in ((30, LEFT), (480, RIGHT)):
        for row, text in enumerate(lines):
            draw.text((left, 30 + 45 * row), text, font=font, fill="black")
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def reading_line() -> str:
    """What ``status`` says of the backlog; empty when nothing is left to read."""
    lines = weavclip("status").splitlines()
    return next((line for line in lines if "words in pictures" in line), "")


def test_without_a_model_words_in_a_picture_are_read_found_and_shown(tmp_path: Path) -> None:
    picture = tmp_path / "page.png"
    picture.write_bytes(two_columns())

    used = settings.load().settings
    with wiring.open_ingest(used) as ingest:
        ingest.take_file(picture)
    backlog = reading_line()
    wiring.wake_engine(used)
    until(lambda: not reading_line())
    (found,) = json.loads(weavclip("search", "heron", "--json"))
    shown = json.loads(weavclip("show", found["id"], "--json"))["words_in_picture"]
    printed = on_terminal("show", found["id"], "--no-pictures").lines

    assert backlog.endswith("words in pictures: 1 left")
    assert [each["word"] for each in shown] == " ".join(LEFT + RIGHT).split()
    assert [line for line in printed if line in LEFT + RIGHT] == LEFT + RIGHT


def test_without_a_model_words_alone_start_no_engine(tmp_path: Path) -> None:
    text = tmp_path / "note.txt"
    text.write_text("the heron stands in shallow water")

    weavclip("add", str(text))

    assert json.loads(weavclip("status", "--json"))["engine"] is None
