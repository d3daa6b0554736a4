from __future__ import annotations

import ctypes
import io
import re
import threading
from contextlib import contextmanager
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from tests.fakes.windows import NOTEPAD, FakeWindows
from tests.waiting import WITHIN_S, until
from tests.watching import text_of, watched
from weavclip.clipboard import windows_calls
from weavclip.clipboard.dib import bmp_of
from weavclip.clipboard.formats import MARKER, Limits
from weavclip.clipboard.windows import WindowsSource, WindowsWriter
from weavclip.clipboard.windows_formats import drop_files, html_format, unicode_text
from weavclip.domain.clip import new_id
from weavclip.domain.errors import ClipboardError, NoClipboardError
from weavclip.privacy.gate import HintGate

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

FIREFOX = r"C:\Program Files\Mozilla Firefox\firefox.exe"
EXCLUDED = "ExcludeClipboardContentFromMonitorProcessing"
HISTORY, CLOUD = "CanIncludeInClipboardHistory", "CanUploadToCloudClipboard"
NO, YES = bytes(4), bytes((1, 0, 0, 0))
DIB = (40).to_bytes(4, "little") + bytes((1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 24, 0)) + bytes(28)
HDROP = drop_files([r"C:\a b.png", r"C:\c.txt"])


@pytest.fixture
def fake() -> Iterator[FakeWindows]:
    fake = FakeWindows()
    yield fake
    until(lambda: not fake.leaked(), what=str(fake.leaked()))


def source(fake: FakeWindows, *, read_timeout_s: float = WITHIN_S) -> WindowsSource:
    hints = HintGate().unread_types
    return WindowsSource(system=fake.system(), unread_types=hints, read_timeout_s=read_timeout_s)


def pixels(dib: bytes) -> list[object]:
    with Image.open(io.BytesIO(bmp_of(dib))) as image:
        return [image.getpixel((x, y)) for y in range(image.height) for x in range(image.width)]


def words(text: str) -> dict[str, bytes]:
    return {"CF_UNICODETEXT": unicode_text(text.encode())}


def test_copies_come_in_order_after_what_was_there(fake: FakeWindows) -> None:
    fake.copy(words("first"), image=FIREFOX)
    with watched(source(fake)) as watching:
        watching.wait_for(1)
        for number, text in enumerate(["second", "third", "first"], start=2):
            fake.copy(words(text), image=FIREFOX)
            watching.wait_for(number)

        assert watching.texts() == ["first", "second", "third", "first"]
        assert [each.on_start for each in watching.offers] == [True, False, False, False]
        assert {each.source_app for each in watching.offers} == {"firefox"}


def test_a_copy_made_once_watching_has_begun_is_seen(fake: FakeWindows) -> None:
    stop = threading.Event()
    offers = source(fake).watch(stop)
    fake.copy(words("at once"))

    assert text_of(next(offers)) == "at once"
    stop.set()
    assert list(offers) == []


def test_an_empty_clipboard_has_nothing_present(fake: FakeWindows) -> None:
    assert source(fake).present() is None


@pytest.mark.parametrize(
    ("content", "kept"),
    [
        ({"CF_UNICODETEXT": unicode_text("ä\nb".encode())}, {"text/plain": "ä\r\nb".encode()}),
        (
            {"HTML Format": html_format(b"<b>a</b>"), **words("a"), "Rich Text Format": b"no"},
            {"text/html": b"<b>a</b>", "text/plain": b"a"},
        ),
        ({"PNG": bytes(range(16)), "CF_DIB": DIB}, {"image/png": bytes(range(16))}),
        ({"image/png": bytes(range(16))}, {"image/png": bytes(range(16))}),
        ({"JFIF": bytes(range(16))}, {"image/jpeg": bytes(range(16))}),
        ({"CF_DIB": DIB}, {"image/bmp": bmp_of(DIB)}),
        (
            {"CF_HDROP": HDROP, "CF_DIB": DIB},
            {"text/uri-list": b"file:///C:/a%20b.png\r\nfile:///C:/c.txt\r\n"},
        ),
        ({"Rich Text Format": b"{}"}, {}),
    ],
)
def test_each_kind_of_copy_is_kept_under_its_mime_type(
    fake: FakeWindows, content: Mapping[str, bytes], kept: Mapping[str, bytes]
) -> None:
    fake.copy(content)

    offer = source(fake).present()

    assert offer
    assert dict(offer.representations) == kept
    assert set(content) <= set(offer.types)
    assert offer.problems == ()


@pytest.mark.parametrize("promised", [False, True])
@pytest.mark.parametrize(
    "hint", [{EXCLUDED: b"x"}, {HISTORY: NO}, {"Clipboard Viewer Ignore": b""}]
)
def test_nothing_is_asked_of_an_owner_that_hints_at_a_secret(
    fake: FakeWindows,
    hint: dict[str, bytes],
    promised: bool,  # noqa: FBT001 - parametrised
) -> None:
    secret = words("hunter2")["CF_UNICODETEXT"]
    fake.copy({"CF_UNICODETEXT": (lambda: secret) if promised else secret, **hint})

    offer = source(fake).present()

    assert offer
    assert offer.representations == {}
    assert HintGate().refusal(offer) == "password manager hint"
    assert set(fake.reads) <= {HISTORY}


@pytest.mark.parametrize("content", [{HISTORY: YES}, {CLOUD: NO}, {HISTORY: YES, CLOUD: NO}])
def test_a_hint_that_allows_history_or_is_about_the_cloud_forbids_nothing(
    fake: FakeWindows, content: dict[str, bytes]
) -> None:
    fake.copy({**words("a"), **content})

    offer = source(fake).present()

    assert offer
    assert text_of(offer) == "a"
    assert HintGate().refusal(offer) is None
    assert HISTORY not in offer.types


def test_a_history_hint_whose_value_cannot_be_had_forbids(fake: FakeWindows) -> None:
    fake.copy({**words("a"), HISTORY: b""})

    offer = source(fake).present()

    assert offer
    assert HintGate().refusal(offer) == "password manager hint"


def test_promised_content_is_made_and_is_one_copy(fake: FakeWindows) -> None:
    with watched(source(fake)) as watching:
        fake.copy({"CF_UNICODETEXT": lambda: unicode_text(b"made now")})
        watching.wait_for(1)
        fake.copy(words("after"))
        watching.wait_for(2)

        assert watching.texts() == ["made now", "after"]


def test_what_another_program_has_made_of_a_copy_is_no_second_copy(
    fake: FakeWindows, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("weavclip.clipboard.windows_reading._REPEAT_S", WITHIN_S)
    with watched(source(fake)) as watching:
        fake.copy({**words("words"), "CF_DIB": lambda: DIB, "CF_HDROP": lambda: HDROP})
        watching.wait_for(1)
        # As Windows' history does: it asks for a format, and the listeners are told.
        fake.render(fake.number("CF_DIB"))
        fake.changed()
        fake.copy(words("after"))
        watching.wait_for(2)

        assert len(watching.offers) == 2


def test_an_owner_that_hangs_over_its_promise_is_read_when_it_has_kept_it(
    fake: FakeWindows,
) -> None:
    answered = threading.Event()

    def hang() -> bytes:
        answered.wait(WITHIN_S)
        return unicode_text(b"late")

    with watched(source(fake, read_timeout_s=1.0)) as watching:
        fake.copy({"CF_UNICODETEXT": hang})
        watching.wait_for(1)
        answered.set()
        watching.wait_for(2)
        fake.copy(words("after"))
        watching.wait_for(3)

        assert watching.offers[0].problems == ("text/plain was not answered within 1.0 s",)
        assert watching.texts() == ["", "late", "after"]


def test_of_an_owner_that_does_not_answer_nothing_is_asked(fake: FakeWindows) -> None:
    window = fake.copy(words("a"), image=FIREFOX)
    fake.windows[window].answers.clear()

    offer = source(fake, read_timeout_s=0.05).present()

    assert offer
    assert offer.problems == ("the list of types was not answered within 0.25 s",)
    assert fake.reads == []


def test_an_owner_that_is_busy_is_waited_for(fake: FakeWindows) -> None:
    window = fake.copy(words("a"), image=FIREFOX)
    fake.windows[window].answers.clear()
    threading.Timer(0.3, fake.windows[window].answers.set).start()

    offer = source(fake).present()

    assert offer
    assert text_of(offer) == "a"


def test_waiting_for_a_busy_owner_ends_with_the_stop(fake: FakeWindows) -> None:
    window = fake.copy(words("a"), image=FIREFOX)
    fake.windows[window].answers.clear()
    stop = threading.Event()
    offers = source(fake, read_timeout_s=3600.0).watch(stop)

    stop.set()

    (offer,) = offers
    assert offer.problems[0].startswith("the list of types was not answered")


def test_a_clipboard_that_is_held_is_waited_for(fake: FakeWindows) -> None:
    fake.copy(words("a"))
    with held(fake) as release:
        threading.Timer(0.05, release.set).start()
        offer = source(fake).present()

    assert offer
    assert text_of(offer) == "a"


def test_a_clipboard_that_is_held_for_ever_is_told(fake: FakeWindows) -> None:
    fake.copy(words("a"))
    with held(fake):
        offer = source(fake, read_timeout_s=0.2).present()
        with pytest.raises(ClipboardError, match=r"was held by another program for 0\.1 s"):
            WindowsWriter(timeout_s=0.1, system=fake.system()).put(
                {"text/plain": b"b"}, clip_id=new_id()
            )

    assert offer
    assert offer.problems == ("the list of types was held by another program for 0.1 s",)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ({"PNG": bytes(101)}, "image/png is over max_image_bytes=100"),
        (
            {"CF_DIB": DIB[:4] + bytes((99,)) + DIB[5:] + bytes(300)},
            "image/bmp is over max_image_bytes=100",
        ),
        (words("ä" * 6), "text/plain is over max_text_bytes=10"),
        ({"CF_HDROP": HDROP}, "text/uri-list is over max_text_bytes=10"),
        ({"CF_DIB": b"no bitmap"}, "image/bmp has a header"),
        ({"CF_HDROP": b"torn"}, "text/uri-list is cut short"),
    ],
)
def test_what_is_too_large_or_damaged_is_told_and_not_kept(
    fake: FakeWindows, content: dict[str, bytes], problem: str
) -> None:
    fake.copy(content)
    limits = Limits(max_text_bytes=10, max_image_bytes=100)

    offer = WindowsSource(system=fake.system(), limits=limits).present()

    assert offer
    assert offer.representations == {}
    assert offer.problems[0].startswith(problem)


def test_memory_is_not_copied_when_it_is_over_the_limit(
    fake: FakeWindows, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake.copy({"PNG": bytes(1_000_000)})
    monkeypatch.setattr(ctypes, "string_at", None)

    offer = WindowsSource(system=fake.system(), limits=Limits(max_image_bytes=10)).present()

    assert offer
    assert offer.problems == ("image/png is over max_image_bytes=10",)


def test_what_memory_holds_behind_a_picture_is_no_part_of_it(fake: FakeWindows) -> None:
    picture = b"\x89PNG\r\n\x1a\n...\0\0\0\0IEND\xaeB`\x82"
    fake.copy({"PNG": picture})

    offer = source(fake).present()

    assert offer
    assert offer.representations == {"image/png": picture}


def test_a_text_that_just_fits_is_read(fake: FakeWindows) -> None:
    fake.copy(words("0123456789"))

    offer = WindowsSource(system=fake.system(), limits=Limits(max_text_bytes=10)).present()

    assert offer
    assert text_of(offer) == "0123456789"


def test_a_copy_by_nobody_is_of_the_window_in_use(fake: FakeWindows) -> None:
    fake.front = fake.window(FIREFOX, thread=0)
    fake.copy(words("a"))

    offer = source(fake).present()

    assert offer
    assert offer.source_app == "firefox"


def test_our_own_copy_is_known_and_not_read(fake: FakeWindows) -> None:
    clip_id = new_id()
    with watched(source(fake)) as watching:
        WindowsWriter(system=fake.system()).put({"text/plain": b"ours"}, clip_id=clip_id)
        (offer,) = watching.wait_for(1)

        assert offer.own_id == clip_id
        assert offer.representations == {}
        assert fake.reads == [MARKER]


def test_our_own_copy_can_be_asked_with(fake: FakeWindows) -> None:
    WindowsWriter(system=fake.system()).put({"text/plain": b"ours"}, clip_id=new_id())

    offer = source(fake).present()

    assert offer
    assert text_of(offer) == "ours"


def test_a_mark_that_names_no_clip_marks_nothing(fake: FakeWindows) -> None:
    fake.copy({**words("a"), MARKER: b"whose?"})
    with watched(source(fake)) as watching:
        (offer,) = watching.wait_for(1)

        assert offer.own_id is None
        assert text_of(offer) == "a"


def test_every_kind_of_clip_goes_back_as_it_came(fake: FakeWindows) -> None:
    bmp = bmp_of(DIB)
    representations = {
        "image/bmp": bmp,
        "text/html": "<b>ä</b>".encode(),
        "text/plain": b"a",
    }
    WindowsWriter(system=fake.system()).put(representations, clip_id=new_id())

    offer = source(fake).present()

    assert offer
    assert dict(offer.representations) == representations
    assert fake.owner is None


def test_a_picture_goes_back_as_a_bitmap_too(fake: FakeWindows) -> None:
    WindowsWriter(system=fake.system()).put({"image/png": b"png"}, clip_id=new_id())

    assert fake.pasted("PNG") == b"png"
    dib = fake.pasted("CF_DIB")
    assert dib is not None
    assert pixels(dib) == [(0x55, 0x55, 0x55)] * 2


def test_a_picture_that_windows_cannot_decode_goes_back_as_it_is(fake: FakeWindows) -> None:
    fake.decodes = False
    WindowsWriter(system=fake.system()).put({"image/png": b"png"}, clip_id=new_id())

    assert fake.pasted("PNG") == b"png"
    assert fake.pasted("CF_DIB") is None


def test_files_go_back_as_dropped_files(fake: FakeWindows) -> None:
    uris = b"file:///C:/a%20b.png\r\n"
    WindowsWriter(system=fake.system()).put({"text/uri-list": uris}, clip_id=new_id())

    assert fake.pasted("CF_HDROP") == drop_files([r"C:\a b.png"])


def test_what_windows_has_no_format_for_is_refused_by_name(fake: FakeWindows) -> None:
    fake.copy(words("stays"))

    with pytest.raises(ClipboardError, match="application/x-other; Windows has no format"):
        WindowsWriter(system=fake.system()).put({"application/x-other": b"x"}, clip_id=new_id())

    assert fake.pasted("CF_UNICODETEXT") == unicode_text(b"stays")


def test_a_format_that_is_not_taken_is_an_error_and_leaks_nothing(
    fake: FakeWindows, monkeypatch: pytest.MonkeyPatch
) -> None:
    system = fake.system()
    monkeypatch.setattr(system.user32, "SetClipboardData", lambda *_: fake.fail(8) or None)

    with pytest.raises(ClipboardError, match=r"handing CF_UNICODETEXT over \(error 8\)"):
        WindowsWriter(system=system).put({"text/plain": b"a"}, clip_id=new_id())


def test_a_session_that_ends_is_an_error_with_a_next_step(fake: FakeWindows) -> None:
    with watched(source(fake)) as watching:
        until(lambda: fake.listeners)
        fake.end_of_session(fake.listeners[0])
        until(lambda: watching.error)

        assert isinstance(watching.error, NoClipboardError)
        assert watching.error.hint


def test_a_service_without_a_desktop_is_an_error_with_a_next_step(
    fake: FakeWindows, monkeypatch: pytest.MonkeyPatch
) -> None:
    system = fake.system()
    monkeypatch.setattr(system.user32, "CreateWindowExW", lambda *_: fake.fail(5) or None)

    with pytest.raises(NoClipboardError, match=r"no window here \(Windows error 5\)") as raised:
        next(WindowsSource(system=system).watch(threading.Event()))

    assert raised.value.hint


def test_every_call_is_typed_with_handles_as_wide_as_pointers() -> None:
    signatures = {
        **windows_calls._USER32,
        **windows_calls._KERNEL32,
        **windows_calls._GDIPLUS,
        **windows_calls._GDI32,
        **windows_calls._SHLWAPI,
    }
    names = {
        name
        for protocol in (
            windows_calls.User32,
            windows_calls.Kernel32,
            windows_calls.Gdiplus,
            windows_calls.Gdi32,
            windows_calls.Shlwapi,
        )
        for name in vars(protocol)
        if re.match(r"[A-Z]", name)
    }
    library = SimpleNamespace(**{name: SimpleNamespace() for name in signatures})

    windows_calls.typed(library, signatures)

    assert signatures.keys() == names
    for name in ("OpenClipboard", "GetClipboardData", "GlobalLock", "SetClipboardData"):
        function = getattr(library, name)
        assert (
            ctypes.sizeof(
                function.argtypes[-1] if name != "GetClipboardData" else function.restype
            )
            == 8
        )
    assert ctypes.sizeof(windows_calls.Input) == 40


@contextmanager
def held(fake: FakeWindows) -> Iterator[threading.Event]:
    """Another program keeps the clipboard open, until told, at the latest to the block's end."""
    release, has_opened, has_closed = threading.Event(), threading.Event(), threading.Event()
    user32 = fake.system().user32

    def hold() -> None:
        assert user32.OpenClipboard(fake.window(NOTEPAD, thread=0))
        has_opened.set()
        release.wait(WITHIN_S)
        user32.CloseClipboard()
        has_closed.set()

    threading.Thread(target=hold).start()
    assert has_opened.wait(WITHIN_S)
    try:
        yield release
    finally:
        release.set()
        assert has_closed.wait(WITHIN_S)
