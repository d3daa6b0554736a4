"""What every clipboard writer promises, seen by a program of another maker."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Protocol

import pytest

from tests.fakes.macos import FakeMac
from tests.fakes.windows import FakeWindows
from tests.waiting import WITHIN_S
from weavclip.clipboard.choose import choose_source, choose_writer, read_once
from weavclip.clipboard.macos import MacWriter
from weavclip.clipboard.windows import WindowsWriter
from weavclip.domain.clip import new_id

if TYPE_CHECKING:
    from weavclip.domain.ports import ClipboardWriter

TEXT = "zwölf Boxkämpfer\nund ein 🥊".encode()


class Clipboard(Protocol):
    """Something to write to, and another program that pastes from it."""

    def writer(self) -> ClipboardWriter: ...

    def pasted(self) -> bytes: ...

    def put_by_a_process_that_ends(self, text: bytes) -> None: ...


class Screen:
    """A private X server's clipboard, pasted from by xclip."""

    def __init__(self, name: str) -> None:
        self._name = name

    def writer(self) -> ClipboardWriter:
        return choose_writer(self._name, environ=os.environ)

    def pasted(self) -> bytes:
        command = ["xclip", "-selection", "clipboard", "-o"]
        return subprocess.run(command, capture_output=True, check=True, timeout=WITHIN_S).stdout

    def put_by_a_process_that_ends(self, text: bytes) -> None:
        code = (
            "import os\n"
            "from weavclip.clipboard.choose import choose_writer\n"
            "from weavclip.domain.clip import new_id\n"
            f"writer = choose_writer({self._name!r}, environ=os.environ)\n"
            f"writer.put({{'text/plain': {text!r}}}, clip_id=new_id())\n"
        )
        command = [sys.executable, "-c", code]
        subprocess.run(command, check=True, timeout=WITHIN_S, stdout=subprocess.DEVNULL)


class Desk(Screen):
    """A private Wayland compositor's clipboard, pasted from by wl-paste."""

    def pasted(self) -> bytes:
        command = ["wl-paste", "--no-newline"]
        return subprocess.run(command, capture_output=True, check=True, timeout=WITHIN_S).stdout


class Tiny(Screen):
    """One of a protocol that wl-paste may not know yet."""

    def pasted(self) -> bytes:
        offer = read_once(choose_source("wayland", environ=os.environ))
        assert offer
        return offer.representations["text/plain"]


class Session:
    """A Windows that is not there: what it keeps is what its own memory holds."""

    def __init__(self) -> None:
        self._fake = FakeWindows()

    def writer(self) -> ClipboardWriter:
        return WindowsWriter(system=self._fake.system())

    def pasted(self) -> bytes:
        found = self._fake.pasted("CF_UNICODETEXT")
        assert found is not None
        text = found.decode("utf-16-le")
        assert text.endswith("\0")
        return text.rstrip("\0").replace("\r\n", "\n").encode()

    def put_by_a_process_that_ends(self, text: bytes) -> None:
        self.writer().put({"text/plain": text}, clip_id=new_id())
        assert self._fake.leaked() == []


class Mac:
    """A Mac that is not there: its pasteboard server keeps what it was given."""

    def __init__(self) -> None:
        self._fake = FakeMac()

    def writer(self) -> ClipboardWriter:
        return MacWriter(cocoa=self._fake)

    def pasted(self) -> bytes:
        (found,) = self._fake.pasted("public.utf8-plain-text")
        return found

    def put_by_a_process_that_ends(self, text: bytes) -> None:
        self.writer().put({"text/plain": text}, clip_id=new_id())


SCREENS = ("x11", "polling")
DESKS = ("sway", "kwin", "tiny")
# Pasted from through Xwayland, so by way of Mutter where it was put natively.
GNOMES = {"mutter": "mutter", "xwayland": "x11"}
MADE: dict[str, type[Session | Mac]] = {"windows": Session, "macos": Mac}


@pytest.fixture(
    params=[
        *(pytest.param(each, marks=pytest.mark.x11) for each in SCREENS),
        *(pytest.param(each, marks=pytest.mark.wayland) for each in DESKS),
        *(pytest.param(each, marks=pytest.mark.mutter) for each in GNOMES),
        *MADE,
    ]
)
def clipboard(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Clipboard:
    if request.param in MADE:
        return MADE[request.param]()
    if request.param in SCREENS:
        _require("xclip")
        assert request.getfixturevalue("display") == os.environ["DISPLAY"]
        return Screen(request.param)
    if request.param in GNOMES:
        _require("xclip")
        assert request.getfixturevalue("mutter").environ["DISPLAY"] == os.environ["DISPLAY"]
        return Screen(GNOMES[request.param])
    desktop = request.getfixturevalue(request.param)
    monkeypatch.setenv("WAYLAND_DISPLAY", desktop.path)
    if request.param == "tiny":
        return Tiny("wayland")
    _require("wl-paste")
    return Desk("wayland")


def _require(program: str) -> None:
    if shutil.which(program) is None:
        pytest.skip(f"{program} is not installed")


def test_a_text_is_there_when_put_returns(clipboard: Clipboard) -> None:
    clipboard.writer().put({"text/plain": TEXT}, clip_id=new_id())

    assert clipboard.pasted() == TEXT


def test_the_newer_of_two_is_there(clipboard: Clipboard) -> None:
    clipboard.writer().put({"text/plain": b"older"}, clip_id=new_id())
    clipboard.writer().put({"text/plain": b"newer"}, clip_id=new_id())

    assert clipboard.pasted() == b"newer"


def test_a_large_text_comes_whole(clipboard: Clipboard) -> None:
    clipboard.writer().put({"text/plain": TEXT * 40_000}, clip_id=new_id())

    assert clipboard.pasted() == TEXT * 40_000


def test_it_outlives_the_process_that_put_it(clipboard: Clipboard) -> None:
    clipboard.put_by_a_process_that_ends(b"still here")

    assert clipboard.pasted() == b"still here"
