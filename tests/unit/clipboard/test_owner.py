"""The process that a clip is left with when it is copied back."""

from __future__ import annotations

import os
import struct
import subprocess
import threading
from typing import TYPE_CHECKING

import psutil
import pytest

from tests.owners import owner
from tests.waiting import WITHIN_S, until
from tests.watching import watched
from weavclip.clipboard.formats import MARKER
from weavclip.clipboard.x11 import X11Source
from weavclip.clipboard.x11_display import Display
from weavclip.clipboard.x11_events import Answer
from weavclip.clipboard.x11_writer import X11Writer
from weavclip.domain.clip import new_id
from weavclip.domain.errors import ClipboardError

if TYPE_CHECKING:
    from collections.abc import Sequence

pytestmark = pytest.mark.x11

PICTURE = bytes(range(256)) * 8_000  # 2 MB: nine INCR pieces


def pasted(display: str, target: str) -> bytes:
    command = ["xclip", "-selection", "clipboard", "-o", "-t", target]
    environ = {**os.environ, "DISPLAY": display}
    return subprocess.run(
        command, capture_output=True, check=True, timeout=WITHIN_S, env=environ
    ).stdout


def owners_on(display: str) -> list[psutil.Process]:
    """The processes that a writer left behind on this display."""
    found = []
    for each in psutil.process_iter():
        try:
            is_owner = "weavclip.clipboard.owner" in each.cmdline()
            if is_owner and each.environ().get("DISPLAY") == display:
                found.append(each)
        except psutil.Error:
            continue
    return found


def test_every_representation_and_the_marker_are_offered(display: str) -> None:
    clip_id = new_id()
    X11Writer(display).put({"text/plain": b"a", "image/png": PICTURE}, clip_id=clip_id)

    assert set(pasted(display, "TARGETS").decode().split()) == {
        "TARGETS",
        "MULTIPLE",
        "TIMESTAMP",
        "UTF8_STRING",
        "text/plain;charset=utf-8",
        "text/plain",
        "image/png",
        MARKER,
    }
    assert pasted(display, "image/png") == PICTURE
    assert pasted(display, MARKER).decode() == str(clip_id)


def test_the_watcher_takes_it_for_our_own(display: str) -> None:
    clip_id = new_id()
    with watched(X11Source(display, read_timeout_s=WITHIN_S)) as watching:
        X11Writer(display).put({"text/plain": b"a"}, clip_id=clip_id)
        (offer,) = watching.wait_for(1)

        assert (offer.own_id, offer.representations) == (clip_id, {})


def test_files_are_offered_as_file_managers_paste_them(display: str) -> None:
    X11Writer(display).put({"text/uri-list": b"file:///a\r\nfile:///b\r\n"}, clip_id=new_id())

    copied = pasted(display, "x-special/gnome-copied-files")

    assert copied == b"copy\nfile:///a\nfile:///b"


def test_several_can_paste_a_large_picture_at_once(display: str) -> None:
    X11Writer(display).put({"image/png": PICTURE}, clip_id=new_id())
    results: list[bytes] = []

    def paste() -> None:
        results.append(pasted(display, "image/png"))

    pasting = [threading.Thread(target=paste) for _ in range(3)]
    for each in pasting:
        each.start()
    for each in pasting:
        each.join(WITHIN_S)

    assert results == [PICTURE] * 3


def test_several_types_can_be_asked_for_in_one_request(display: str) -> None:
    X11Writer(display).put({"text/plain": b"a"}, clip_id=new_id())

    with Display(display) as asking:
        window, atom = asking.window(), asking.atom("MULTI")
        first, second = asking.atom("FIRST"), asking.atom("SECOND")
        pairs = (asking.atom("UTF8_STRING"), first, asking.atom("image/png"), second)
        answered = _ask_multiple(asking, window, atom=atom, pairs=pairs)

        assert answered == (pairs[0], first, pairs[2], 0)
        assert asking.get(window, first, most_bytes=10).content == b"a"


def _ask_multiple(
    asking: Display, window: int, *, atom: int, pairs: Sequence[int]
) -> tuple[int, ...]:
    selection, target = asking.atom("CLIPBOARD"), asking.atom("MULTIPLE")
    at_ms = asking.now_ms(window)
    words = struct.pack(f"={len(pairs)}I", *pairs)
    asking.put(window, atom, type_name="ATOM_PAIR", content=words, bits=32)
    asking.convert(window, selection=selection, target=target, atom=atom, at_ms=at_ms)
    until(lambda: [each for each in asking.events() if isinstance(each, Answer)])
    content = asking.get(window, atom, most_bytes=100).content
    return struct.unpack(f"={len(content) // 4}I", content)


def test_it_ends_when_another_program_copies(own_display: str) -> None:
    X11Writer(own_display).put({"text/plain": b"hunter2"}, clip_id=new_id())
    (left,) = owners_on(own_display)

    with owner(own_display) as copying:
        copying.copy({"UTF8_STRING": b"newer"})

        until(lambda: not left.is_running())


def test_content_is_in_no_process_argument_or_environment(own_display: str) -> None:
    X11Writer(own_display).put({"text/plain": b"hunter2"}, clip_id=new_id())

    (left,) = owners_on(own_display)

    assert "hunter2" not in " ".join(left.cmdline()) + str(left.environ())


def test_no_x_server_is_an_error_with_a_next_step() -> None:
    with pytest.raises(ClipboardError, match="no X server with XFixes answers at :977") as raised:
        X11Writer(":977").put({"text/plain": b"a"}, clip_id=new_id())

    assert "DISPLAY" in raised.value.hint
