"""Asking with what is on the clipboard, and putting a clip back on it."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.e2e.programs import WEAVCLIP, weavclip
from tests.owners import owner
from tests.pasting import window
from tests.waiting import WITHIN_S

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.owners import Owner


@pytest.fixture(
    params=[
        pytest.param("display", marks=pytest.mark.x11),
        pytest.param("sway", marks=pytest.mark.wayland),
    ]
)
def place(request: pytest.FixtureRequest) -> str:
    """Where to copy to, in the session of each kind that the command finds itself in."""
    found = request.getfixturevalue(request.param)
    return str(getattr(found, "path", found))


@pytest.fixture
def program(place: str) -> Iterator[Owner]:
    with owner(place) as program:
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
        timeout=WITHIN_S,
        check=False,
    )

    assert done.returncode == 1
    assert b"the clipboard holds nothing that can be asked with" in done.stderr


@pytest.mark.usefixtures("place")
def test_a_clip_that_was_put_back_is_what_is_on_the_clipboard(apples: str) -> None:
    weavclip("copy", "-", stdin=f"{apples}\ttext\t…\n".encode())

    printed = weavclip("search", "--clipboard", "--no-engine")

    assert printed.split("\t")[0] == apples


def test_one_clip_can_be_copied_at_a_time(apples: str) -> None:
    weavclip("copy", "-", stdin=f"{apples}\n{weavclip('list').split()[0]}\n".encode(), code=2)


def test_a_clip_is_pasted_where_the_focus_is(own_display: str, apples: str) -> None:
    with window({"DISPLAY": own_display}, backend="x11") as pasted:
        weavclip("copy", apples, "--paste")

        pasted.wait_for_text("apples and pears")


@pytest.mark.usefixtures("own_display")
def test_what_cannot_be_pasted_is_on_the_clipboard_all_the_same(apples: str) -> None:
    done = subprocess.run(
        [*WEAVCLIP, "copy", apples, "--paste"], capture_output=True, timeout=WITHIN_S, check=False
    )

    assert done.returncode == 1
    assert b"no window has the focus" in done.stderr
    assert b"the clip is on the clipboard" in done.stderr
    assert weavclip("search", "--clipboard", "--no-engine").split("\t")[0] == apples


def test_keys_without_pasting_are_refused(apples: str) -> None:
    weavclip("copy", apples, "--keys", "ctrl+v", code=2)
