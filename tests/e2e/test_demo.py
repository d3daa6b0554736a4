"""The demo, in the environment that runs the tests."""

from __future__ import annotations

import re
import shutil
import sys
from typing import TYPE_CHECKING

import pytest

from scripts.demonstration.__main__ import main
from tests.conftest import PROJECT

if TYPE_CHECKING:
    from pathlib import Path

SCRIPTS = PROJECT / "scripts"
NEEDED = ("Xvfb", "xclip")


def test_whoever_goes_from_one_script_to_another_installs_nothing() -> None:
    made = [
        re.findall(
            r"^make_environment (.*?)(?: >&2)?$", (SCRIPTS / name).read_text(), re.MULTILINE
        )
        for name in ("demo", "test", "bench")
    ]

    assert made == [['.venv scripts/constraints.txt "$EXTRAS"']] * 3


@pytest.mark.x11
def test_the_demo_finds_each_thing_first_and_draws_what_it_showed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    missing = [name for name in NEEDED if shutil.which(name) is None]
    if missing:
        pytest.skip(f"{missing[0]} is not installed")
    picture = tmp_path / "demo.svg"
    monkeypatch.setattr(sys, "argv", ["scripts/demo", "--picture", str(picture)])

    code = main()

    told = capsys.readouterr().out
    assert "5 of 5 found first" in told, told
    assert "11 clips stored, embedded and indexed" in told
    assert code == 0
    drawn = picture.read_text()
    assert "mountains" in drawn
    assert 'url("http' not in drawn
