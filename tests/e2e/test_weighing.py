"""Compare and rank from the command line, with the sample model."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from scripts.sample_model import drawings
from tests.e2e.programs import weavclip
from tests.e2e.terminals import on_terminal
from tests.waiting import until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DRAWN = ("mountains at night", "a line chart with two peaks", "mountains by day")


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("WEAVCLIP_MODEL", "sample")
    monkeypatch.setenv("WEAVCLIP_INDEX", "exact")
    monkeypatch.setenv("WEAVCLIP_CONFIG", str(tmp_path / "config.toml"))
    folder = tmp_path / "files"
    folder.mkdir()
    for place, name in enumerate(DRAWN):
        picture = drawings.png(drawings.named(name), seed=place, side_px=256)
        (folder / f"{place}.png").write_bytes(picture)
    (folder / "words.txt").write_text("mountains at night, and a long way home")
    yield folder
    weavclip("engine", "--stop")


def compared(subject: str, *prompts: str) -> dict[str, float]:
    rows = json.loads(weavclip("compare", subject, *prompts, "--json"))
    return {row["prompt"]: row["probability"] for row in rows}


def test_the_sentence_that_fits_a_file_a_clip_or_a_text_is_the_likeliest(files: Path) -> None:
    prompts = ("mountains at night", "a line chart")
    weavclip("add", str(files))
    weavclip("list", "--kind", "image")

    picture = compared(str(files / "0.png"), *prompts)
    text = compared("mountains at night", *prompts)
    written = compared(str(files / "words.txt"), *prompts)
    clip = compared("@2", *prompts)

    assert sum(picture.values()) == pytest.approx(1)
    assert picture["mountains at night"] > 0.9
    assert text["mountains at night"] > 0.9
    assert written["mountains at night"] > 0.5
    assert clip["a line chart"] > 0.9


@pytest.mark.usefixtures("files")
@pytest.mark.parametrize("words", [("", "one", "two"), ("words", "one", ""), ("words", " ", "a")])
def test_nothing_is_compared_with_an_empty_sentence(words: tuple[str, ...]) -> None:
    weavclip("compare", *words, code=1)


def test_what_cannot_be_compared_is_said(files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (files / "noise.bin").write_bytes(b"\xff\xfe\x00\x01")

    weavclip("compare", str(files / "0.png"), "one", code=1)
    weavclip("compare", str(files / "noise.bin"), "one", "two", code=1)
    weavclip("compare", "@9", "one", "two", code=1)
    monkeypatch.setenv("WEAVCLIP_MODEL", "")
    weavclip("compare", "words", "one", "two", code=1)
    weavclip("rank", "--by", "night", code=1)


@pytest.mark.usefixtures("files")
def test_a_picture_that_is_not_there_is_told_and_bars_fit_the_terminal() -> None:
    shown = on_terminal(
        "compare", "gone.png", "a line chart", "mountains at night", columns=40, NO_COLOR="1"
    )

    first, *rows = shown.lines
    assert first == "weavclip: there is no file gone.png: taken as a text"
    assert len(rows) == 2
    assert max(map(len, rows)) <= 40


def test_a_set_is_ranked_by_a_quality_and_its_opposite(files: Path) -> None:
    weavclip("add", str(files))
    until(lambda: len(ranked("--by", "night")) == 4)

    night = ranked("--by", "mountains at night", "--not", "mountains by day", "--kind", "image")
    day = ranked("--by", "mountains by day", "--not", "mountains at night", "--kind", "image")

    assert len(night) == len(day) == 3
    assert night == day[::-1]
    assert night[0] != day[0]
    assert ranked("--by", "night", "--limit", "1") == ranked("--by", "night")[:1]


def ranked(*options: str) -> list[str]:
    return [each["id"] for each in json.loads(weavclip("rank", *options, "--json"))]
