from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.waiting import WITHIN_S
from weavclip.domain.clip import Kind
from weavclip.wiring.labels import OWN_FILE, FormLabels

if TYPE_CHECKING:
    from pathlib import Path

UNWANTED = """
[[label]]
name = "number"
enabled = false
"""


@pytest.fixture
def own_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("WEAVCLIP_CONFIG", str(tmp_path / "config.toml"))
    return tmp_path / OWN_FILE


def test_texts_are_told_by_their_form_but_for_what_nobody_wants(own_file: Path) -> None:
    labels = FormLabels()

    before = labels("3,141.59", Kind.TEXT), labels("#3584e4", Kind.TEXT)
    own_file.write_text(UNWANTED)
    after = labels("3,141.59", Kind.TEXT), labels("#3584e4", Kind.TEXT)

    assert [*map(sorted, before)] == [["number"], ["colour"]]
    assert [*map(sorted, after)] == [[], ["colour"]]


def test_a_file_that_is_wrong_takes_no_label_away(own_file: Path) -> None:
    own_file.write_text("label = 7")

    assert FormLabels()("#3584e4", Kind.TEXT) == {"colour"}


def test_they_are_light_enough_for_the_agent(own_file: Path) -> None:
    """What ships is read by the engine: it takes 10 MB."""
    used = (
        "import sys; from weavclip.domain.clip import Kind; from weavclip.wiring.labels import *;"
        "FormLabels()('x', Kind.TEXT); print([m for m in sys.modules"
        " if m.split('.')[0] in ('numpy', 'PIL', 'weavclip.assets')])"
    )

    found = subprocess.run(
        [sys.executable, "-c", used], capture_output=True, check=True, timeout=WITHIN_S
    )

    assert found.stdout == b"[]\n", own_file
