"""The Windows adapters on Wine's user32, where it is asked for (WEAVCLIP_TEST_WINE=1)."""

from __future__ import annotations

import io
import threading
from functools import partial
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from tests.waiting import WITHIN_S, until
from tests.watching import text_of, watched
from weavclip.clipboard.dib import bmp_of
from weavclip.clipboard.paste_windows import WindowsPaster
from weavclip.clipboard.windows import WindowsSource, WindowsWriter
from weavclip.clipboard.windows_clipboard import Clipboard, window_of
from weavclip.clipboard.windows_formats import drop_files, html_format, unicode_text
from weavclip.domain.clip import new_id
from weavclip.privacy.gate import HintGate

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.watching import Watched
    from tests.wine import Bridge, Programs

pytestmark = pytest.mark.wine
DIB = (40).to_bytes(4, "little") + bytes((1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 24, 0)) + bytes(28)


@pytest.fixture(scope="module")
def ours(wine: Programs) -> Bridge:
    return wine.start("weavclip")


@pytest.fixture(scope="module")
def notepad(wine: Programs) -> Bridge:
    return wine.start("Notepad")


def copy(program: Bridge, content: Mapping[str, bytes]) -> None:
    system = program.system()
    clipboard = Clipboard(system)
    with window_of(system) as window, clipboard.opened(window, within_s=5.0):
        clipboard.replace(content)


def source(program: Bridge) -> WindowsSource:
    """Patient: Wine's server has to share the machine with all other tests."""
    hints = HintGate().unread_types
    return WindowsSource(system=program.system(), unread_types=hints, read_timeout_s=20.0)


def words(text: str) -> dict[str, bytes]:
    return {"CF_UNICODETEXT": unicode_text(text.encode())}


def has_come(watching: Watched, text: str) -> bool:
    return text in watching.texts()


def test_copies_come_in_order_and_once(ours: Bridge, notepad: Bridge) -> None:
    copy(notepad, words("first"))
    with watched(source(ours)) as watching:
        watching.wait_for(1)
        for number, text in enumerate(["zweite", "third 🥊", "first"], start=2):
            copy(notepad, words(text))
            watching.wait_for(number)

        assert watching.texts() == ["first", "zweite", "third 🥊", "first"]
        assert [each.on_start for each in watching.offers] == [True, False, False, False]


def test_fifty_copies_one_after_the_other_are_all_seen(ours: Bridge, notepad: Bridge) -> None:
    with watched(source(ours)) as watching:
        until(lambda: ours.call("GetClipboardSequenceNumber")[0])
        for number in range(50):
            copy(notepad, words(f"copy {number}"))
            until(
                partial(has_come, watching, f"copy {number}"),
                within_s=30.0,
                what=f"copy {number} among {watching.offers[-2:]}",
            )

        assert watching.texts()[-50:] == [f"copy {number}" for number in range(50)]


@pytest.mark.parametrize(
    ("content", "kept"),
    [
        (words("ä\nb"), {"text/plain": "ä\r\nb".encode()}),
        (
            {"HTML Format": html_format(b"<b>a</b>"), **words("a")},
            {"text/html": b"<b>a</b>", "text/plain": b"a"},
        ),
        ({"PNG": bytes(range(37))}, {"image/png": bytes(range(37))}),
        ({"CF_DIB": DIB}, {"image/bmp": bmp_of(DIB)}),
        (
            {"CF_HDROP": drop_files([r"C:\a b.png"])},
            {"text/uri-list": b"file:///C:/a%20b.png\r\n"},
        ),
    ],
)
def test_each_kind_of_copy_is_kept_under_its_mime_type(
    ours: Bridge, notepad: Bridge, content: dict[str, bytes], kept: dict[str, bytes]
) -> None:
    copy(notepad, content)

    offer = source(ours).present()

    assert offer
    assert dict(offer.representations) == kept
    assert set(content) <= set(offer.types)


def test_the_program_is_named_by_the_owners_file(ours: Bridge, notepad: Bridge) -> None:
    system = notepad.system()
    clipboard = Clipboard(system)
    with window_of(system) as window:
        with clipboard.opened(window, within_s=5.0):
            clipboard.replace(words("a"))

        # It answers nothing meanwhile, which Windows calls hanging.
        offer = WindowsSource(system=ours.system(), read_timeout_s=0.05).present()

    assert offer
    assert offer.source_app == "Notepad"
    assert offer.problems == ("the list of types was not answered within 0.25 s",)


@pytest.mark.parametrize(("value", "is_kept"), [(0, False), (1, True)])
def test_the_history_hint_counts_by_its_value(
    ours: Bridge,
    notepad: Bridge,
    value: int,
    is_kept: bool,  # noqa: FBT001 - parametrised
) -> None:
    hint = {"CanIncludeInClipboardHistory": value.to_bytes(4, "little")}
    copy(notepad, {**words("a"), **hint})

    offer = source(ours).present()

    assert offer
    assert bool(offer.representations) is is_kept


def test_a_clipboard_that_is_held_is_waited_for(ours: Bridge, notepad: Bridge) -> None:
    copy(notepad, words("a"))
    release, holds = threading.Event(), threading.Event()

    def hold() -> None:
        system = notepad.system()
        with window_of(system) as window, Clipboard(system).opened(window, within_s=5.0):
            holds.set()
            release.wait(WITHIN_S)

    holder = threading.Thread(target=hold)
    holder.start()
    assert holds.wait(WITHIN_S)
    threading.Timer(0.1, release.set).start()
    offer = source(ours).present()
    holder.join(WITHIN_S)

    assert offer
    assert text_of(offer) == "a"


def test_what_was_put_back_outlives_its_program_and_is_known(
    wine: Programs, ours: Bridge, notepad: Bridge
) -> None:
    representations = {"image/bmp": bmp_of(DIB), "text/plain": b"a", "text/html": b"<b>a</b>"}
    clip_id = new_id()
    with watched(source(ours)) as watching:
        before = len(watching.offers)
        writer = wine.start("writer")
        WindowsWriter(system=writer.system()).put(representations, clip_id=clip_id)
        writer.end()
        until(lambda: len(watching.offers) > before)
        until(lambda: watching.offers[-1].own_id == clip_id)

    offer = source(notepad).present()
    assert offer
    assert dict(offer.representations) == representations


def test_a_picture_goes_back_as_a_bitmap_too(ours: Bridge, notepad: Bridge) -> None:
    image = Image.new("RGBA", (5, 3), (255, 0, 0, 255))
    image.putpixel((1, 2), (0, 0, 255, 255))
    image.putpixel((4, 0), (0, 0, 0, 0))
    png = io.BytesIO()
    image.save(png, "PNG")

    WindowsWriter(system=ours.system()).put({"image/png": png.getvalue()}, clip_id=new_id())

    clipboard = Clipboard(notepad.system())
    with clipboard.opened(None, within_s=20.0):
        names = clipboard.formats()
        dib = clipboard.raw(names["CF_DIB"], most_bytes=10_000)
    with Image.open(io.BytesIO(bmp_of(dib))) as pasted:
        shown = pasted.convert("RGB")
    assert next(iter(names)) == "PNG"
    assert shown.size == (5, 3)
    assert shown.getpixel((0, 0)) == (255, 0, 0)
    assert shown.getpixel((1, 2)) == (0, 0, 255)
    assert shown.getpixel((4, 0)) == (255, 255, 255)


def test_keys_are_pressed_in_the_window_in_front(ours: Bridge, notepad: Bridge) -> None:
    WindowsWriter(system=ours.system()).put({"text/plain": "ä 🥊".encode()}, clip_id=new_id())
    style = 0x10CF0000  # WS_OVERLAPPEDWINDOW, WS_VISIBLE
    shape = (0, 0, 300, 100)
    window = notepad.CreateWindowExW(0, "EDIT", "", style, *shape, None, None, None, None)
    notepad.SetForegroundWindow(window)
    notepad.SetFocus(window)
    pumped(notepad)

    pressed = WindowsPaster(system=ours.system()).paste()
    until(lambda: pumped(notepad) or text_in(notepad, window))

    assert pressed == "Ctrl+V"
    assert text_in(notepad, window) == "ä 🥊"


def pumped(program: Bridge) -> bool:
    """Have this thread's windows take their messages; always false, to be waited beside."""
    message = bytes(48)
    while True:
        found, (message,) = program.call("PeekMessageW", message, 0, 0, 0, 1)
        if not found:
            return False
        program.call("TranslateMessage", message)
        program.call("DispatchMessageW", message)


def text_in(program: Bridge, window: int) -> str:
    count, (raw,) = program.call("GetWindowTextW", window, bytes(200), 100)
    return raw[: 2 * count].decode("utf-16-le")
