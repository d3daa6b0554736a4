"""Vectors for other programs, with the sample model."""

from __future__ import annotations

import json
import stat
from typing import TYPE_CHECKING

import numpy as np
import pytest

from scripts.sample_model import drawings
from tests.e2e.programs import weavclip

if TYPE_CHECKING:
    from pathlib import Path

DIM = 128


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("WEAVCLIP_MODEL", "sample")
    folder = tmp_path / "files"
    folder.mkdir()
    for place in range(9):  # more than go through the model at once
        picture = drawings.png(drawings.named("mountains at night"), seed=place, side_px=64)
        (folder / f"{place}.png").write_bytes(picture)
    (folder / "words.txt").write_text("mountains at night")
    (folder / "noise.bin").write_bytes(b"\xff\x00\xfe")
    return folder


def test_files_become_rows_with_their_paths_and_the_models_card(
    folder: Path, tmp_path: Path
) -> None:
    out = tmp_path / "vectors.npz"

    weavclip("embed", str(folder), "-o", str(out))

    with np.load(out, allow_pickle=False) as found:
        ids, vectors, card = found["ids"], found["vectors"], json.loads(str(found["card"]))
    assert ids.tolist() == [str(folder / f"{n}.png") for n in range(9)] + [
        str(folder / "words.txt")
    ]
    assert vectors.shape == (10, DIM)
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(np.ones(10), abs=1e-5)
    assert (card["model"], card["dim"], card["normalised"]) == ("sample", DIM, True)
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    assert [each.name for each in tmp_path.iterdir() if each.suffix == ".part"] == []


def test_a_file_and_the_same_words_as_a_line_have_the_same_vector(folder: Path) -> None:
    of_file = json.loads(weavclip("embed", str(folder / "words.txt")))
    lines = weavclip("embed", "--texts", "-", stdin=b"something else\nmountains at night\n")

    of_lines = [json.loads(line) for line in lines.splitlines()]

    assert [each["id"] for each in of_lines] == ["1", "2"]
    assert of_lines[1]["vector"] == pytest.approx(of_file["vector"], abs=1e-5)


def test_what_cannot_be_encoded_is_said(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    weavclip("embed", code=2)
    weavclip("embed", str(folder / "noise.bin"), code=1)
    weavclip("embed", "--texts", str(folder / "noise.bin"), code=1)
    weavclip("embed", "--texts", str(tmp_path / "absent.txt"), code=1)
    weavclip("embed", str(folder), "-o", str(tmp_path / "absent" / "out.npz"), code=1)
    monkeypatch.setenv("WEAVCLIP_MODEL", "")
    weavclip("embed", str(folder / "words.txt"), code=1)
