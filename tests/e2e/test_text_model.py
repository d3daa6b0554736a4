"""A text model joins the model in use, answers, and leaves, through the real engine."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner

from scripts.text_model.random_weights import random_text_model
from tests.e2e.programs import weavclip
from tests.texts import text_model
from tests.waiting import until
from weavclip import settings, wiring
from weavclip.cli import main
from weavclip.cli.app import app

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TEXTS = ("git reset --soft HEAD~1", "a recipe for apple pie", "tar xzf archive.tar.gz")

assert main  # it makes every module add its commands


@pytest.fixture(autouse=True)
def engine_that_is_ended(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    monkeypatch.setenv("WEAVCLIP_INDEX", "exact")
    monkeypatch.setenv("WEAVCLIP_CONFIG", str(tmp_path / "config.toml"))
    yield
    weavclip("engine", "--stop")


def status() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(weavclip("status", "--json"))
    return found


def answers_with(model: str, text_model_id: str) -> bool:
    found = status()
    in_use = (found["model"], found["text_model"]) == (model, text_model_id)
    return in_use and not found["filling_model"] and found["stages"]["indexed"] == len(TEXTS)


def add_texts(folder: Path) -> None:
    for number, text in enumerate(TEXTS):
        (folder / f"{number}.txt").write_text(text, encoding="utf-8")
        weavclip("add", str(folder / f"{number}.txt"))


def test_a_text_model_joins_and_leaves(tmp_path: Path) -> None:
    weavclip("model", "import", str(random_text_model(tmp_path / "tiny-text")))
    weavclip("model", "use", "tiny-text", code=1)  # CLIP is not there yet
    weavclip("model", "use", "sample")
    add_texts(tmp_path)
    until(lambda: answers_with("sample", ""))

    weavclip("model", "use", "tiny-text")
    until(lambda: answers_with("sample", "tiny-text"))
    listed = dict(line.split("\t")[:2] for line in weavclip("model", "list").splitlines())
    assert (listed["tiny-text"], listed["sample"]) == ("in use", "in use")
    assert weavclip("model", "verify", "tiny-text") == "tiny-text\tintact\n"

    weavclip("model", "remove", "tiny-text", code=1)  # in use, and nobody there to be asked
    weavclip("model", "use", "--no-text")
    until(lambda: answers_with("sample", ""))
    weavclip("model", "remove", "tiny-text")
    weavclip("model", "remove", "tiny-text", code=1)
    assert "tiny-text" not in weavclip("model", "list")
    weavclip("model", "remove", "sample", code=1)  # a part of the package


def test_without_any_model_it_is_said_what_is_left() -> None:
    done = CliRunner().invoke(app, ["model", "use", "--no-text"])

    said = "weavclip: no model is in use: texts are found by their words\n"
    assert (done.exit_code, done.stderr) == (0, said)


def test_a_real_text_model_finds_a_command_by_what_it_does(tmp_path: Path) -> None:
    # Here, not by the command: its calibration can take longer than a command may on a busy day.
    wiring.import_model(settings.load().settings, text_model(), lambda _done, _total: None)
    weavclip("model", "use", "sample")
    add_texts(tmp_path)

    weavclip("model", "use", text_model().name)
    until(lambda: answers_with("sample", text_model().name))
    found = json.loads(weavclip("search", "--json", "undo the last commit"))

    assert [each["preview"] for each in found] == [TEXTS[0]]
