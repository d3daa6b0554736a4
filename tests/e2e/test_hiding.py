"""Pictures that words describe leave everything that is shown, and come back."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from scripts.sample_model import drawings
from tests.e2e.programs import weavclip
from tests.waiting import until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MAP, NIGHT = "a map", "mountains at night"


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("WEAVCLIP_MODEL", "sample")
    monkeypatch.setenv("WEAVCLIP_INDEX", "exact")
    monkeypatch.setenv("WEAVCLIP_CONFIG", str(tmp_path / "config.toml"))
    folder = tmp_path / "files"
    folder.mkdir()
    for name, file in ((MAP, "map.png"), (NIGHT, "night.png")):
        (folder / file).write_bytes(drawings.png(drawings.named(name), seed=1, side_px=256))
    (tmp_path / "later.png").write_bytes(drawings.png(drawings.named(MAP), seed=2, side_px=256))
    yield folder
    weavclip("engine", "--stop")


def rows(*arguments: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(weavclip(*arguments, "--json"))
    return found


def test_what_is_hidden_is_in_no_answer_until_it_is_asked_for(files: Path, tmp_path: Path) -> None:
    weavclip("add", str(files))
    until(lambda: len(rows("rank", "--by", MAP)) == 2)
    (map_id, night_id) = (each["id"] for each in rows("rank", "--by", MAP))

    weavclip("hide", MAP, code=1)  # nobody can be asked
    weavclip("hide", MAP, "--dry-run")
    unasked = len(rows("list"))
    weavclip("hide", MAP, "--yes")

    assert unasked == 2
    assert [each["id"] for each in rows("list")] == [night_id]
    assert [each["id"] for each in rows("rank", "--by", MAP)] == [night_id]
    assert map_id not in {each["id"] for each in rows("search", MAP, "--all")}
    assert rows("search", MAP, "--all", "--hidden")[0]["id"] == map_id
    assert rows("search", MAP, "--all", "--hidden", "--no-engine")[0]["id"] == map_id
    assert {each["id"] for each in rows("list", "--hidden")} == {map_id, night_id}
    known = json.loads(weavclip("status", "--json"))
    assert [known[name] for name in ("clips", "clips_today", "hidden_clips")] == [2, 2, 1]
    assert "2 in all, 2 today, 1 hidden" in weavclip("status")
    assert json.loads(weavclip("show", map_id, "--json"))["hidden"] is True
    assert sum(span["image"] for span in rows("timeline")) == 1

    weavclip("add", str(tmp_path / "later.png"))
    until(lambda: rows("hide")[0]["clips"] == 2)
    assert [each["id"] for each in rows("list")] == [night_id]

    weavclip("unhide", MAP, map_id)
    assert {each["id"] for each in rows("list")} == {map_id, night_id}
    weavclip("unhide", MAP)
    assert len(rows("list")) == 3
    assert rows("hide") == []
    weavclip("unhide", MAP, code=1)
