"""Nearly equal pictures are found, and all but one of them forgotten after a yes."""

from __future__ import annotations

import io
import json
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image

from scripts.sample_model import drawings
from tests.e2e.programs import WEAVCLIP, weavclip
from tests.waiting import WITHIN_S, until

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
    for place, name in enumerate(("mountains at night", "a map")):
        encoded = drawings.png(drawings.named(name), seed=place, side_px=256)
        (folder / f"{place}.png").write_bytes(encoded)
    with Image.open(io.BytesIO((folder / "0.png").read_bytes())) as picture:
        half = (picture.width // 2, picture.height // 2)
        picture.convert("RGB").resize(half).save(folder / "small.jpg", quality=60)
    yield folder
    weavclip("engine", "--stop")


def found() -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(weavclip("duplicates", "--json"))
    return rows


def test_the_largest_of_nearly_equal_pictures_stays(files: Path) -> None:
    weavclip("add", str(files))
    (same,) = until(found)
    shown = json.loads(weavclip("show", same["kept"]["id"], "--json"))
    weavclip("duplicates", "--forget", code=1)  # nobody can be asked
    unasked = found()
    weavclip("duplicates", "--forget", "--yes")

    assert same["kept"]["height_px"] == 256
    assert [each["height_px"] for each in same["others"]] == [128]
    assert shown["alike"] == [same["others"][0]["id"]]
    assert unasked == [same]
    assert found() == []
    assert len(json.loads(weavclip("list", "--json"))) == 2


def test_a_pinned_picture_is_kept_in_any_case(files: Path) -> None:
    weavclip("add", str(files))
    (same,) = until(found)
    weavclip("pin", same["kept"]["id"], same["others"][0]["id"])

    weavclip("duplicates", "--forget", "--yes")

    assert len(json.loads(weavclip("list", "--json"))) == 3


def test_without_a_model_nobody_is_said_to_compare(
    files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WEAVCLIP_MODEL", "")
    (files.parent / "a.txt").write_text("a text")
    weavclip("add", str(files.parent / "a.txt"))
    weavclip("list")

    done = subprocess.run(
        [*WEAVCLIP, "duplicates"], capture_output=True, check=True, timeout=WITHIN_S
    )

    assert b"1 clip still to be compared; that takes a model: weavclip model add" in done.stderr
    assert weavclip("show", "@1") == "a text"  # where none are found the last list stays
