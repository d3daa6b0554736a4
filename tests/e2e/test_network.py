"""Nothing leaves the machine: neither weavclip nor what it loads speaks to anybody.

``scripts/bench network`` shows the same of agent, engine and server together.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.e2e.programs import WEAVCLIP, weavclip
from tests.waiting import WITHIN_S

if TYPE_CHECKING:
    from pathlib import Path

TO_SOMEBODY = re.compile(r"^.*(?:connect|sendto|sendmsg|sendmmsg)\(.*AF_INET6?.*$", re.MULTILINE)


@pytest.mark.strace
@pytest.mark.skipif(shutil.which("strace") is None, reason="no strace")
def test_a_search_by_meaning_speaks_to_nobody_and_leaves_no_id_of_the_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, trace = tmp_path / "home", tmp_path / "trace"
    home.mkdir()
    (tmp_path / "note.txt").write_text("a red circle on white")
    for name, value in {
        "HOME": home,
        "WEAVCLIP_MODEL": "sample",
        "WEAVCLIP_INDEX": "exact",
    }.items():
        monkeypatch.setenv(name, str(value))
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.delenv("CI", raising=False)  # ONNX Runtime's telemetry is off by itself there
    monkeypatch.setenv("WEAVCLIP_DATA_DIR", str(tmp_path / "data"))
    weavclip("add", str(tmp_path / "note.txt"))
    weavclip("engine", "--stop")

    traced = ("strace", "-f", "-qq", "-e", "trace=network", "-o", str(trace))
    subprocess.run(
        [*traced, *WEAVCLIP, "search", "--no-engine", "a red circle"],
        env=os.environ,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=WITHIN_S,
        check=True,
    )

    assert TO_SOMEBODY.findall(trace.read_text(errors="replace")) == []
    assert [path for path in home.rglob("*") if path.is_file()] == []
