"""README's commands are run, in their order, and README names every command."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from typer.main import get_command

from scripts.sample_model import drawings
from tests.e2e.programs import weavclip
from tests.waiting import WITHIN_S
from weavclip.cli import main
from weavclip.cli.app import app

if TYPE_CHECKING:
    from collections.abc import Iterator

FOR_TOPICS = 10
README = Path(__file__).resolve().parents[2] / "README.md"


def commands() -> list[str]:
    blocks = re.findall(r"^```sh\n(.*?)^```$", README.read_text(), re.MULTILINE | re.DOTALL)
    return [line for block in blocks for line in block.splitlines() if line.strip()]


@pytest.fixture
def desk(display: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    assert display
    folder = tmp_path / "desk"
    (folder / "pictures").mkdir(parents=True)
    (folder / "notes.txt").write_text("two peaks in Q3, ask before the review")
    (folder / "sentences.txt").write_text("two peaks\nmountains at night\n")
    chart = drawings.named("a line chart with two peaks")
    (folder / "pictures" / "chart.png").write_bytes(drawings.png(chart, seed=1, side_px=256))
    mountains = drawings.named("mountains at night")
    for place in range(FOR_TOPICS):
        picture = drawings.png(mountains, seed=place, side_px=64)
        (folder / "pictures" / f"{place}.png").write_bytes(picture)
    monkeypatch.setenv("WEAVCLIP_CONFIG", str(tmp_path / "config.toml"))
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    yield folder
    weavclip("engine", "--stop")


@pytest.mark.timeout(3600)  # nearly a hundred programs, one after the other
def test_every_command_of_the_readme_works_as_printed(desk: Path) -> None:
    assert len(commands()) > 20
    for line in commands():
        done = subprocess.run(
            ["bash", "-c", line], cwd=desk, capture_output=True, timeout=WITHIN_S, check=False
        )

        assert done.returncode == 0, f"{line}: {done.stderr.decode(errors='replace')}"


def test_the_readme_names_every_command() -> None:
    assert main  # its import registers the commands
    text = README.read_text()
    missing = [name for name in get_command(app).commands if f"weavclip {name}" not in text]  # type: ignore[attr-defined]  # the app is a group

    assert missing == []


def test_no_picture_of_the_documentation_fetches_anything() -> None:
    pictures = sorted((README.parent / "docs").glob("*.svg"))
    fetching = re.compile(r"""url\(["']?https?:|(?:href|src)=["']https?:|@import""")

    assert pictures
    assert [each.name for each in pictures if fetching.search(each.read_text())] == []


def test_the_readme_links_to_files_that_exist() -> None:
    links = re.findall(r"\]\(([^)#:]+)", README.read_text())

    assert [link for link in links if not (README.parent / link).exists()] == []
