"""A command loads what it needs and nothing more: most of a quick command's time is imports."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.e2e.programs import weavclip
from tests.waiting import WITHIN_S

HEAVY = {"numpy", "PIL", "weaviate", "onnxruntime", "tokenizers", "rich", "pydantic", "tomlkit"}
RUN = """
import sys
from weavclip.cli.main import main
try:
    main()
finally:
    print(*{name.partition(".")[0] for name in sys.modules}, file=sys.stderr)
"""

INTERRUPTED = """
import os, signal, sys

class Interrupting:
    def find_spec(self, name, path=None, target=None):
        if name == "weavclip.cli.main":
            os.kill(os.getpid(), signal.SIGINT)

sys.meta_path.insert(0, Interrupting())
from weavclip.__main__ import main
main()
"""


def imported_by(*options: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", RUN, *options], capture_output=True, timeout=WITHIN_S, check=True
    )
    return set(done.stderr.decode().splitlines()[-1].split())


@pytest.mark.parametrize(
    "options",
    [("--help",), ("list",), ("status",), (), ("config",), ("list", "--since", "yesterday")],
    ids=" ".join,
)
def test_a_quick_command_imports_nothing_heavy(options: tuple[str, ...]) -> None:
    assert imported_by(*options) & HEAVY == set()


def test_a_search_that_the_engine_answers_imports_nothing_heavy(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("WEAVCLIP_MODEL", "sample")
    try:
        assert imported_by("search", "two peaks") & HEAVY == set()
    finally:
        weavclip("engine", "--stop")


def test_an_interrupt_before_all_is_imported_shows_no_traceback() -> None:
    done = subprocess.run(
        [sys.executable, "-c", INTERRUPTED, "list"],
        capture_output=True,
        timeout=WITHIN_S,
        check=False,
    )

    assert (done.returncode, done.stdout, done.stderr) == (130, b"", b"")
