from __future__ import annotations

import os
import socket
from contextlib import closing
from typing import TYPE_CHECKING

from weavclip.clipboard.displays import environs, look

if TYPE_CHECKING:
    from pathlib import Path


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


def test_another_wayland_socket_of_the_person_s_is_tried_too(tmp_path: Path) -> None:
    environ = {"XDG_RUNTIME_DIR": str(tmp_path), "WAYLAND_DISPLAY": "wayland-0"}
    (tmp_path / "wayland-9").write_text("no socket")
    (tmp_path / "wayland-1.lock").write_text("")
    with closing(listening(tmp_path / "wayland-0")), closing(listening(tmp_path / "wayland-1")):
        os.utime(tmp_path / "wayland-0")
        found = [each["WAYLAND_DISPLAY"] for each in environs(environ, dict)]

    assert found == ["wayland-0", "wayland-1"]


def test_without_a_runtime_folder_there_is_the_own_environment_only() -> None:
    assert list(environs({"DISPLAY": ":0"}, dict)) == [{"DISPLAY": ":0"}]


def test_a_look_changes_when_a_socket_comes_goes_or_is_made_anew(tmp_path: Path) -> None:
    environ = {"XDG_RUNTIME_DIR": str(tmp_path)}
    seen = [look(environ)]
    for _ in range(2):
        with closing(listening(tmp_path / "wayland-1")):
            seen.append(look(environ))
        (tmp_path / "wayland-1").unlink()
        seen.append(look(environ))

    assert seen[0] == seen[2] == seen[4] == frozenset()
    assert seen[1]
    assert seen[3]
    assert seen[1] != seen[3]
