from __future__ import annotations

import logging
import os
import subprocess
import threading
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

import pytest

from tests.displays import private_server
from tests.owners import owner
from tests.stillness import until_still
from tests.waiting import WITHIN_S, until
from tests.watching import text_of, watched
from weavclip.clipboard.formats import MARKER, Limits
from weavclip.clipboard.x11 import X11Source
from weavclip.domain.errors import NoClipboardError
from weavclip.privacy.gate import HintGate

if TYPE_CHECKING:
    from collections.abc import Mapping

pytestmark = pytest.mark.x11

patient = partial(X11Source, read_timeout_s=WITHIN_S)
"""With an owner on a busy machine, too."""

PICTURE = bytes(range(256)) * 4_000  # 1 MB: five INCR pieces
HINT = "x-kde-passwordManagerHint"


def xclip(display: str, *options: str, content: bytes) -> None:
    """Copy by a real program, which stays behind as the owner."""
    subprocess.run(
        ["xclip", "-selection", "clipboard", *options],
        input=content,
        env={**os.environ, "DISPLAY": display},
        stdout=subprocess.DEVNULL,
        check=True,
        timeout=WITHIN_S,
    )


def test_what_was_copied_before_comes_first_and_says_so(display: str) -> None:
    with owner(display) as copying, watched(patient(display)) as watching:
        watching.wait_for(0)
        copying.copy({"UTF8_STRING": "früher".encode()})
        watching.wait_for(1)

        with watched(patient(display)) as second:
            (offer,) = second.wait_for(1)

        assert (text_of(offer), offer.on_start) == ("früher", True)


@pytest.mark.parametrize(
    ("content", "kept"),
    [
        ({"UTF8_STRING": "ä".encode()}, {"text/plain": "ä".encode()}),
        ({"STRING": b"\xe4"}, {"text/plain": "ä".encode()}),
        ({"text/plain": "ä".encode("utf-16")}, {"text/plain": "ä".encode()}),
        (
            {"COMPOUND_TEXT": b"\x1b-Fa \xe1"},
            {"text/plain": "a \N{GREEK SMALL LETTER ALPHA}".encode()},
        ),
        (
            {"text/html": b"<b>a</b>", "UTF8_STRING": b"a", "STRING": b"no"},
            {"text/html": b"<b>a</b>", "text/plain": b"a"},
        ),
        ({"image/jpeg": b"no", "image/png": PICTURE}, {"image/png": PICTURE}),
        (
            {"text/uri-list": b"file:///a\r\n", "image/png": b"icon", "UTF8_STRING": b"/a"},
            {"text/uri-list": b"file:///a\r\n", "text/plain": b"/a"},
        ),
        (
            {"x-special/gnome-copied-files": b"copy\nfile:///a\nfile:///b"},
            {"text/uri-list": b"file:///a\r\nfile:///b\r\n"},
        ),
        ({"application/x-other": b"x"}, {}),
    ],
)
def test_each_kind_of_copy_is_kept_under_its_mime_type(
    display: str, content: Mapping[str, bytes], kept: Mapping[str, bytes]
) -> None:
    with owner(display) as copying:
        copying.copy(content)

        offer = patient(display).present()

    assert offer
    assert dict(offer.representations) == kept
    assert set(content) <= set(offer.types)
    assert offer.problems == ()


def test_a_real_program_and_a_real_picture_come_whole(display: str) -> None:
    with watched(patient(display)) as watching:
        xclip(display, "-t", "image/png", content=PICTURE * 3)
        (offer,) = watching.wait_for(1)

        assert offer.representations == {"image/png": PICTURE * 3}


def test_the_program_is_named_by_its_window_class(display: str) -> None:
    with owner(display, wm_class="Firefox") as copying:
        copying.copy({"UTF8_STRING": b"a"})

        offer = patient(display).present()

    assert offer
    assert offer.source_app == "Firefox"


def test_a_program_without_a_window_class_is_named_by_its_process(display: str) -> None:
    with owner(display) as copying:
        copying.copy({"UTF8_STRING": b"a"})

        offer = patient(display).present()

        assert offer
        assert offer.source_app == Path(f"/proc/{copying.pid}/comm").read_text().strip()


def test_an_empty_clipboard_has_nothing_present(own_display: str) -> None:
    assert X11Source(own_display).present() is None


def test_nothing_is_asked_of_an_owner_that_hints_at_a_secret(display: str) -> None:
    source = patient(display, unread_types=HintGate().unread_types)
    with owner(display) as copying, watched(source) as watching:
        copying.copy({"UTF8_STRING": b"hunter2", HINT: b"secret"})
        watching.wait_for(1)
        copying.copy({"UTF8_STRING": b"after"})
        first, second = watching.wait_for(2)

        assert first.representations == {}
        assert HintGate().refusal(first) == "password manager hint"
        assert text_of(second) == "after"
        assert copying.served() == ["TARGETS", "TARGETS", "UTF8_STRING"]


def test_a_secret_that_replaces_a_copy_being_read_is_not_taken_for_it(display: str) -> None:
    source = patient(display, unread_types=HintGate().unread_types)
    with owner(display) as slow, owner(display) as keeper, watched(source) as watching:
        slow.copy({"UTF8_STRING": b"plain"}, hang=["UTF8_STRING"])
        until(lambda: "UTF8_STRING" in slow.served())
        keeper.copy({"UTF8_STRING": b"hunter2", HINT: b"secret"})
        first, second = watching.wait_for(2)

        assert first.problems == ("text/plain was superseded by a newer copy",)
        assert (first.representations, second.representations) == ({}, {})
        assert keeper.served() == ["TARGETS"]


def test_our_own_copy_is_known_by_its_marker_and_not_read(display: str) -> None:
    own = UUID("0190f7a0-0000-7000-8000-000000000001")
    with owner(display) as copying, watched(patient(display)) as watching:
        copying.copy({"UTF8_STRING": b"a", MARKER: str(own).encode()})
        (offer,) = watching.wait_for(1)

        assert (offer.own_id, offer.representations) == (own, {})
        assert copying.served() == ["TARGETS", MARKER]


def test_a_marker_that_names_no_clip_hides_nothing(display: str) -> None:
    with owner(display) as copying, watched(patient(display)) as watching:
        copying.copy({"UTF8_STRING": b"a", MARKER: b"mine!"})
        (offer,) = watching.wait_for(1)

        assert (offer.own_id, text_of(offer)) == (None, "a")


def test_our_own_copy_can_be_asked_for(display: str) -> None:
    own = UUID("0190f7a0-0000-7000-8000-000000000001")
    with owner(display) as copying:
        copying.copy({"UTF8_STRING": b"a", MARKER: str(own).encode()})

        offer = patient(display).present()

    assert offer
    assert text_of(offer) == "a"


def test_the_primary_selection_is_taken_only_when_asked_for(display: str) -> None:
    with_primary = patient(display, selections=("CLIPBOARD", "PRIMARY"))
    with (
        owner(display) as copying,
        watched(patient(display)) as clipboard,
        watched(with_primary) as both,
    ):
        copying.copy({"UTF8_STRING": b"selected"}, selection="PRIMARY")
        both.wait_for(1)
        copying.copy({"UTF8_STRING": b"copied"})
        both.wait_for(2)
        clipboard.wait_for(1)

        assert both.texts() == ["selected", "copied"]
        assert clipboard.texts() == ["copied"]


def test_no_copy_of_a_quick_row_is_lost_without_a_word(display: str) -> None:
    with owner(display) as copying, watched(patient(display)) as watching:
        texts = [f"copy {number}" for number in range(50)]
        copying.copy_texts(texts, every_s=0.02)
        offers = watching.wait_for(50)

        read = [text_of(each) for each in offers if not each.problems]
        assert read == [each for each in texts if each in set(read)]
        assert text_of(offers[-1]) == texts[-1]
        assert all(each.problems for each in offers if not each.representations)


def test_a_consumer_that_takes_its_time_misses_nothing(display: str) -> None:
    stop = threading.Event()
    with owner(display) as copying:
        copying.copy({"UTF8_STRING": b"before"})
        offers = patient(display).watch(stop)
        taken = [text_of(next(offers))]
        copying.copy_each([f"copy {number}" for number in range(10)])
        taken += [text_of(next(offers)) for _ in range(10)]
        stop.set()

        assert taken == ["before", *(f"copy {number}" for number in range(10))]
        assert list(offers) == []


def test_a_watch_that_is_given_up_ends_its_thread(display: str) -> None:
    with owner(display) as copying:
        copying.copy({"UTF8_STRING": b"a"})
        offers = patient(display).watch(threading.Event())
        next(offers)

        offers.close()  # type: ignore[attr-defined]

        assert "weavclip-x11" not in {each.name for each in threading.enumerate()}


def test_an_absent_server_is_told_with_what_to_do() -> None:
    with pytest.raises(
        NoClipboardError, match="no X server with XFixes answers at :977"
    ) as raised:
        next(iter(X11Source(":977").watch(threading.Event())))

    assert "DISPLAY" in raised.value.hint


def test_a_server_that_ends_ends_the_watch_with_an_error() -> None:
    with private_server() as (name, server), watched(patient(name)) as watching:
        with owner(name) as copying:
            copying.copy({"UTF8_STRING": b"a"})
            watching.wait_for(1)

        server.terminate()
        error = until(lambda: watching.error)

        assert isinstance(error, NoClipboardError)
        assert str(error) == f"the X server at {name} went away"
        assert error.hint


def test_no_content_reaches_a_log_or_a_repr(
    display: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    source = patient(display, limits=Limits(max_text_bytes=20))
    with owner(display) as copying, watched(source) as watching:
        copying.copy({"UTF8_STRING": b"hunter2", "text/html": b"<b>hunter2</b>" * 9})
        watching.wait_for(1)
        copying.copy({"UTF8_STRING": b"hunter2" * 99})
        offers = watching.wait_for(2)

        assert text_of(offers[0]) == "hunter2"
        assert "hunter2" not in caplog.text + repr(offers)


def test_nothing_runs_between_copies(display: str) -> None:
    with owner(display) as copying:
        copying.copy({"UTF8_STRING": b"a"})
        stop = threading.Event()
        watch = patient(display).watch(stop)
        next(watch)

        until_still(for_s=1.5)

        stop.set()
        assert list(watch) == []


def test_a_stop_in_the_middle_of_a_read_ends_it(display: str) -> None:
    stop = threading.Event()
    with owner(display) as copying:
        copying.copy({"UTF8_STRING": b"before"})
        watch = X11Source(display, read_timeout_s=3600.0).watch(stop)
        next(watch)
        copying.copy({"UTF8_STRING": b"never"}, hang=["UTF8_STRING"])
        until(lambda: "UTF8_STRING" in copying.served()[2:])

        stop.set()
        (offer,) = watch

        assert offer.problems == ("text/plain was not read: watching ended",)
