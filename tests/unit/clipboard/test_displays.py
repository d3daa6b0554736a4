from __future__ import annotations

import socket
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from tests.folders import runtime_folder
from tests.waiting import until
from weavclip.clipboard.displays import environs, look

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def folder() -> Iterator[Path]:
    with runtime_folder() as found:
        yield found


def listening(path: Path) -> socket.socket:
    found = socket.socket(socket.AF_UNIX)
    found.bind(str(path))
    return found


def test_the_own_environment_comes_first_and_nobody_is_asked_for_it() -> None:
    def told() -> dict[str, str]:
        raise AssertionError

    assert next(environs({"DISPLAY": ":0"}, told)) == {"DISPLAY": ":0"}


def test_what_the_service_manager_knows_by_now_goes_before_the_own() -> None:
    found = list(environs({"DISPLAY": ":0", "HOME": "/h"}, lambda: {"DISPLAY": ":1"}))

    assert found == [{"DISPLAY": ":0", "HOME": "/h"}, {"DISPLAY": ":1", "HOME": "/h"}]


def test_another_wayland_socket_of_the_person_s_is_tried_too(folder: Path) -> None:
    environ = {"XDG_RUNTIME_DIR": str(folder), "WAYLAND_DISPLAY": "wayland-0"}
    (folder / "wayland-9").write_text("no socket")
    (folder / "wayland-1.lock").write_text("")
    with closing(listening(folder / "wayland-0")), closing(listening(folder / "wayland-1")):
        found = [each["WAYLAND_DISPLAY"] for each in environs(environ, dict)]

    assert found == ["wayland-0", "wayland-1"]


def test_without_a_runtime_folder_there_is_the_own_environment_only() -> None:
    assert list(environs({"DISPLAY": ":0"}, dict)) == [{"DISPLAY": ":0"}]


def test_a_look_changes_when_a_socket_comes_goes_or_is_made_anew(folder: Path) -> None:
    environ = {"XDG_RUNTIME_DIR": str(folder)}

    def seen_while_there() -> object:
        with closing(listening(folder / "wayland-1")):
            found = look(environ)
        (folder / "wayland-1").unlink()
        return found

    before = look(environ)
    there = seen_while_there()
    after = look(environ)

    assert before == after == frozenset()
    assert there != before
    # Its inode may be the same one, and its time, too, until the file system's clock goes on.
    until(lambda: seen_while_there() != there)
