"""What every clipboard source makes of each kind of copy, and of an owner that does wrong."""

from __future__ import annotations

import json
import threading
from contextlib import ExitStack
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

import pytest

from tests.fakes.macos import FakeMac
from tests.fakes.windows import FakeWindows
from tests.owners import owner
from tests.waiting import WITHIN_S, until
from tests.watching import watched
from weavclip.clipboard.macos import MacSource
from weavclip.clipboard.mutter import MutterSource
from weavclip.clipboard.polling import PollingSource
from weavclip.clipboard.replay import ReplaySource
from weavclip.clipboard.wayland import WaylandSource
from weavclip.clipboard.windows import WindowsSource
from weavclip.clipboard.windows_formats import drop_files, html_format, path_of, unicode_text
from weavclip.clipboard.x11 import X11Source
from weavclip.privacy.gate import HintGate

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping
    from pathlib import Path

    from tests.compositors import Desktop
    from tests.watching import Watched
    from weavclip.domain.clip import Offer
    from weavclip.domain.ports import ClipboardSource

PLAIN, HTML, PNG, FILES = "text/plain", "text/html", "image/png", "text/uri-list"
UNREAD = HintGate().unread_types
LATE_S = 0.5
"""How long an owner is waited for that never answers."""
READING: dict[str, Any] = {"read_timeout_s": LATE_S, "unread_types": UNREAD}
KINDS = {
    "picture": {PNG: bytes(range(256)) * 4_000, PLAIN: b"a chart"},  # 1 MB: in pieces on X11
    "markup": {HTML: "<b>zwölf</b> Boxkämpfer".encode(), PLAIN: "zwölf Boxkämpfer".encode()},
    "files": {FILES: b"file:///C:/a%20b.png\r\nfile:///C:/c.txt\r\n", PLAIN: b"a b.png"},
}


class Clipboard(Protocol):
    """Something that can be copied to, and the source that sees it."""

    def copy(self, content: Mapping[str, bytes]) -> None: ...

    def source(self) -> ClipboardSource: ...

    def seen(self, content: Mapping[str, bytes]) -> Mapping[str, bytes]:
        """What it is to make of a copy."""
        return content


class Marking(Clipboard, Protocol):
    """Where a program can mark a copy as secret."""

    def copy_secret(self, text: bytes) -> None: ...


class Hanging(Clipboard, Protocol):
    """Where content is asked of the program that copied it."""

    def copy_never(self) -> None:
        """Copy what is not given when it is asked for, until something else is copied."""


class Folder(Clipboard):
    """A folder of files, each of which is one copy of one type."""

    SUFFIXES: ClassVar = {PNG: ".png", HTML: ".html", FILES: ".uri-list"}

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def copy(self, content: Mapping[str, bytes]) -> None:
        for path in self.folder.iterdir():
            path.unlink()
        for mime_type, value in self.seen(content).items():
            (self.folder / f"copy{self.SUFFIXES[mime_type]}").write_bytes(value)

    def source(self) -> ClipboardSource:
        return ReplaySource(self.folder)

    def seen(self, content: Mapping[str, bytes]) -> Mapping[str, bytes]:
        return {mime_type: value for mime_type, value in content.items() if mime_type != PLAIN}


class Lines(Folder):
    """A JSONL file of copies, which names files beside it for what is no text."""

    KEYS: ClassVar = {"text": PLAIN, "html": HTML}

    def copy(self, content: Mapping[str, bytes]) -> None:
        super().copy({each: content[each] for each in (PNG, FILES) if each in content})
        said = {key: content[each].decode() for key, each in self.KEYS.items() if each in content}
        for path in list(self.folder.iterdir()):
            said["file"] = path.name
        self._write(said)

    def copy_secret(self, text: bytes) -> None:
        self._write({"text": text.decode(), "types": ["x-kde-passwordManagerHint"]})

    def source(self) -> ClipboardSource:
        return ReplaySource(self.folder / "copies.jsonl", unread_types=UNREAD)

    def seen(self, content: Mapping[str, bytes]) -> Mapping[str, bytes]:
        return content

    def _write(self, said: Mapping[str, object]) -> None:
        (self.folder / "copies.jsonl").write_text(json.dumps(said))


class Owned(Clipboard):
    """A real clipboard, and a program of the tests' that owns what is on it."""

    def __init__(
        self,
        place: str,
        source: Callable[..., ClipboardSource],
        taken: ExitStack,
        *,
        text: str = "text/plain;charset=utf-8",
        selected: Mapping[str, object] = MappingProxyType({}),
    ) -> None:
        self._owner = taken.enter_context(owner(place))
        self._make = source
        self._text = text
        self._selected = selected

    def copy(self, content: Mapping[str, bytes]) -> None:
        self._owner.copy(self._named(content))

    def copy_secret(self, text: bytes) -> None:
        self._owner.copy({**self._named({PLAIN: text}), "x-kde-passwordManagerHint": b"secret"})

    def copy_never(self) -> None:
        self._owner.copy({HTML: b"never"}, hang=[HTML])

    def select(self, text: bytes) -> None:
        """Select it without copying it."""
        self._owner.copy(self._named({PLAIN: text}), selection="PRIMARY")

    def source(self) -> ClipboardSource:
        return self._make()

    def source_of_both(self) -> ClipboardSource:
        """One that takes what is only selected, too."""
        return self._make(**self._selected)

    def _named(self, content: Mapping[str, bytes]) -> dict[str, bytes]:
        return {self._text if name == PLAIN else name: each for name, each in content.items()}


class Polled(Owned):
    """An X server's clipboard, seen by pyperclip: its text alone."""

    def copy_never(self) -> None:
        self._owner.copy({"UTF8_STRING": b"never"}, hang=["UTF8_STRING"])

    def seen(self, content: Mapping[str, bytes]) -> Mapping[str, bytes]:
        return {PLAIN: content[PLAIN]}


def dropped(uris: bytes) -> bytes:
    return drop_files([path_of(each) for each in uris.decode().split()])


WINDOWS = {PLAIN: "CF_UNICODETEXT", HTML: "HTML Format", PNG: "PNG", FILES: "CF_HDROP"}
MADE_BY: dict[str, Callable[[bytes], bytes]] = {
    PLAIN: unicode_text,
    HTML: html_format,
    PNG: bytes,
    FILES: dropped,
}


class Session(Clipboard):
    """A Windows that is not there."""

    def __init__(self) -> None:
        self._fake = FakeWindows()
        self._is_answered = threading.Event()  # of the program that copied last

    def copy(self, content: Mapping[str, bytes]) -> None:
        self._is_answered.set()
        formats = {WINDOWS[name]: MADE_BY[name](each) for name, each in content.items()}
        until(lambda: self._is_copied(formats))

    def copy_secret(self, text: bytes) -> None:
        hint = {"ExcludeClipboardContentFromMonitorProcessing": b"x"}
        self._fake.copy({WINDOWS[PLAIN]: unicode_text(text), **hint})

    def copy_never(self) -> None:
        self._is_answered = threading.Event()
        self._fake.copy({WINDOWS[HTML]: never(self._is_answered)})

    def source(self) -> ClipboardSource:
        return WindowsSource(system=self._fake.system(), **READING)

    def _is_copied(self, formats: Mapping[str, bytes]) -> bool:
        """Windows lets nobody copy while somebody holds the clipboard."""
        with self._fake.lock:
            if not self._fake.opened_by:
                self._fake.copy(formats)
                return True
        return False


MAC = {
    PLAIN: "public.utf8-plain-text",
    HTML: "public.html",
    PNG: "public.png",
    FILES: "public.file-url",
}


class Mac(Clipboard):
    """A Mac that is not there."""

    def __init__(self, taken: ExitStack) -> None:
        self._fake = FakeMac()
        self._is_over = threading.Event()
        taken.callback(self._is_over.set)

    def copy(self, content: Mapping[str, bytes]) -> None:
        files = content.get(FILES, b"").split()
        first = {MAC[name]: each for name, each in content.items() if name != FILES}
        if not files:
            self._fake.copy(first)
            return
        self._fake.copy(
            {**first, MAC[FILES]: files[0]}, *({MAC[FILES]: each} for each in files[1:])
        )

    def copy_secret(self, text: bytes) -> None:
        self._fake.copy({MAC[PLAIN]: text, "org.nspasteboard.ConcealedType": b""})

    def copy_never(self) -> None:
        self._fake.copy({MAC[HTML]: never(self._is_over)})

    def source(self) -> ClipboardSource:
        return MacSource(interval_s=0.01, cocoa=self._fake, **READING)


def never(until_set: threading.Event) -> Callable[[], bytes]:
    """Content that is made only when it is asked for, and then only once the event is set."""

    def made() -> bytes:
        until_set.wait(WITHIN_S)
        return b"late"

    return made


def on_x11(request: pytest.FixtureRequest, taken: ExitStack) -> Clipboard:
    display: str = request.getfixturevalue("display")
    source = partial(X11Source, display, **READING)
    both = {"selections": ("CLIPBOARD", "PRIMARY")}
    return Owned(display, source, taken, text="UTF8_STRING", selected=both)


def polled(request: pytest.FixtureRequest, taken: ExitStack) -> Clipboard:
    display: str = request.getfixturevalue("display")
    source = partial(PollingSource, 0.02, read_timeout_s=LATE_S)
    return Polled(display, source, taken, text="UTF8_STRING")


def on_wayland(name: str, request: pytest.FixtureRequest, taken: ExitStack) -> Clipboard:
    path: str = request.getfixturevalue(name).path
    source = partial(WaylandSource, path, **READING)
    return Owned(path, source, taken, selected={"primary": True})


def on_mutter(request: pytest.FixtureRequest, taken: ExitStack) -> Clipboard:
    desktop: Desktop = request.getfixturevalue("mutter")
    bus = desktop.environ["DBUS_SESSION_BUS_ADDRESS"]
    return Owned(bus, partial(MutterSource, **READING), taken)


def through_xwayland(request: pytest.FixtureRequest, taken: ExitStack) -> Clipboard:
    desktop: Desktop = request.getfixturevalue("mutter")
    bus, display = desktop.environ["DBUS_SESSION_BUS_ADDRESS"], desktop.environ["DISPLAY"]
    return Owned(bus, partial(X11Source, display, **READING), taken)


MADE: dict[str, Callable[[pytest.FixtureRequest, ExitStack], Clipboard]] = {
    "folder": lambda request, _: Folder(request.getfixturevalue("tmp_path")),
    "replay": lambda request, _: Lines(request.getfixturevalue("tmp_path")),
    "windows": lambda _, __: Session(),
    "macos": lambda _, taken: Mac(taken),
    "x11": on_x11,
    "polling": polled,
    "sway": partial(on_wayland, "sway"),
    "kwin": partial(on_wayland, "kwin"),
    "tiny": partial(on_wayland, "tiny"),
    "mutter": on_mutter,
    "xwayland": through_xwayland,
}
MARKS = {
    "x11": pytest.mark.x11,
    "polling": pytest.mark.x11,
    "sway": pytest.mark.wayland,
    "kwin": pytest.mark.wayland,
    "tiny": pytest.mark.wayland,
    "mutter": pytest.mark.mutter,
    "xwayland": pytest.mark.mutter,
}


def on_each(*, but: Collection[str] = ()) -> pytest.MarkDecorator:
    """Every clipboard, but for those that have no such thing."""
    params = [pytest.param(name, marks=MARKS.get(name, ())) for name in MADE if name not in but]
    return pytest.mark.parametrize("clipboard", params, indirect=True)


@pytest.fixture
def taken() -> Iterator[ExitStack]:
    """What a clipboard needs and gives back at the end."""
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def clipboard(request: pytest.FixtureRequest, taken: ExitStack) -> Clipboard:
    return MADE[request.param](request, taken)


@on_each()
def test_each_kind_of_copy_comes_whole_with_the_text_beside_it(clipboard: Clipboard) -> None:
    for content in KINDS.values():
        clipboard.copy(content)
        with watched(clipboard.source()) as watching:
            came = first(watching, partial(has, clipboard.seen(content)))

        assert came.problems == ()
        assert came.types


@on_each(but=("folder", "polling"))  # which know of no marks: docs/platforms.md
def test_nothing_is_read_of_a_copy_that_its_program_marks_as_secret(clipboard: Marking) -> None:
    clipboard.copy_secret(b"hunter2")
    with watched(clipboard.source()) as watching:
        marked = first(watching, HintGate().refusal)

        assert marked.representations == {}
        assert HintGate().refusal(marked) == "password manager hint"
        assert "hunter2" not in watching.texts()


@on_each(but=("folder", "replay"))  # where nobody is asked
def test_an_owner_that_never_answers_costs_its_copy_and_no_more(clipboard: Hanging) -> None:
    with watched(clipboard.source()) as watching:
        clipboard.copy({PLAIN: b"before"})
        first(watching, partial(has, {PLAIN: b"before"}))
        clipboard.copy_never()
        failed = first(watching, has_failed)
        clipboard.copy({PLAIN: b"next"})
        first(watching, partial(has, {PLAIN: b"next"}))

        assert failed.representations == {}
        assert failed.problems[0].endswith(f" was not answered within {LATE_S} s")


@on_each(but=("folder", "replay", "windows", "macos", "polling", "mutter", "xwayland"))
def test_what_is_only_selected_is_taken_when_asked_for_and_not_otherwise(
    clipboard: Owned,
) -> None:
    with watched(clipboard.source()) as one, watched(clipboard.source_of_both()) as both:
        clipboard.select(b"selected")
        first(both, partial(has, {PLAIN: b"selected"}))
        clipboard.copy({PLAIN: b"copied"})
        first(both, partial(has, {PLAIN: b"copied"}))
        first(one, partial(has, {PLAIN: b"copied"}))

        assert one.texts() == ["copied"]


def first(watching: Watched, found: Callable[[Offer], object]) -> Offer:
    """The first copy of which this is true, once it has come."""
    offers = watching.offers
    until(lambda: watching.error or any(map(found, list(offers))), what=f"{len(offers)} came")
    assert watching.error is None
    return next(filter(found, offers))


def has(content: Mapping[str, bytes], offer: Offer) -> bool:
    return offer.representations == content


def has_failed(offer: Offer) -> bool:
    """Whether it was copied while it was watched, and could not be read."""
    return bool(offer.problems) and not offer.on_start
