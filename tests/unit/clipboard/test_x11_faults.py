"""What owners do wrong costs their own copy, never the watch."""

from __future__ import annotations

import os
import subprocess
from functools import partial
from typing import TYPE_CHECKING

import pytest

from tests.owners import owner
from tests.waiting import WITHIN_S, until
from tests.watching import text_of, watched
from weavclip.clipboard.formats import Limits
from weavclip.clipboard.x11 import X11Source

if TYPE_CHECKING:
    from collections.abc import Mapping

pytestmark = pytest.mark.x11

patient = partial(X11Source, read_timeout_s=WITHIN_S)
"""With an owner on a busy machine, too."""

PICTURE = bytes(range(256)) * 4_000


@pytest.mark.parametrize(
    ("faults", "problem"),
    [
        ({"hang": ["TARGETS"]}, "the list of types was not answered within 1.0 s"),
        ({"hang": ["image/png"]}, "image/png was not answered within 1.0 s"),
        ({"refuse": ["image/png"]}, "image/png was refused by its owner"),
        ({"stall_after": 2}, "image/png stopped coming after 522240 bytes"),
        ({"stall_after": 0}, "image/png stopped coming after 0 bytes"),
    ],
)
def test_a_fault_is_told_and_the_next_copy_comes(
    display: str, faults: Mapping[str, object], problem: str
) -> None:
    source = X11Source(display, read_timeout_s=1.0)
    with owner(display) as copying, watched(source) as watching:
        copying.copy({"image/png": PICTURE}, **faults)
        (failed,) = watching.wait_for(1)
        copying.copy({"UTF8_STRING": b"next"})
        *_, after = watching.wait_for(2)

        assert (failed.problems, failed.representations) == ((problem,), {})
        assert text_of(after) == "next"


def test_an_owner_that_dies_in_the_middle_is_told_at_once(display: str) -> None:
    source = X11Source(display, read_timeout_s=30.0)
    with owner(display) as dying, owner(display) as copying, watched(source) as watching:
        dying.copy({"image/png": PICTURE}, die_after=1)
        (failed,) = watching.wait_for(1)
        copying.copy({"UTF8_STRING": b"next"})
        *_, after = watching.wait_for(2)

        assert failed.problems == ("image/png was cut short: its owner ended",)
        assert text_of(after) == "next"


def test_a_hung_owner_does_not_hold_up_the_next_copy(display: str) -> None:
    source = X11Source(display, read_timeout_s=30.0)
    with owner(display) as hung, owner(display) as copying, watched(source) as watching:
        hung.copy({"UTF8_STRING": b"never"}, hang=["TARGETS"])
        until(hung.served)
        copying.copy({"UTF8_STRING": b"next"})
        failed, after = watching.wait_for(2)

        assert failed.problems == ("the list of types was superseded by a newer copy",)
        assert text_of(after) == "next"


def test_copies_made_during_a_long_transfer_come_beside_it(display: str) -> None:
    with owner(display) as slow, owner(display) as copying, watched(patient(display)) as watching:
        slow.copy({"image/png": PICTURE}, chunk_bytes=100_000, slow_s=0.25)
        until(lambda: "image/png" in slow.served())
        copying.copy_each([f"copy {number}" for number in range(5)])
        offers = watching.wait_for(6)

        assert [text_of(each) for each in offers if text_of(each)] == [
            f"copy {number}" for number in range(5)
        ]
        assert PICTURE in [each.representations.get("image/png") for each in offers]
        assert "image/png" not in offers[0].representations


def test_of_many_stalled_transfers_the_oldest_gives_way(display: str) -> None:
    source = X11Source(display, read_timeout_s=30.0)
    with owner(display) as stalling, watched(source) as watching:
        for number in range(5):
            stalling.copy({"image/png": PICTURE}, stall_after=number)
            until(lambda: stalling.served().count("image/png") > number)  # noqa: B023 - at once
        (failed,) = watching.wait_for(1)

        assert failed.problems == (
            "image/png was given up: 4 newer copies came while it was read",
        )


def test_what_gives_way_is_asked_for_nothing_more(display: str) -> None:
    source = X11Source(display, read_timeout_s=30.0, selections=("CLIPBOARD", "PRIMARY"))
    selected = {"image/png": PICTURE, "UTF8_STRING": b"selected"}
    with owner(display) as marking, owner(display) as stalling, watched(source) as watching:
        marking.copy(selected, selection="PRIMARY", stall_after=0)
        until(lambda: "image/png" in marking.served())
        for number in range(4):
            stalling.copy({"image/png": PICTURE}, stall_after=number)
            until(lambda: stalling.served().count("image/png") > number)  # noqa: B023 - at once
        (failed,) = watching.wait_for(1)

        gave_way = "was given up: 4 newer copies came while it was read"
        assert failed.problems == (f"image/png {gave_way}", f"text/plain {gave_way}")


def test_what_is_being_read_when_watching_ends_is_told(display: str) -> None:
    source = X11Source(display, read_timeout_s=30.0)
    with owner(display) as stalling:
        with watched(source) as watching:
            stalling.copy({"image/png": PICTURE, "UTF8_STRING": b"beside"}, stall_after=0)
            until(lambda: "image/png" in stalling.served())
        (failed,) = watching.wait_for(1)

    ended = "was not read: watching ended"
    assert failed.problems == (f"image/png {ended}", f"text/plain {ended}")


@pytest.mark.parametrize("chunk_bytes", [200_000, 2_000_000])
def test_a_picture_over_the_limit_is_told_and_leaves_nobody_waiting(
    display: str, chunk_bytes: int
) -> None:
    source = patient(display, limits=Limits(max_image_bytes=300_000))
    with owner(display) as copying, watched(source) as watching:
        copying.copy({"image/png": PICTURE, "UTF8_STRING": b"beside"}, chunk_bytes=chunk_bytes)
        (offer,) = watching.wait_for(1)

        assert offer.problems == ("image/png is over max_image_bytes=300000",)
        assert offer.representations == {"text/plain": b"beside"}


def test_a_picture_of_exactly_the_limit_is_kept(display: str) -> None:
    with owner(display) as copying:
        copying.copy({"image/png": PICTURE})

        offer = patient(display, limits=Limits(max_image_bytes=len(PICTURE))).present()

    assert offer
    assert offer.representations == {"image/png": PICTURE}


def test_xclip_still_answers_others_after_a_transfer_over_the_limit(display: str) -> None:
    environ = {**os.environ, "DISPLAY": display}
    command = ["xclip", "-selection", "clipboard", "-t", "image/png"]
    source = patient(display, limits=Limits(max_image_bytes=1_000))
    with watched(source) as watching:
        subprocess.run(
            [*command, "-i"],
            input=PICTURE * 2,
            env=environ,
            check=True,
            timeout=WITHIN_S,
            stdout=subprocess.DEVNULL,
        )
        (offer,) = watching.wait_for(1)

        pasted = subprocess.run(
            [*command, "-o"], capture_output=True, env=environ, check=True, timeout=WITHIN_S
        )

        assert offer.problems == ("image/png is over max_image_bytes=1000",)
        assert pasted.stdout == PICTURE * 2


def test_types_with_endless_names_are_left_out(display: str) -> None:
    endless = {f"x-{n}".ljust(2_000, "a"): b"v" for n in range(200)}
    with owner(display) as copying, watched(patient(display)) as watching:
        copying.copy({**endless, "UTF8_STRING": b"beside them"})
        (offer,) = watching.wait_for(1)

    assert text_of(offer) == "beside them"
    assert set(offer.types) == {"TARGETS", "TIMESTAMP", "UTF8_STRING"}
