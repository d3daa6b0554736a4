"""From a file to a hit and out of the world again, through the real engine."""

from __future__ import annotations

import json
import os
import random
import signal
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from scripts.sample_model import drawings
from tests.e2e.programs import bytes_below, weavclip
from tests.waiting import until

if TYPE_CHECKING:
    from collections.abc import Iterator

NAMES = (
    "a green line chart with two peaks",
    "a red circle on white",
    "mountains at night",
    "a dark terminal",
    "a page of text with two columns",
)


@pytest.fixture(autouse=True)
def sample_engine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    monkeypatch.setenv("WEAVCLIP_MODEL", "sample")
    monkeypatch.setenv("WEAVCLIP_INDEX", "exact")
    monkeypatch.setenv("WEAVCLIP_CONFIG", str(tmp_path / "config.toml"))
    yield
    weavclip("engine", "--stop")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    for n, name in enumerate(NAMES):
        content = drawings.png(drawings.named(name), seed=n, side_px=256)
        (pictures / f"{n}.png").write_bytes(content)
    (pictures / "note.txt").write_text("Meet Anna at the station on Friday")
    return pictures


def status() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(weavclip("status", "--json"))
    return found


def wait_until_indexed(count: int) -> None:
    until(lambda: status()["stages"].get("indexed") == count)


def test_what_was_added_is_found_by_words_by_picture_and_by_clip(folder: Path) -> None:
    added = weavclip("add", str(folder)).splitlines()
    ids = {Path(line.split("\t")[2]).name: line.split("\t")[0] for line in added}
    wait_until_indexed(6)

    by_words = json.loads(weavclip("search", "mountains at night", "--json"))
    other = folder.parent / "other.png"
    other.write_bytes(drawings.png(drawings.named(NAMES[1]), seed=77, side_px=256))
    by_picture = json.loads(weavclip("search", "--image", str(other), "--json"))
    by_clip = json.loads(weavclip("search", "--like", ids["2.png"], "--all", "--json"))
    text = json.loads(weavclip("search", "when do I meet Anna?", "--json"))
    only_text = json.loads(
        weavclip("search", "mountains at night", "--kind", "text", "--all", "--json")
    )

    assert by_words[0]["id"] == ids["2.png"]
    assert by_picture[0]["id"] == ids["1.png"]
    assert ids["2.png"] not in {hit["id"] for hit in by_clip}
    assert text[0]["id"] == ids["note.txt"]
    assert {hit["kind"] for hit in only_text} <= {"text"}


def test_a_second_add_skips_what_is_known(folder: Path) -> None:
    weavclip("add", str(folder))

    again = weavclip("add", str(folder)).splitlines()

    assert {line.split("\t")[1] for line in again} <= {"known", "counted"}
    assert len(json.loads(weavclip("list", "--json"))) == 6


def test_a_forgotten_clip_leaves_every_answer_and_every_byte(folder: Path, tmp_path: Path) -> None:
    weavclip("add", str(folder))
    wait_until_indexed(6)
    picture = (folder / "2.png").read_bytes()
    before = json.loads(weavclip("search", "mountains at night", "--json"))[0]["id"]
    words = json.loads(weavclip("search", "Anna", "--json"))[0]["id"]

    weavclip("forget", before, words, "--yes")
    weavclip("engine", "--stop")

    kept = bytes_below(tmp_path / "data")
    assert picture[64:256] not in kept
    assert b"station on Friday" not in kept
    assert before not in weavclip("search", "mountains at night", "--all")
    assert weavclip("search", "Anna", "--all", "--json").find(words) == -1


def test_an_engine_killed_at_any_moment_loses_and_doubles_nothing(folder: Path) -> None:
    rng = random.Random(7)
    pause = threading.Event()
    for n in range(60):
        content = drawings.png(drawings.named(NAMES[n % 5]), seed=100 + n, side_px=256)
        (folder / f"more-{n}.png").write_bytes(content)
    weavclip("add", str(folder))
    for _ in range(6):
        engine = status()["engine"]
        if engine is None:
            weavclip("search", "circle")
            engine = until(lambda: status()["engine"])
        pause.wait(rng.uniform(0, 0.4))
        os.kill(engine["pid"], signal.SIGKILL)
        weavclip("search", "circle")

    wait_until_indexed(66)
    listed = json.loads(weavclip("list", "--limit", "1000", "--json"))
    assert len({each["id"] for each in listed}) == len(listed) == 66
