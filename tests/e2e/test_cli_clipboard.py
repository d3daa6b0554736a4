"""Asking with what is on the clipboard, and putting a clip back on it."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.e2e.programs import WEAVCLIP, weavclip
from tests.owners import owner

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.owners import Owner

pytestmark = pytest.mark.x11


@pytest.fixture
def program(display: str) -> Iterator[Owner]:
    with owner(display) as program:
        yield program


@pytest.fixture
def apples(tmp_path: Path) -> str:
    (tmp_path / "a.txt").write_text("apples and pears")
    (tmp_path / "b.txt").write_text("beans")
    return weavclip("add", str(tmp_path / "a.txt"), str(tmp_path / "b.txt")).split("\t")[0]


def test_what_was_copied_can_be_asked_with(program: Owner, apples: str) -> None:
    program.copy({"UTF8_STRING": b"pears"})

    printed = weavclip("search", "--clipboard", "--no-engine")

    assert [line.split("\t")[0] for line in printed.splitlines()] == [apples]


def test_what_may_not_be_read_is_not_asked_with(program: Owner) -> None:
    program.copy({"UTF8_STRING": b"pears", "x-kde-passwordManagerHint": b"secret"})

    done = subprocess.run(
        [*WEAVCLIP, "search", "--clipboard", "--no-engine"],
        capture_output=True,
        timeout=40,
        check=False,
    )

    assert done.returncode == 1
    assert b"the clipboard holds nothing that can be asked with" in done.stderr


def test_a_clip_that_was_put_back_is_what_is_on_the_clipboard(display: str, apples: str) -> None:
    assert display
    weavclip("copy", "-", stdin=f"{apples}\ttext\t…\n".encode())

    printed = weavclip("search", "--clipboard", "--no-engine")

    assert printed.split("\t")[0] == apples


def test_one_clip_can_be_copied_at_a_time(apples: str) -> None:
    weavclip("copy", "-", stdin=f"{apples}\n{weavclip('list').split()[0]}\n".encode(), code=2)
