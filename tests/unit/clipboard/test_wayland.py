"""Wayland's clipboards by data-control: on sway, on KWin, and by the newer protocol."""

from __future__ import annotations

import logging
import os
import subprocess
import threading
from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID

import pytest

from tests.compositors import private_sway
from tests.folders import runtime_folder
from tests.owners import owner
from tests.stillness import until_still
from tests.tiny_compositor import WLR, TinyCompositor, tiny_compositor
from tests.waiting import WITHIN_S, until
from tests.watching import text_of, watched
from weavclip.clipboard.formats import MARKER, Limits
from weavclip.clipboard.wayland import WaylandSource
from weavclip.domain.errors import NoClipboardError
from weavclip.privacy.gate import HintGate

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

pytestmark = pytest.mark.wayland

patient = partial(WaylandSource, read_timeout_s=WITHIN_S)
"""With an owner on a busy machine, too."""

PICTURE = bytes(range(256)) * 4_000  # 1 MB: more than a pipe holds
HINT = "x-kde-passwordManagerHint"
OWN = UUID("0190f7a0-0000-7000-8000-000000000001")


@pytest.fixture(params=["sway", "kwin", "tiny"])
def path(request: pytest.FixtureRequest) -> str:
    """The socket of each compositor in turn."""
    return str(request.getfixturevalue(request.param).path)


@pytest.fixture(params=["sway", "kwin"])
def real_path(request: pytest.FixtureRequest) -> str:
    """Of those that wl-clipboard knows how to speak to."""
    return str(request.getfixturevalue(request.param).path)


def wl_copy(path: str, *options: str, content: bytes = b"") -> None:
    """Copy by a real program, which stays behind as the owner."""
    subprocess.run(
        ["wl-copy", *options],
        input=content,
        env={**os.environ, "WAYLAND_DISPLAY": path},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=True,
        timeout=WITHIN_S,
    )


def test_what_was_copied_before_comes_first_and_says_so(path: str) -> None:
    with owner(path) as copying:
        copying.copy({"UTF8_STRING": "früher".encode()})

        with watched(patient(path)) as watching:
            watching.wait_for(1)
            copying.copy({"UTF8_STRING": "später".encode()})
            first, second = watching.wait_for(2)

        assert (text_of(first), first.on_start) == ("früher", True)
        assert (text_of(second), second.on_start) == ("später", False)


@pytest.mark.parametrize(
    ("content", "kept"),
    [
        ({"UTF8_STRING": "ä".encode()}, {"text/plain": "ä".encode()}),
        ({"STRING": b"\xe4"}, {"text/plain": "ä".encode()}),
        ({"text/plain": "ä".encode("utf-16")}, {"text/plain": "ä".encode()}),
        (
            {"text/html": b"<b>a</b>", "text/plain;charset=utf-8": b"a", "STRING": b"no"},
            {"text/html": b"<b>a</b>", "text/plain": b"a"},
        ),
        ({"image/jpeg": b"no", "image/png": PICTURE}, {"image/png": PICTURE}),
        (
            {"text/uri-list": b"file:///a\r\n", "image/png": b"icon", "UTF8_STRING": b"/a"},
            {"text/uri-list": b"file:///a\r\n", "text/plain": b"/a"},
        ),
        ({"application/x-other": b"x"}, {}),
        ({}, {}),
    ],
)
def test_each_kind_of_copy_is_kept_under_its_mime_type(
    tiny: TinyCompositor, content: Mapping[str, bytes], kept: Mapping[str, bytes]
) -> None:
    tiny.copy(content)

    offer = patient(tiny.path).present()

    assert offer
    assert dict(offer.representations) == kept
    assert offer.types == tuple(content)
    assert offer.problems == ()


def test_a_real_program_and_a_real_picture_come_whole(real_path: str) -> None:
    with watched(patient(real_path)) as watching:
        wl_copy(real_path, "-t", "image/png", content=PICTURE * 3)
        (offer,) = watching.wait_for(1)

        assert offer.representations == {"image/png": PICTURE * 3}


def test_a_program_that_serves_once_and_ends_is_read(real_path: str) -> None:
    with watched(patient(real_path)) as watching:
        serving = subprocess.Popen(
            ["wl-copy", "--foreground", "--paste-once", "words"],
            env={**os.environ, "WAYLAND_DISPLAY": real_path},
        )
        (offer,) = watching.wait_for(1)

        assert text_of(offer) == "words"
        assert serving.wait(WITHIN_S) == 0


def test_an_empty_clipboard_has_nothing_present(path: str) -> None:
    assert patient(path).present() is None


def test_a_cleared_clipboard_is_no_copy(real_path: str) -> None:
    with watched(patient(real_path)) as watching:
        wl_copy(real_path, "one")
        watching.wait_for(1)
        wl_copy(real_path, "--clear")
        wl_copy(real_path, "two")
        watching.wait_for(2)

        assert watching.texts() == ["one", "two"]


def test_nothing_is_asked_of_an_owner_that_hints_at_a_secret(path: str) -> None:
    source = patient(path, unread_types=HintGate().unread_types)
    with owner(path) as copying, watched(source) as watching:
        copying.copy({"UTF8_STRING": b"hunter2", HINT: b"secret"})
        watching.wait_for(1)
        copying.copy({"UTF8_STRING": b"after"})
        first, second = watching.wait_for(2)

        assert first.representations == {}
        assert HintGate().refusal(first) == "password manager hint"
        assert text_of(second) == "after"
        assert copying.served() == ["UTF8_STRING"]


def test_a_secret_that_replaces_a_copy_being_read_is_not_taken_for_it(path: str) -> None:
    source = WaylandSource(path, unread_types=HintGate().unread_types, read_timeout_s=0.3)
    with owner(path) as slow, owner(path) as keeper, watched(source) as watching:
        slow.copy({"UTF8_STRING": b"plain"}, hang=["UTF8_STRING"])
        until(slow.served)
        keeper.copy({"UTF8_STRING": b"hunter2", HINT: b"secret"})
        watching.wait_for(2)

        assert all(each.representations == {} for each in watching.offers)
        assert keeper.served() == []


def test_our_own_copy_is_known_by_its_marker_and_not_read(path: str) -> None:
    with owner(path) as copying, watched(patient(path)) as watching:
        copying.copy({"UTF8_STRING": b"a", MARKER: str(OWN).encode()})
        (offer,) = watching.wait_for(1)

        assert (offer.own_id, offer.representations) == (OWN, {})
        assert copying.served() == [MARKER]


def test_a_marker_that_names_no_clip_hides_nothing(tiny: TinyCompositor) -> None:
    with watched(patient(tiny.path)) as watching:
        tiny.copy({"UTF8_STRING": b"a", MARKER: b"mine!"})
        (offer,) = watching.wait_for(1)

        assert (offer.own_id, text_of(offer)) == (None, "a")


def test_our_own_copy_can_be_asked_for(tiny: TinyCompositor) -> None:
    tiny.copy({"UTF8_STRING": b"a", MARKER: str(OWN).encode()})

    offer = patient(tiny.path).present()

    assert offer
    assert text_of(offer) == "a"


def test_what_plasma_puts_back_is_no_new_copy(tiny: TinyCompositor) -> None:
    with watched(patient(tiny.path)) as watching:
        tiny.copy({"UTF8_STRING": b"a"})
        watching.wait_for(1)
        tiny.clear()
        tiny.copy({"UTF8_STRING": b"a", "application/x-kde-onlyReplaceEmpty": b"1"})
        _, again = watching.wait_for(2)

        assert (text_of(again), again.on_start) == ("a", True)


def test_the_primary_selection_is_taken_only_when_asked_for(path: str) -> None:
    with (
        owner(path) as copying,
        watched(patient(path)) as clipboard,
        watched(patient(path, primary=True)) as both,
    ):
        copying.copy({"UTF8_STRING": b"selected"}, selection="PRIMARY")
        both.wait_for(1)
        copying.copy({"UTF8_STRING": b"copied"})
        both.wait_for(2)
        clipboard.wait_for(1)

        assert both.texts() == ["selected", "copied"]
        assert clipboard.texts() == ["copied"]


def test_no_copy_of_a_quick_row_is_lost_without_a_word(path: str) -> None:
    with owner(path) as copying, watched(patient(path)) as watching:
        texts = [f"copy {number}" for number in range(50)]
        copying.copy_texts(texts, every_s=0.01)
        offers = watching.wait_for(50)

        read = [text_of(each) for each in offers if not each.problems]
        assert sorted(read) == sorted(each for each in texts if each in set(read))
        assert texts[-1] in read
        assert all(each.problems for each in offers if not each.representations)


def test_a_consumer_that_takes_its_time_misses_nothing(path: str) -> None:
    stop = threading.Event()
    with owner(path) as copying:
        copying.copy({"UTF8_STRING": b"before"})
        offers = patient(path).watch(stop)
        taken = [next(offers)]
        copying.copy_each([f"copy {number}" for number in range(10)])
        taken += [next(offers) for _ in range(10)]
        stop.set()

        # One that is whole sooner than the one before is told sooner.
        in_order = [text_of(each) for each in sorted(taken, key=lambda each: each.at)]
        assert in_order == ["before", *(f"copy {number}" for number in range(10))]
        assert list(offers) == []


def test_every_seat_has_a_clipboard_of_its_own() -> None:
    with tiny_compositor(seats=2) as tiny, watched(patient(tiny.path)) as watching:
        until(lambda: tiny.followers(1))
        tiny.copy({"UTF8_STRING": b"left"}, seat=0)
        watching.wait_for(1)
        tiny.copy({"UTF8_STRING": b"right"}, seat=1)
        watching.wait_for(2)

        assert watching.texts() == ["left", "right"]


def test_a_seat_that_comes_is_followed_and_one_that_goes_is_not(tiny: TinyCompositor) -> None:
    with watched(patient(tiny.path)) as watching:
        until(lambda: tiny.followers(0))
        tiny.add_seat()
        until(lambda: tiny.followers(1))
        tiny.copy({"UTF8_STRING": b"from the second"}, seat=1)
        watching.wait_for(1)
        tiny.remove_seat(0)
        until(lambda: not tiny.followers(0))
        tiny.copy({"UTF8_STRING": b"still there"}, seat=1)
        watching.wait_for(2)

        assert watching.texts() == ["from the second", "still there"]


def test_the_older_protocol_is_taken_where_the_newer_is_not() -> None:
    with tiny_compositor(manager=WLR) as tiny, owner(tiny.path) as copying:
        copying.copy({"UTF8_STRING": b"a"})

        offer = patient(tiny.path).present()

    assert offer
    assert text_of(offer) == "a"


def test_a_watch_that_is_given_up_ends_its_thread(tiny: TinyCompositor) -> None:
    tiny.copy({"UTF8_STRING": b"a"})
    offers = patient(tiny.path).watch(threading.Event())
    next(offers)

    offers.close()  # type: ignore[attr-defined]

    assert "weavclip-wayland" not in {each.name for each in threading.enumerate()}
    until(lambda: not tiny.followers())


def test_no_content_reaches_a_log_or_a_repr(
    tiny: TinyCompositor, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    source = patient(tiny.path, limits=Limits(max_text_bytes=20))
    with watched(source) as watching:
        tiny.copy({"UTF8_STRING": b"hunter2", "text/html": b"<b>hunter2</b>" * 9})
        watching.wait_for(1)
        tiny.copy({"UTF8_STRING": b"hunter2" * 99})
        offers = watching.wait_for(2)

        assert text_of(offers[0]) == "hunter2"
        assert "hunter2" not in caplog.text + repr(offers)


def test_nothing_runs_between_copies(path: str) -> None:
    stop = threading.Event()
    with owner(path) as copying:
        copying.copy({"UTF8_STRING": b"a"})
        watch = patient(path).watch(stop)
        next(watch)

        until_still(for_s=0.7)

        stop.set()
        assert list(watch) == []


def test_a_stop_in_the_middle_of_a_read_ends_it(path: str) -> None:
    stop = threading.Event()
    with owner(path) as copying:
        copying.copy({"UTF8_STRING": b"before"})
        watch = WaylandSource(path, read_timeout_s=3600.0).watch(stop)
        next(watch)
        copying.copy({"UTF8_STRING": b"never"}, hang=["UTF8_STRING"])
        until(lambda: len(copying.served()) > 1)

        stop.set()
        (offer,) = watch

        assert offer.problems == ("text/plain was not read: watching ended",)


def test_a_compositor_that_ends_ends_the_watch_with_an_error() -> None:
    with private_sway() as desktop, watched(patient(desktop.path)) as watching:
        wl_copy(desktop.path, "words")
        watching.wait_for(1)

        desktop.process.kill()
        error = until(lambda: watching.error)

        assert isinstance(error, NoClipboardError)
        assert str(error) == f"the compositor at {desktop.path} went away"
        assert error.hint


def test_a_source_is_of_use_again_when_another_compositor_has_come() -> None:
    with runtime_folder() as folder:
        path = str(folder / "wayland-0")
        source = patient(path)
        first = TinyCompositor(path)
        with watched(source) as watching:
            until(first.followers)
            first.die()
            assert isinstance(until(lambda: watching.error), NoClipboardError)

        second = TinyCompositor(path)
        second.copy({"UTF8_STRING": b"again"})
        offer = source.present()
        second.die()

    assert offer
    assert text_of(offer) == "again"


@pytest.mark.parametrize("name", ["absent", ""])
def test_an_absent_compositor_is_told_with_what_to_do(tmp_path: Path, name: str) -> None:
    with pytest.raises(NoClipboardError, match="no Wayland compositor answers at") as raised:
        patient(str(tmp_path / name)).watch(threading.Event())

    assert "WAYLAND_DISPLAY" in raised.value.hint
