"""Which program a copy came from, where the compositor tells it."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.compositors import entered, private_sway
from tests.displays import end
from tests.waiting import WITHIN_S, until
from tests.watching import watched
from weavclip.clipboard import wayland_app
from weavclip.clipboard.wayland import WaylandSource
from weavclip.clipboard.wayland_app import program_of
from weavclip.clipboard.wayland_display import Display

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.compositors import Desktop
    from tests.tiny_compositor import TinyCompositor

pytestmark = pytest.mark.wayland


@pytest.fixture
def sway(monkeypatch: pytest.MonkeyPatch) -> Iterator[Desktop]:
    """A sway of the test's own: on a shared one another test's window may be in use."""
    with private_sway() as desktop:
        yield entered(desktop, monkeypatch)


@contextmanager
def answering(path: Path, answer: bytes) -> Iterator[list[bytes]]:
    """A socket that answers whoever asks, once; yields what was asked."""
    path.parent.mkdir(parents=True, exist_ok=True)
    asked: list[bytes] = []
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listening:
        listening.bind(str(path))
        listening.listen()
        listening.settimeout(WITHIN_S)

        def answer_once() -> None:
            with listening.accept()[0] as asking:
                asked.append(asking.recv(100))
                asking.sendall(answer)

        thread = threading.Thread(target=answer_once)
        thread.start()
        yield asked
        thread.join(WITHIN_S)


def test_sway_tells_the_window_in_use(sway: Desktop) -> None:
    if shutil.which("weston-terminal") is None:
        pytest.skip("weston-terminal is not installed")
    window = subprocess.Popen(
        ["weston-terminal"],
        env={**os.environ, "HOME": sway.environ["XDG_RUNTIME_DIR"]},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        with Display(sway.path) as display:
            named = until(lambda: program_of(display), what="a window on sway")
        with watched(WaylandSource(sway.path, read_timeout_s=WITHIN_S)) as watching:
            subprocess.run(["wl-copy", "words"], check=True, timeout=WITHIN_S)
            (offer,) = watching.wait_for(1)
    finally:
        end(window)

    assert named == "org.freedesktop.weston.wayland-terminal"
    assert offer.source_app == named


def test_sway_without_a_window_names_none(sway: Desktop) -> None:
    with Display(sway.path) as display:
        assert until(lambda: program_of(display) == "")


@pytest.mark.parametrize(
    ("answer", "named"),
    [
        (b'{"class": "firefox", "title": "secret"}', "firefox"),
        (b"{}", ""),
        (b"[]", ""),
        (b"no json", ""),
        (b"", ""),
    ],
)
def test_hyprland_tells_the_window_in_use(
    tiny: TinyCompositor, monkeypatch: pytest.MonkeyPatch, answer: bytes, named: str
) -> None:
    monkeypatch.setattr(wayland_app.Peer, "program", "Hyprland")
    folder = Path(tiny.path).parent / "hypr"
    (folder / "other").mkdir(parents=True)
    (folder / "other" / "hyprland.lock").write_text("1\nwayland-9\n")
    with Display(tiny.path) as display, answering(folder / "a" / ".socket.sock", answer) as asked:
        (folder / "a" / "hyprland.lock").write_text(f"{os.getpid()}\nwayland-0\n")

        assert program_of(display) == named

    assert asked == [b"j/activewindow"]


@pytest.mark.parametrize(
    ("tree", "named"),
    [
        ({"id": 1, "focused": True}, ""),
        ({"id": 1, "focus": [9], "nodes": []}, ""),
        (
            {
                "id": 1,
                "focus": [3, 2],
                "nodes": [{"id": 2, "focused": False, "app_id": "no"}],
                "floating_nodes": [{"id": 3, "focused": True, "app_id": "org.keepassxc"}],
            },
            "org.keepassxc",
        ),
        (
            {
                "id": 1,
                "focus": [2],
                "nodes": [
                    {"id": 2, "focused": True, "window_properties": {"class": "Gimp"}},
                ],
            },
            "Gimp",
        ),
    ],
)
def test_of_sways_tree_the_focused_window_is_taken(
    tiny: TinyCompositor, monkeypatch: pytest.MonkeyPatch, tree: object, named: str
) -> None:
    monkeypatch.setattr(wayland_app.Peer, "program", "sway")
    told = json.dumps(tree).encode()
    answer = b"i3-ipc" + len(told).to_bytes(4, "little") + b"\4\0\0\0" + told
    path = Path(tiny.path).parent / f"sway-ipc.{os.getuid()}.{os.getpid()}.sock"
    with Display(tiny.path) as display, answering(path, answer):
        assert program_of(display) == named


def test_a_compositor_whose_answers_hang_holds_nothing_up(
    tiny: TinyCompositor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wayland_app.Peer, "program", "sway")
    path = Path(tiny.path).parent / f"sway-ipc.{os.getuid()}.{os.getpid()}.sock"
    with (
        socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listening,
        Display(tiny.path) as display,
    ):
        listening.bind(str(path))
        listening.listen()

        assert program_of(display) == ""


def test_another_compositor_is_not_asked(tiny: TinyCompositor) -> None:
    with Display(tiny.path) as display:
        assert program_of(display) == ""
