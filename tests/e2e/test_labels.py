"""Labels from the command line: found as clips arrive, corrected, found again."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from scripts.sample_model import drawings
from tests.e2e.programs import weavclip
from tests.waiting import until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("WEAVCLIP_MODEL", "sample")
    monkeypatch.setenv("WEAVCLIP_INDEX", "exact")
    monkeypatch.setenv("WEAVCLIP_CONFIG", str(tmp_path / "config.toml"))
    folder = tmp_path / "files"
    folder.mkdir()
    chart = drawings.png(drawings.named("a line chart with two peaks"), seed=1, side_px=256)
    (folder / "chart.png").write_bytes(chart)
    (folder / "half.py").write_text("def half(n):\n    return n / 2\n")
    yield folder
    weavclip("engine", "--stop")


def counts() -> dict[str, int]:
    return {each["label"]: each["clips"] for each in json.loads(weavclip("labels", "--json"))}


def labelled(label: str) -> list[str]:
    return [each["id"] for each in json.loads(weavclip("list", "--label", label, "--json"))]


def test_clips_sort_themselves_and_a_person_has_the_last_word(files: Path) -> None:
    weavclip("add", str(files))
    until(lambda: counts()["chart"] == 1)
    (chart,) = labelled("chart")

    weavclip("label", chart, "+work", "-chart")
    corrected = counts()
    weavclip("labels", "rebuild")

    assert (corrected["chart"], corrected["work"], corrected["python"]) == (0, 1, 1)
    assert counts() == corrected
    assert labelled("work") == [chart]
    found = weavclip("search", "label:work", "a line chart with two peaks", "--json")
    assert [each["id"] for each in json.loads(found)] == [chart]


def test_without_a_model_texts_are_labelled_by_their_form_as_they_come(
    files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WEAVCLIP_MODEL", "")

    weavclip("add", str(files))

    assert (counts()["python"], counts()["code"]) == (1, 1)
    assert len(labelled("python")) == 1


def test_a_broken_label_file_is_named_with_its_line_and_keeps_nothing_up(
    files: Path, tmp_path: Path
) -> None:
    own = tmp_path / "labels.toml"
    own.write_text('\n[[label]]\nname = "mine"\ncolour = "red"\n')

    weavclip("labels", code=1)
    weavclip("add", str(files))
    until(lambda: labelled("chart"))
    own.write_text('[[label]]\nname = "line"\ngroup = "kind"\nprompts = ["a line chart"]\n')
    weavclip("labels", "rebuild")

    assert "line" in counts()


def test_without_a_model_texts_are_labelled_when_it_is_asked_for(
    files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WEAVCLIP_MODEL", "")
    weavclip("add", str(files))

    weavclip("labels", "rebuild")

    assert counts()["python"] == 1


def test_a_label_needs_a_clip_and_a_sign(files: Path) -> None:
    weavclip("label", "+work", code=2)
    weavclip("label", "@1", code=2)
    weavclip("label", str(files), "+a", "-a", code=2)
