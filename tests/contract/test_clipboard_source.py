"""What every clipboard source promises, whatever it reads."""

from __future__ import annotations

import json
import shutil
import subprocess
import threading
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING, Protocol

import pytest

from tests.displays import is_owned
from tests.fakes.macos import FakeMac
from tests.fakes.windows import NOTEPAD, FakeWindows
from tests.owners import owner
from tests.waiting import WITHIN_S, until
from tests.watching import text_of
from weavclip.clipboard.choose import read_once
from weavclip.clipboard.formats import Limits
from weavclip.clipboard.macos import MacSource
from weavclip.clipboard.mutter import MutterSource
from weavclip.clipboard.polling import PollingSource
from weavclip.clipboard.replay import ReplaySource
from weavclip.clipboard.wayland import WaylandSource
from weavclip.clipboard.windows import WindowsSource
from weavclip.clipboard.x11 import X11Source
from weavclip.domain.errors import NoClipboardError
from weavclip.settings.fields import SOURCES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.compositors import Desktop
    from tests.tiny_compositor import TinyCompositor
    from weavclip.domain.ports import ClipboardSource

TEXT = "zwölf Boxkämpfer\nund ein 🥊"


class Clipboard(Protocol):
    """Something that can be copied to, and the source that sees it."""

    def copy(self, text: str) -> None: ...

    def source(self, limits: Limits) -> ClipboardSource: ...

    def absent(self) -> ClipboardSource: ...


class Files:
    """A JSONL file of copies."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "copies.jsonl"

    def copy(self, text: str) -> None:
        with self._path.open("a") as lines:
            lines.write(json.dumps({"text": text}) + "\n")

    def source(self, limits: Limits) -> ClipboardSource:
        return ReplaySource(self._path, limits=limits)

    def absent(self) -> ClipboardSource:
        return ReplaySource(self._path.with_name("absent"))


class Folder(Files):
    """A folder of text files."""

    def copy(self, text: str) -> None:
        (self._path.parent / f"{time.monotonic_ns()}.txt").write_text(text)

    def source(self, limits: Limits) -> ClipboardSource:
        return ReplaySource(self._path.parent, limits=limits)


class Screen:
    """A private X server's clipboard, written by xclip."""

    def __init__(self, display: str) -> None:
        self._display = display

    def copy(self, text: str) -> None:
        if shutil.which("xclip") is None:
            pytest.skip("xclip is not installed")
        subprocess.run(
            ["xclip", "-selection", "clipboard", "-i"],
            input=text.encode(),
            stdout=subprocess.DEVNULL,
            check=True,
            timeout=WITHIN_S,
        )
        until(lambda: is_owned(self._display))

    def source(self, limits: Limits) -> ClipboardSource:
        return X11Source(self._display, limits=limits)

    def absent(self) -> ClipboardSource:
        return X11Source(":977")


class Polled(Screen):
    """The same, seen by pyperclip."""

    def source(self, limits: Limits) -> ClipboardSource:
        return PollingSource(0.02, limits=limits)

    def absent(self) -> ClipboardSource:
        environ = {"WAYLAND_DISPLAY": "wayland-0", "XDG_CURRENT_DESKTOP": "GNOME"}
        return PollingSource(0.02, environ=environ)


class Session:
    """A Windows that is not there."""

    def __init__(self) -> None:
        self._fake = FakeWindows()

    def copy(self, text: str) -> None:
        self._fake.copy({"CF_UNICODETEXT": f"{text}\0".encode("utf-16-le")}, image=NOTEPAD)

    def source(self, limits: Limits) -> ClipboardSource:
        return WindowsSource(limits=limits, system=self._fake.system())

    def absent(self) -> ClipboardSource:
        return WindowsSource()


class Mac:
    """A Mac that is not there."""

    def __init__(self) -> None:
        self._fake = FakeMac()

    def copy(self, text: str) -> None:
        self._fake.copy({"public.utf8-plain-text": text.encode()})

    def source(self, limits: Limits) -> ClipboardSource:
        return MacSource(limits=limits, interval_s=0.01, cocoa=self._fake)

    def absent(self) -> ClipboardSource:
        return MacSource()


class Desk:
    """A private Wayland compositor's clipboard, written by wl-copy."""

    def __init__(self, desktop: Desktop) -> None:
        self._path = desktop.path

    def copy(self, text: str) -> None:
        if shutil.which("wl-copy") is None:
            pytest.skip("wl-copy is not installed")
        subprocess.run(
            ["wl-copy"],
            input=text.encode(),
            stdout=subprocess.DEVNULL,
            check=True,
            timeout=WITHIN_S,
        )

    def source(self, limits: Limits) -> ClipboardSource:
        return WaylandSource(self._path, limits=limits)

    def absent(self) -> ClipboardSource:
        return WaylandSource(f"{self._path}-absent")


class Tiny:
    """A compositor of the tests' own, of a protocol that wl-copy may not know yet."""

    def __init__(self, compositor: TinyCompositor) -> None:
        self._compositor = compositor

    def copy(self, text: str) -> None:
        self._compositor.copy({"text/plain;charset=utf-8": text.encode()})

    def source(self, limits: Limits) -> ClipboardSource:
        return WaylandSource(self._compositor.path, limits=limits)

    def absent(self) -> ClipboardSource:
        return WaylandSource(f"{self._compositor.path}-absent")


class Gnome:
    """A private GNOME session's clipboard, written by an owner of its own."""

    def __init__(self, desktop: Desktop, taken: ExitStack) -> None:
        self._bus = desktop.environ["DBUS_SESSION_BUS_ADDRESS"]
        self._owner = taken.enter_context(owner(self._bus))

    def copy(self, text: str) -> None:
        content = text.encode()
        self._owner.copy({"text/plain;charset=utf-8": content, "text/plain": content})

    def source(self, limits: Limits) -> ClipboardSource:
        return MutterSource(limits=limits)

    def absent(self) -> ClipboardSource:
        return MutterSource({"DBUS_SESSION_BUS_ADDRESS": "unix:path=/nowhere/bus"})


class Xwayland(Gnome):
    """The same, seen through its X11 side."""

    def __init__(self, desktop: Desktop, taken: ExitStack) -> None:
        super().__init__(desktop, taken)
        self._display = desktop.environ["DISPLAY"]

    def copy(self, text: str) -> None:
        super().copy(text)
        until(lambda: self._passed_on() == text)

    def source(self, limits: Limits) -> ClipboardSource:
        return X11Source(self._display, limits=limits)

    def absent(self) -> ClipboardSource:
        return X11Source(":977")

    def _passed_on(self) -> str:
        offer = read_once(self.source(Limits()))
        return text_of(offer) if offer else ""


MADE: dict[str, type[Session | Mac]] = {"windows": Session, "macos": Mac}
GNOMES = {"mutter": Gnome, "xwayland": Xwayland}


@pytest.fixture
def taken() -> Iterator[ExitStack]:
    """What a clipboard needs and gives back at the end."""
    with ExitStack() as stack:
        yield stack


@pytest.fixture(
    params=[
        "replay",
        "folder",
        "windows",
        "macos",
        pytest.param("x11", marks=pytest.mark.x11),
        pytest.param("polling", marks=pytest.mark.x11),
        pytest.param("sway", marks=pytest.mark.wayland),
        pytest.param("kwin", marks=pytest.mark.wayland),
        pytest.param("tiny", marks=pytest.mark.wayland),
        pytest.param("mutter", marks=pytest.mark.mutter),
        pytest.param("xwayland", marks=pytest.mark.mutter),
    ]
)
def clipboard(request: pytest.FixtureRequest, tmp_path: Path, taken: ExitStack) -> Clipboard:
    if request.param in MADE:
        return MADE[request.param]()
    if request.param in ("replay", "folder"):
        return Files(tmp_path) if request.param == "replay" else Folder(tmp_path)
    if request.param in GNOMES:
        return GNOMES[request.param](request.getfixturevalue("mutter"), taken)
    if request.param in ("sway", "kwin"):
        return Desk(request.getfixturevalue(request.param))
    if request.param == "tiny":
        return Tiny(request.getfixturevalue("tiny"))
    display: str = request.getfixturevalue("display")
    return Screen(display) if request.param == "x11" else Polled(display)


def test_what_was_copied_is_yielded_first_in_utf8(clipboard: Clipboard) -> None:
    clipboard.copy(TEXT)

    offer = next(iter(clipboard.source(Limits()).watch(threading.Event())))

    assert text_of(offer) == TEXT
    assert offer.types
    assert offer.problems == ()
    assert offer.at.tzinfo is not None


def test_a_text_over_the_limit_is_told_and_not_read(clipboard: Clipboard) -> None:
    clipboard.copy(TEXT)

    offer = next(iter(clipboard.source(Limits(max_text_bytes=9)).watch(threading.Event())))

    assert offer.representations == {}
    assert offer.problems == ("text/plain is over max_text_bytes=9",)


def test_it_ends_with_the_stop(clipboard: Clipboard) -> None:
    clipboard.copy(TEXT)
    stop = threading.Event()
    offers = clipboard.source(Limits()).watch(stop)
    next(offers)

    stop.set()

    assert list(offers) == []


def test_a_stop_that_is_set_already_ends_it_as_well(clipboard: Clipboard) -> None:
    clipboard.copy(TEXT)
    stop = threading.Event()
    stop.set()

    assert len(list(clipboard.source(Limits()).watch(stop))) <= 1


def test_it_can_be_asked_once(clipboard: Clipboard) -> None:
    clipboard.copy(TEXT)

    offer = read_once(clipboard.source(Limits()))

    assert offer
    assert text_of(offer) == TEXT


def test_no_clipboard_is_an_error_with_a_next_step(clipboard: Clipboard) -> None:
    with pytest.raises(NoClipboardError) as raised:
        next(iter(clipboard.absent().watch(threading.Event())))

    assert raised.value.hint


def test_its_name_is_the_setting_that_asks_for_it(clipboard: Clipboard) -> None:
    assert clipboard.source(Limits()).name in SOURCES
