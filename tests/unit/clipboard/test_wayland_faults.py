"""What owners and compositors do wrong costs one copy, or ends the watch; it never hangs."""

from __future__ import annotations

import os
import subprocess
import threading
from functools import partial
from typing import TYPE_CHECKING

import pytest

from tests.compositors import private_weston
from tests.owners import owner
from tests.tiny_compositor import tiny_compositor
from tests.waiting import WITHIN_S, until
from tests.watching import text_of, watched
from weavclip.clipboard.formats import Limits
from weavclip.clipboard.wayland import WaylandSource
from weavclip.clipboard.wayland_wire import text, words
from weavclip.domain.errors import NoClipboardError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.tiny_compositor import TinyCompositor

pytestmark = pytest.mark.wayland

patient = partial(WaylandSource, read_timeout_s=WITHIN_S)
"""With an owner on a busy machine, too."""

PICTURE = bytes(range(256)) * 4_000  # 1 MB: more than a pipe holds
OFFER = 0xFF00AA00


@pytest.fixture(params=["sway", "kwin", "tiny"])
def path(request: pytest.FixtureRequest) -> str:
    """The socket of each compositor in turn."""
    return str(request.getfixturevalue(request.param).path)


@pytest.mark.parametrize(
    ("faults", "problem"),
    [
        ({"hang": ["image/png"]}, "image/png was not answered within 1.0 s"),
        ({"refuse": ["image/png"]}, "image/png came empty"),
        ({"stall_after": 2}, "image/png stopped coming after 524288 bytes"),
    ],
)
def test_a_fault_is_told_and_the_next_copy_comes(
    path: str, faults: Mapping[str, object], problem: str
) -> None:
    source = WaylandSource(path, read_timeout_s=1.0)
    with owner(path) as copying, watched(source) as watching:
        copying.copy({"image/png": PICTURE}, **faults)
        (failed,) = watching.wait_for(1)
        copying.copy({"UTF8_STRING": b"next"})
        *_, after = watching.wait_for(2)

        assert (failed.problems, failed.representations) == ((problem,), {})
        assert text_of(after) == "next"


def test_an_owner_that_dies_in_the_middle_is_told_at_once(path: str) -> None:
    source = WaylandSource(path, read_timeout_s=30.0)
    with owner(path) as dying, owner(path) as copying, watched(source) as watching:
        dying.copy({"image/png": b"\x89PNG\r\n\x1a\n" + PICTURE}, die_after=1)
        (failed,) = watching.wait_for(1)
        copying.copy({"UTF8_STRING": b"next"})
        *_, after = watching.wait_for(2)

        assert failed.problems[0].startswith("image/png was cut short")
        assert text_of(after) == "next"


def test_a_hung_owner_does_not_hold_up_the_next_copy(path: str) -> None:
    source = WaylandSource(path, read_timeout_s=30.0)
    with owner(path) as hung, owner(path) as copying, watched(source) as watching:
        hung.copy({"UTF8_STRING": b"never"}, hang=["UTF8_STRING"])
        until(hung.served)
        copying.copy({"UTF8_STRING": b"next"})
        (after,) = watching.wait_for(1)

        assert text_of(after) == "next"


def test_copies_made_during_a_long_transfer_come_beside_it(path: str) -> None:
    with owner(path) as slow, owner(path) as copying, watched(patient(path)) as watching:
        slow.copy({"image/png": PICTURE}, chunk_bytes=100_000, slow_s=0.25)
        until(slow.served)
        copying.copy_each([f"copy {number}" for number in range(3)])
        offers = watching.wait_for(4)

        in_time = sorted(offers, key=lambda each: each.at)
        assert [text_of(each) for each in in_time if text_of(each)] == [
            f"copy {number}" for number in range(3)
        ]
        assert PICTURE in [each.representations.get("image/png") for each in offers]
        assert "image/png" not in offers[0].representations


def test_of_many_stalled_transfers_the_oldest_gives_way(
    path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("weavclip.clipboard.wayland_watch._MOST_CAPTURES", 4)
    source = WaylandSource(path, read_timeout_s=30.0)
    with owner(path) as stalling, watched(source) as watching:
        for number in range(5):
            stalling.copy({"image/png": PICTURE}, stall_after=number % 4)
            until(lambda: stalling.served().count("image/png") > number)  # noqa: B023 - at once
        (failed,) = watching.wait_for(1)

        assert failed.problems == (
            "image/png was given up: 4 newer copies came while it was read",
        )


def test_copies_that_come_at_once_hold_no_more_than_one_may(tiny: TinyCompositor) -> None:
    limits = Limits(max_image_bytes=len(PICTURE), max_text_bytes=1)
    source = WaylandSource(tiny.path, limits=limits, read_timeout_s=30.0)
    with owner(tiny.path) as stalling, watched(source) as watching:
        for number in range(2):
            stalling.copy({"image/png": PICTURE}, stall_after=3)
            until(lambda: len(stalling.served()) > number)  # noqa: B023 - at once
        (failed,) = watching.wait_for(1)

        assert failed.problems == ("image/png was given up: newer copies came while it was read",)


def test_a_picture_over_the_limit_is_told_and_leaves_nobody_waiting(path: str) -> None:
    source = patient(path, limits=Limits(max_image_bytes=300_000))
    with owner(path) as copying, watched(source) as watching:
        copying.copy({"image/png": PICTURE, "UTF8_STRING": b"beside"})
        (offer,) = watching.wait_for(1)

        assert offer.problems == ("image/png is over max_image_bytes=300000",)
        assert offer.representations == {"text/plain": b"beside"}


def test_a_picture_of_exactly_the_limit_is_kept(tiny: TinyCompositor) -> None:
    tiny.copy({"image/png": PICTURE})

    offer = patient(tiny.path, limits=Limits(max_image_bytes=len(PICTURE))).present()

    assert offer
    assert offer.representations == {"image/png": PICTURE}


@pytest.mark.parametrize("name", ["sway", "kwin"])
def test_wl_copy_still_answers_others_after_a_transfer_over_the_limit(
    request: pytest.FixtureRequest, name: str
) -> None:
    path = str(request.getfixturevalue(name).path)
    environ = {**os.environ, "WAYLAND_DISPLAY": path}
    source = patient(path, limits=Limits(max_image_bytes=1_000))
    with watched(source) as watching:
        copy = ["wl-copy", "-t", "image/png"]
        subprocess.run(
            copy,
            input=PICTURE * 2,
            env=environ,
            check=True,
            timeout=WITHIN_S,
            stderr=subprocess.DEVNULL,
        )
        (offer,) = watching.wait_for(1)

        paste = ["wl-paste", "-t", "image/png"]
        pasted = subprocess.run(
            paste, capture_output=True, env=environ, check=True, timeout=WITHIN_S
        )

        assert offer.problems == ("image/png is over max_image_bytes=1000",)
        assert pasted.stdout == PICTURE * 2


def test_what_was_replaced_before_it_could_be_asked_for_is_told(tiny: TinyCompositor) -> None:
    with watched(patient(tiny.path)) as watching:
        until(tiny.followers)
        with tiny.held():
            for name in ("first", "second", "third"):
                tiny.copy({"UTF8_STRING": name.encode()})
        offers = watching.wait_for(3)

        assert [text_of(each) for each in offers if text_of(each)] == ["third"]
        problems = [problem for each in offers for problem in each.problems]
        assert len(problems) == 2
        assert all("was superseded by a newer copy" in each for each in problems)


def test_an_offer_that_was_replaced_while_it_was_asked_for_is_told(tiny: TinyCompositor) -> None:
    with watched(patient(tiny.path)) as watching:
        until(tiny.followers)
        tiny.is_forgetful = True
        tiny.copy({"UTF8_STRING": b"gone before it is asked for"})
        until(lambda: tiny.asked)
        tiny.is_forgetful = False
        tiny.copy({"UTF8_STRING": b"next"})
        first, second = watching.wait_for(2)

        assert first.problems[0] in {
            "text/plain was superseded by a newer copy",
            "text/plain came empty",
        }
        assert text_of(second) == "next"


def test_messages_that_come_in_pieces_are_put_together(tiny: TinyCompositor) -> None:
    with watched(patient(tiny.path)) as watching:
        until(tiny.followers)
        tiny.is_torn = True
        tiny.copy({"UTF8_STRING": b"in pieces"})
        (offer,) = watching.wait_for(1)

        assert text_of(offer) == "in pieces"


def test_a_million_types_are_not_looked_at_and_not_read(tiny: TinyCompositor) -> None:
    with watched(patient(tiny.path)) as watching:
        until(tiny.followers)
        device = tiny.device()
        tiny.send(device, 0, words(OFFER))
        name = b"".join([words(OFFER, 24 << 16), text("image/png")])
        for _ in range(100):
            tiny.send_raw(name * 10_000)
        tiny.send(device, 1, words(OFFER))
        (offer,) = watching.wait_for(1)

        assert offer.problems == ("the list of types is too long to be looked at",)
        assert (offer.types, offer.representations, tiny.asked) == ((), {}, [])


@pytest.mark.parametrize("size", [4_000, 65_000])
def test_a_type_with_a_huge_name_is_one_among_others(tiny: TinyCompositor, size: int) -> None:
    with watched(patient(tiny.path)) as watching:
        tiny.copy({"x" * size: b"", "UTF8_STRING": b"words"})
        (offer,) = watching.wait_for(1)

        assert text_of(offer) == "words"


@pytest.mark.parametrize(
    "events",
    [
        [(0, 1, words(OFFER))],  # selected, never offered
        [(0, 0, words(OFFER)), (0, 0, words(OFFER))],  # offered twice
        [(OFFER, 0, text("image/png"))],  # a type of no offer
        [(0, 7, words(1))],  # no such event
        [(0x1234, 0, b"")],  # no such object
        [(0, 0, words(OFFER)), (0, 3, words(OFFER)), (OFFER, 0, text("late"))],
    ],
)
def test_events_out_of_order_cost_nothing(
    tiny: TinyCompositor, events: list[tuple[int, int, bytes]]
) -> None:
    with watched(patient(tiny.path)) as watching:
        until(tiny.followers)
        for object_id, opcode, body in events:
            tiny.send(object_id or tiny.device(), opcode, body)
        tiny.copy({"UTF8_STRING": b"next"})

        until(lambda: "next" in watching.texts())


@pytest.mark.parametrize(
    "content",
    [
        words(1, 4 << 16),  # shorter than its own head
        words(1, 10 << 16, 0, 0),  # no whole words
        words(OFFER) + words((12 << 16) | 0) + words(500),  # a string that ends too early
        words(1, 12 << 16, 0),  # an error without its number
    ],
)
def test_what_is_no_wayland_ends_the_watch_with_an_error(
    tiny: TinyCompositor, content: bytes
) -> None:
    with watched(patient(tiny.path)) as watching:
        until(tiny.followers)
        tiny.send(tiny.device(), 0, words(OFFER))
        tiny.send_raw(content)

        error = until(lambda: watching.error)

    assert isinstance(error, NoClipboardError)
    assert "speaks no Wayland" in str(error)


@pytest.mark.parametrize("is_whole", [True, False])
def test_a_compositor_that_dies_in_the_middle_of_an_offer_ends_the_watch(
    tiny: TinyCompositor,
    is_whole: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    with watched(patient(tiny.path)) as watching:
        until(tiny.followers)
        tiny.send(tiny.device(), 0, words(OFFER))
        tiny.send_raw((words(OFFER, 24 << 16) + text("image/png"))[: None if is_whole else 13])
        tiny.die()

        error = until(lambda: watching.error)

    assert isinstance(error, NoClipboardError)
    assert str(error) == f"the compositor at {tiny.path} went away"


def test_content_that_was_coming_when_the_compositor_died_is_not_taken_for_whole(
    tiny: TinyCompositor,
) -> None:
    source = WaylandSource(tiny.path, read_timeout_s=30.0)
    with owner(tiny.path) as copying, watched(source) as watching:
        copying.copy({"image/png": PICTURE}, stall_after=2)
        until(lambda: tiny.asked)
        tiny.die()
        until(lambda: watching.error)

        (offer,) = watching.offers
        assert offer.representations == {}
        assert offer.problems == ("image/png was not read: watching ended",)


def test_an_error_of_the_compositor_ends_the_watch_and_is_told(tiny: TinyCompositor) -> None:
    with watched(patient(tiny.path)) as watching:
        until(tiny.followers)
        tiny.send(1, 0, words(tiny.device(), 3) + text("hunter2"))

        error = until(lambda: watching.error)

    assert str(error) == "the compositor refused a request to device (error 3)"


def test_a_device_that_is_ended_ends_the_watch(tiny: TinyCompositor) -> None:
    with watched(patient(tiny.path)) as watching:
        until(tiny.followers)
        tiny.send(tiny.device(), 2)

        error = until(lambda: watching.error)

    assert isinstance(error, NoClipboardError)
    assert "ended access to its clipboard" in str(error)


def test_a_compositor_that_never_answers_is_an_error_and_no_hang(
    tiny: TinyCompositor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("weavclip.clipboard.wayland_connection._ANSWER_S", 0.3)
    tiny.is_deaf = True

    with pytest.raises(NoClipboardError, match="did not answer within"):
        patient(tiny.path).watch(threading.Event())


@pytest.mark.parametrize(("manager", "seats"), [("", 1), ("ext_data_control_manager_v1", 0)])
def test_without_data_control_or_a_seat_there_is_no_clipboard(manager: str, seats: int) -> None:
    with (
        tiny_compositor(manager=manager, seats=seats) as tiny,
        pytest.raises(NoClipboardError) as raised,
    ):
        patient(tiny.path).watch(threading.Event())

    assert raised.value.hint


def test_weston_is_told_to_have_no_data_control() -> None:
    with private_weston() as desktop, pytest.raises(NoClipboardError) as raised:
        patient(desktop.path).watch(threading.Event())

    assert raised.value.hint
