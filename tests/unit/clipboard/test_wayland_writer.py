"""The process that a clip is left with when it is copied back on Wayland."""

from __future__ import annotations

import os
import subprocess
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

import psutil
import pytest

from tests.owners import owner
from tests.tiny_compositor import tiny_compositor
from tests.waiting import WITHIN_S, until
from tests.watching import watched
from weavclip.clipboard.formats import MARKER
from weavclip.clipboard.wayland import WaylandSource
from weavclip.clipboard.wayland_writer import WaylandWriter
from weavclip.domain.clip import new_id
from weavclip.domain.errors import ClipboardError

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.wayland

PICTURE = bytes(range(256)) * 8_000  # 2 MB: more than a pipe holds


@pytest.fixture(params=["sway", "kwin"])
def path(request: pytest.FixtureRequest) -> str:
    """The socket of each compositor in turn."""
    return str(request.getfixturevalue(request.param).path)


def pasted(path: str, *options: str) -> bytes:
    """What a program of another maker pastes."""
    environ = {**os.environ, "WAYLAND_DISPLAY": path}
    command = ["wl-paste", *options]
    return subprocess.run(
        command, capture_output=True, check=True, timeout=WITHIN_S, env=environ
    ).stdout


def owners_on(path: str) -> list[psutil.Process]:
    """The processes that a writer left behind on this compositor."""
    found = []
    for each in psutil.process_iter():
        with suppress(psutil.Error):
            is_owner = "weavclip.clipboard.owner" in each.cmdline()
            if is_owner and each.environ().get("WAYLAND_DISPLAY") == path:
                found.append(each)
    return found


def has_ended(process: psutil.Process) -> bool:
    return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE


def test_every_representation_and_the_marker_are_offered(path: str) -> None:
    clip_id = new_id()
    WaylandWriter(path).put({"text/plain": b"a", "image/png": PICTURE}, clip_id=clip_id)

    assert set(pasted(path, "--list-types").decode().split()) == {
        "UTF8_STRING",
        "text/plain;charset=utf-8",
        "text/plain",
        "image/png",
        MARKER,
    }
    assert pasted(path, "--type", "image/png") == PICTURE
    assert pasted(path, "--type", MARKER, "--no-newline").decode() == str(clip_id)


def test_the_watcher_takes_it_for_our_own(path: str) -> None:
    clip_id = new_id()
    with watched(WaylandSource(path, read_timeout_s=WITHIN_S)) as watching:
        WaylandWriter(path).put({"text/plain": b"a"}, clip_id=clip_id)
        (offer,) = watching.wait_for(1)

        assert (offer.own_id, offer.representations) == (clip_id, {})


def test_files_are_offered_as_file_managers_paste_them(path: str) -> None:
    WaylandWriter(path).put({"text/uri-list": b"file:///a\r\nfile:///b\r\n"}, clip_id=new_id())

    copied = pasted(path, "--type", "x-special/gnome-copied-files", "--no-newline")

    assert copied == b"copy\nfile:///a\nfile:///b"


def test_several_can_paste_a_large_picture_at_once(path: str) -> None:
    WaylandWriter(path).put({"image/png": PICTURE}, clip_id=new_id())
    results: list[bytes] = []

    def paste() -> None:
        results.append(pasted(path, "--type", "image/png"))

    pasting = [threading.Thread(target=paste) for _ in range(3)]
    for each in pasting:
        each.start()
    for each in pasting:
        each.join(WITHIN_S)

    assert results == [PICTURE] * 3


def test_a_reader_that_has_had_enough_harms_nobody_else(path: str) -> None:
    WaylandWriter(path).put({"image/png": PICTURE}, clip_id=new_id())
    reading = ["sh", "-c", "wl-paste --type image/png | head -c 10"]
    environ = {**os.environ, "WAYLAND_DISPLAY": path}
    subprocess.run(reading, env=environ, check=True, timeout=WITHIN_S, stdout=subprocess.DEVNULL)

    assert pasted(path, "--type", "image/png") == PICTURE


def test_every_seat_has_it() -> None:
    with (
        tiny_compositor(seats=2) as tiny,
        watched(WaylandSource(tiny.path, read_timeout_s=WITHIN_S)) as watching,
    ):
        until(lambda: tiny.followers(1))
        clip_id = new_id()
        WaylandWriter(tiny.path).put({"text/plain": b"a"}, clip_id=clip_id)
        offers = watching.wait_for(2)

    assert [each.own_id for each in offers] == [clip_id, clip_id]


def test_it_ends_when_another_program_copies(path: str) -> None:
    WaylandWriter(path).put({"text/plain": b"hunter2"}, clip_id=new_id())
    (left,) = [each for each in owners_on(path) if not has_ended(each)]

    with owner(path) as copying:
        copying.copy({"UTF8_STRING": b"newer"})

        until(lambda: has_ended(left))


def test_it_ends_with_the_compositor() -> None:
    with tiny_compositor() as compositor:
        WaylandWriter(compositor.path).put({"text/plain": b"a"}, clip_id=new_id())
        (left,) = owners_on(compositor.path)

    until(lambda: has_ended(left))


def test_content_is_in_no_process_argument_or_environment(path: str) -> None:
    WaylandWriter(path).put({"text/plain": b"hunter2"}, clip_id=new_id())

    (left,) = [each for each in owners_on(path) if not has_ended(each)]

    assert "hunter2" not in " ".join(left.cmdline()) + str(left.environ())


def test_no_compositor_is_an_error_with_a_next_step(tmp_path: Path) -> None:
    writer = WaylandWriter(str(tmp_path / "wayland-9"))

    with pytest.raises(ClipboardError, match="no Wayland compositor answers at") as raised:
        writer.put({"text/plain": b"a"}, clip_id=new_id())

    assert "WAYLAND_DISPLAY" in raised.value.hint


def test_a_compositor_without_data_control_is_an_error_with_a_next_step() -> None:
    with tiny_compositor(manager="") as tiny, pytest.raises(ClipboardError) as raised:
        WaylandWriter(tiny.path).put({"text/plain": b"a"}, clip_id=new_id())

    assert "has no data-control" in str(raised.value)
    assert raised.value.hint
