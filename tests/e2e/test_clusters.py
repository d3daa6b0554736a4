"""The memory by topics, with the sample model and drawings."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from scripts.sample_model import drawings
from tests.e2e.programs import weavclip
from tests.e2e.terminals import on_terminal
from tests.waiting import until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NAMES = ("a map", "mountains at night")
EACH = 6


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("WEAVCLIP_MODEL", "sample")
    monkeypatch.setenv("WEAVCLIP_INDEX", "exact")
    monkeypatch.setenv("WEAVCLIP_CONFIG", str(tmp_path / "config.toml"))
    folder = tmp_path / "files"
    folder.mkdir()
    for name in NAMES:
        for seed in range(EACH):
            encoded = drawings.png(drawings.named(name), seed=seed, side_px=128)
            (folder / f"{name}{seed}.png").write_bytes(encoded)
    yield folder
    weavclip("engine", "--stop")


def test_drawings_of_two_things_are_two_topics(files: Path) -> None:
    weavclip("clusters", code=1)  # nothing is there
    added = weavclip("add", str(files)).splitlines()
    kinds = {line.split("\t")[0]: line.split("/")[-1][:5] for line in added}
    until(lambda: len(json.loads(weavclip("rank", "--by", "a map", "--json"))) == 12)

    found: list[dict[str, Any]] = json.loads(weavclip("clusters", "--topics", "2", "--json"))
    first = json.loads(weavclip("clusters", "1", "--topics", "2", "--json"))
    weavclip("clusters", "3", "--topics", "2", code=1)
    shown = on_terminal("clusters", "--topics", "2", NO_COLOR="1").lines

    assert [each["pictures"] for each in found] == [EACH, EACH]
    assert len({kinds[each["id"]] for each in first}) == 1
    assert len(first) == EACH
    assert re.fullmatch(r"\d of 12 clips in no topic", shown[2])
    assert shown[3].startswith("try   weavclip clusters 1")
    assert found[0]["nearest"] == [each["id"] for each in first[:3]]
