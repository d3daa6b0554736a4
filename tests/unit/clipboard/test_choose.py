from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.waiting import WITHIN_S
from weavclip.clipboard.choose import choose_source, choose_writer, read_once
from weavclip.domain.errors import ClipboardError, NoClipboardError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

GNOME = {"WAYLAND_DISPLAY": "wayland-0", "XDG_CURRENT_DESKTOP": "ubuntu:GNOME"}


@pytest.mark.parametrize(
    ("asked", "environ", "platform", "given"),
    [
        ("auto", {"DISPLAY": ":0"}, "linux", "x11"),
        ("auto", {"WSL_DISTRO_NAME": "Debian"}, "linux", "polling"),
        ("auto", {}, "cygwin", "polling"),
        ("auto", {}, "darwin", "macos"),
        ("auto", {}, "win32", "windows"),
        ("wayland", {"WAYLAND_DISPLAY": "/w"}, "linux", "wayland"),
        ("x11", {"DISPLAY": ":0"}, "linux", "x11"),
        ("polling", {}, "linux", "polling"),
    ],
)
def test_the_source_is_what_was_asked_for_or_what_the_session_offers(
    asked: str, environ: Mapping[str, str], platform: str, given: str
) -> None:
    assert choose_source(asked, environ=environ, platform=platform).name == given


def test_a_replay_that_is_set_is_taken(tmp_path: Path) -> None:
    environ = {"DISPLAY": ":0"}

    assert choose_source("auto", environ=environ, replay=str(tmp_path)).name == "replay"


@pytest.mark.parametrize(
    ("asked", "environ", "problem", "hint"),
    [
        ("auto", {}, "there is no display here", "desktop session"),
        ("auto", {"WAYLAND_DISPLAY": "wayland-0"}, "no X11 side", "Xwayland"),
        ("x11", {}, "there is no X server here", "WEAVCLIP_SOURCE=auto"),
        ("wayland", {"WAYLAND_DISPLAY": "w"}, "there is no Wayland session", "SOURCE=auto"),
        ("replay", {}, "no folder or JSONL file", "WEAVCLIP_REPLAY"),
    ],
)
def test_what_is_missing_is_said_with_what_to_do(
    asked: str, environ: Mapping[str, str], problem: str, hint: str
) -> None:
    with pytest.raises(NoClipboardError, match=problem) as raised:
        choose_source(asked, environ=environ, platform="linux")

    assert hint in raised.value.hint


def test_a_wayland_session_without_data_control_is_never_polled() -> None:
    source = choose_source("polling", environ=GNOME, platform="linux")

    with pytest.raises(NoClipboardError, match="take the focus"):
        read_once(source)


def test_where_only_text_can_be_written_a_picture_is_refused_by_name() -> None:
    from weavclip.domain.clip import new_id

    writer = choose_writer("polling", environ={})

    with pytest.raises(ClipboardError, match="image/png; only text can be copied back"):
        writer.put({"image/png": b"x"}, clip_id=new_id())


def test_once_of_a_replay_is_its_first_copy(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("words")

    offer = read_once(choose_source("replay", environ={}, replay=str(tmp_path)))

    assert offer
    assert offer.representations == {"text/plain": b"words"}


def test_the_room_loads_nothing_heavy() -> None:
    heavy = "{'numpy', 'onnxruntime', 'PIL', 'weaviate', 'xcffib', 'pyperclip'}"
    code = (
        "import sys, weavclip.clipboard.choose, weavclip.privacy.gate; "
        f"print(sorted({heavy} & sys.modules.keys()))"
    )

    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=WITHIN_S
    )

    assert loaded.stdout.strip() == "[]"
