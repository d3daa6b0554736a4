"""GNOME's clipboard: its own programs', X11's through Xwayland, and what Mutter adds."""

from __future__ import annotations

import logging
import threading
from functools import partial
from typing import TYPE_CHECKING

import pytest
from jeepney import DBusAddress, message_bus, new_signal
from jeepney.io.blocking import open_dbus_connection

from tests.compositors import Desktop, entered, private_mutter
from tests.owners import owner
from tests.stillness import until_still
from tests.waiting import WITHIN_S, until
from tests.watching import text_of, watched
from weavclip.clipboard.choose import read_once
from weavclip.clipboard.formats import MARKER, Limits
from weavclip.clipboard.mutter import MutterSource
from weavclip.clipboard.mutter_bus import Bus, InhibitedError, is_offered
from weavclip.clipboard.mutter_watch import Watch
from weavclip.clipboard.reowned import UNREAD
from weavclip.clipboard.rules import Rules
from weavclip.clipboard.session import best
from weavclip.clipboard.waking import Waker
from weavclip.clipboard.x11 import X11Source
from weavclip.domain.clip import new_id
from weavclip.domain.errors import NoClipboardError
from weavclip.privacy.gate import HintGate

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tests.watching import Watched
    from weavclip.domain.clip import Offer
    from weavclip.domain.ports import ClipboardSource

pytestmark = pytest.mark.mutter

patient = partial(MutterSource, read_timeout_s=WITHIN_S)
"""With an owner on a busy machine, too."""

SESSION = "org.gnome.Mutter.RemoteDesktop.Session"
LOCKED = "GNOME gives no access now"
HINT = "x-kde-passwordManagerHint"
READ_BY_MUTTER = frozenset({"text/plain;charset=utf-8", "UTF8_STRING"})
PICTURE = bytes(range(256)) * 4_000


def bus_of(desktop: Desktop) -> str:
    return desktop.environ["DBUS_SESSION_BUS_ADDRESS"]


@pytest.fixture(params=["native", "xwayland"])
def by(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def place(mutter: Desktop, by: str) -> str:
    """Where to own the clipboard: on the bus, or on Xwayland."""
    return bus_of(mutter) if by == "native" else mutter.environ["DISPLAY"]


@pytest.fixture(params=["mutter", "x11"])
def source(request: pytest.FixtureRequest, mutter: Desktop) -> ClipboardSource:
    if request.param == "mutter":
        return MutterSource(unread_types=HintGate().unread_types, read_timeout_s=30.0)
    display = mutter.environ["DISPLAY"]
    return X11Source(display, unread_types=HintGate().unread_types, read_timeout_s=30.0)


@pytest.fixture
def own_mutter(monkeypatch: pytest.MonkeyPatch) -> Iterator[Desktop]:
    with private_mutter() as desktop:
        yield entered(desktop, monkeypatch)


def test_copies_of_either_side_are_seen_from_either_side(
    place: str, source: ClipboardSource
) -> None:
    with owner(place) as copying, watched(source) as watching:
        copying.copy({"text/plain;charset=utf-8": b"words", "text/html": b"<b>words</b>"})
        until(lambda: watching.offers and "text/html" in watching.offers[-1].types)

        offer = watching.offers[-1]
        assert offer.representations == {"text/plain": b"words", "text/html": b"<b>words</b>"}
        assert offer.problems == ()


def test_what_mutter_offers_for_a_program_that_left_is_no_new_copy(
    place: str, source: ClipboardSource
) -> None:
    with watched(source) as watching:
        with owner(place) as leaving:
            leaving.copy({"text/plain;charset=utf-8": b"kept", "text/html": b"<b>kept</b>"})
            until(lambda: "kept" in watching.texts())
        with owner(place) as copying:
            copying.copy({"text/plain;charset=utf-8": b"next"})
            until(lambda: "next" in watching.texts())

        assert watching.texts().count("kept") == 1


def test_a_secret_is_not_read_either_when_its_program_has_left_and_its_mark_is_gone(
    place: str, source: ClipboardSource
) -> None:
    secret = f"hunter2, {place}, {source.name}"  # Mutter still has the one of the test before
    content = {"text/plain;charset=utf-8": secret.encode(), HINT: b"secret"}
    with watched(source) as watching:
        until(lambda: is_left_with_mutter(content, place, source, watching))
        until(lambda: UNREAD in watching.offers[-1].problems)
        with owner(place) as copying:
            copying.copy({"text/plain;charset=utf-8": b"next"})
            until(lambda: "next" in watching.texts())

        assert secret not in watching.texts()


def test_what_mutter_kept_of_a_text_before_the_start_may_be_a_secret_and_is_read_only_when_asked(
    place: str, source: ClipboardSource
) -> None:
    content = {"text/plain;charset=utf-8": b"hunter2", HINT: b"secret"}
    until(lambda: is_left_with_mutter(content, place, source))

    first = next(iter(source.watch(threading.Event())))

    assert (first.problems, first.representations) == ((UNREAD,), {})
    asked = read_once(source)
    assert asked
    assert text_of(asked) == "hunter2"


def is_left_with_mutter(
    content: Mapping[str, bytes],
    place: str,
    source: ClipboardSource,
    watching: Watched | None = None,
) -> bool:
    """Copy, be seen, and leave: whether Mutter took the text in time, and offers it unmarked."""
    mark = content.keys() - READ_BY_MUTTER
    with owner(place) as leaving:
        leaving.copy(content)
        until(lambda: mark <= set(types_of(source)))
        until(lambda: watching is None or any(mark <= set(e.types) for e in watching.offers[-1:]))
        until(lambda: not READ_BY_MUTTER.isdisjoint(leaving.served()))
    until(lambda: mark.isdisjoint(types_of(source)))
    return bool(types_of(source))


def types_of(source: ClipboardSource) -> tuple[str, ...]:
    offer = read_once(source)
    return offer.types if offer else ()


def test_our_own_copy_is_known_by_its_marker_also_when_it_stands_for_itself(
    place: str, source: ClipboardSource
) -> None:
    clip_id = new_id()
    content = {"text/plain;charset=utf-8": b"ours", MARKER: str(clip_id).encode()}
    with watched(source) as watching:
        until(lambda: is_left_with_mutter(content, place, source, watching))
        until(lambda: UNREAD in watching.offers[-1].problems)
        with owner(place) as copying:
            copying.copy({"text/plain;charset=utf-8": b"next"})
            until(lambda: "next" in watching.texts())

        assert "ours" not in watching.texts()
        marked = [each for each in watching.offers if MARKER in each.types]
        assert {each.own_id for each in marked if not each.problems} <= {clip_id}


def test_a_program_is_named_only_where_it_is_known(mutter: Desktop) -> None:
    display = mutter.environ["DISPLAY"]
    with (
        owner(display, wm_class="Notes") as x_side,
        owner(bus_of(mutter)) as native,
        watched(X11Source(display, read_timeout_s=WITHIN_S)) as watching,
    ):
        x_side.copy({"UTF8_STRING": b"of X11"})
        until(lambda: "of X11" in watching.texts())
        native.copy({"text/plain": b"of Wayland"})
        until(lambda: "of Wayland" in watching.texts())

        apps = {text_of(each): each.source_app for each in watching.offers}
        assert (apps["of X11"], apps["of Wayland"]) == ("Notes", "")


@pytest.mark.parametrize(
    ("faults", "problem"),
    [
        ({"hang": ["image/png"]}, "image/png was not answered within 1.0 s"),
        (
            {"refuse": ["image/png"]},
            "image/png is empty, or was refused by its owner",
        ),
        ({"stall_after": 2}, "image/png stopped coming after 524288 bytes"),
    ],
)
def test_a_fault_is_told_and_the_next_copy_comes(
    mutter: Desktop, faults: Mapping[str, object], problem: str
) -> None:
    source = MutterSource(read_timeout_s=1.0)
    with owner(bus_of(mutter)) as copying, watched(source) as watching:
        copying.copy({"image/png": PICTURE}, **faults)
        until(lambda: any("image/png" in each.types for each in watching.offers))
        copying.copy({"text/plain": b"next"})
        until(lambda: "next" in watching.texts())

        failed = next(each for each in watching.offers if "image/png" in each.types)
        assert (failed.problems, failed.representations) == ((problem,), {})


def test_a_hung_owner_does_not_hold_up_the_next_copy(mutter: Desktop) -> None:
    source = MutterSource(read_timeout_s=30.0)
    with (
        owner(bus_of(mutter)) as hung,
        owner(bus_of(mutter)) as copying,
        watched(source) as watching,
    ):
        hung.copy({"text/html": b"never"}, hang=["text/html"])
        until(hung.served)
        copying.copy({"text/plain": b"next"})
        until(lambda: "next" in watching.texts())


def test_copies_made_during_a_long_transfer_come_beside_it(mutter: Desktop) -> None:
    bus = bus_of(mutter)
    with owner(bus) as slow, owner(bus) as copying, watched(patient()) as watching:
        slow.copy({"image/png": PICTURE}, chunk_bytes=50_000, slow_s=0.02)
        until(lambda: slow.served().count("image/png") == 2)  # for Mutter itself, and for us
        for number in range(3):
            copying.copy({"text/plain": f"copy {number}".encode()})
            until(lambda: f"copy {number}" in watching.texts())  # noqa: B023 - at once
        until(lambda: PICTURE in [e.representations.get("image/png") for e in watching.offers])


def test_a_picture_over_the_limit_is_told_and_the_text_beside_it_is_kept(
    mutter: Desktop,
) -> None:
    source = patient(limits=Limits(max_image_bytes=300_000))
    with owner(bus_of(mutter)) as copying:
        copying.copy({"image/png": PICTURE, "text/plain": b"beside"})

        offer = next(iter(source.watch(threading.Event())))

    assert offer.problems == ("image/png is over max_image_bytes=300000",)
    assert offer.representations == {"text/plain": b"beside"}


def test_no_copy_of_a_quick_row_is_lost_without_a_word(mutter: Desktop) -> None:
    texts = [f"copy {number}" for number in range(50)]
    with owner(bus_of(mutter)) as copying, watched(patient()) as watching:
        copying.copy_texts(texts, every_s=0.02)
        until(lambda: texts[-1] in watching.texts())

        told = [each for each in watching.offers if each.problems]
        assert len(told) + len(set(watching.texts()) & set(texts)) >= len(texts)


def test_more_types_than_anybody_means_are_not_read(mutter: Desktop) -> None:
    many = {f"application/x-{number}": b"" for number in range(5_000)}
    with owner(bus_of(mutter)) as copying, watched(patient()) as watching:
        copying.copy({"text/plain": b"words", **many})
        until(lambda: any(each.problems for each in watching.offers))

        assert "words" not in watching.texts()


class Locking(Bus):
    """The bus of a session whose screen is locked for some attempts."""

    refusals = 0

    def open_session(self) -> str:
        """Refuse as Mutter does while the screen is locked."""
        if self.refusals:
            self.refusals -= 1
            raise InhibitedError(LOCKED)
        return super().open_session()


def test_access_that_ends_as_the_screen_is_locked_is_asked_for_again(
    mutter: Desktop, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    found: list[Offer] = []
    stop = threading.Event()
    with Locking(mutter.environ) as bus, owner(bus_of(mutter)) as copying:
        watch = Watch(bus, Rules())
        bus._call(watch._listening, SESSION, "Start")
        bus._call(watch._listening, SESSION, "Stop")  # it is told of: Closed
        bus.refusals = 1
        copying.copy({"text/plain": b"after", "text/html": b"<b>after</b>"})
        waker = Waker(stop)
        thread = threading.Thread(target=watch.run, args=(found.append, waker))
        thread.start()
        until(lambda: not bus.refusals)
        unlock(mutter)
        until(lambda: "after" in [text_of(each) for each in found])
        stop.set()
        thread.join()
        waker.close()

    assert [each.on_start for each in found if text_of(each) == "after"] == [True]
    assert caplog.text.count("GNOME") == 2


def unlock(desktop: Desktop) -> None:
    """Say what GNOME's screen saver says."""
    address = DBusAddress("/org/gnome/ScreenSaver", interface="org.gnome.ScreenSaver")
    with open_dbus_connection(bus_of(desktop)) as connection:
        connection.send(new_signal(address, "ActiveChanged", "b", (False,)))
        connection.send_and_get_reply(message_bus.GetId())  # by then the bus has taken it


def test_a_compositor_that_ends_ends_the_watch_with_an_error(own_mutter: Desktop) -> None:
    with watched(patient()) as watching:
        own_mutter.process.terminate()
        until(lambda: watching.error)

        assert isinstance(watching.error, NoClipboardError)
        assert watching.error.hint


def test_content_that_was_coming_when_mutter_died_is_not_taken_for_whole(
    own_mutter: Desktop,
) -> None:
    source = MutterSource(read_timeout_s=WITHIN_S)
    with owner(bus_of(own_mutter)) as copying, watched(source) as watching:
        copying.copy({"image/png": PICTURE}, chunk_bytes=20_000, stall_after=2)
        until(lambda: copying.served().count("image/png") == 2)  # for Mutter itself, and for us
        own_mutter.process.kill()
        until(lambda: watching.error)

        (offer,) = watching.offers
        assert offer.representations == {}
        assert offer.problems


def test_xwayland_is_chosen_where_there_is_one_and_the_bus_where_there_is_none(
    mutter: Desktop,
) -> None:
    without = {name: value for name, value in mutter.environ.items() if name != "DISPLAY"}

    assert best(mutter.environ, platform="linux").name == "x11"
    assert best(without, platform="linux").name == "mutter"


def test_an_absent_compositor_is_told_with_what_to_do(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere/bus")

    with pytest.raises(NoClipboardError, match="session bus") as raised:
        patient().watch(threading.Event())

    assert raised.value.hint
    assert not is_offered({"DBUS_SESSION_BUS_ADDRESS": "unix:path=/nowhere/bus"})


def test_its_session_is_not_started_which_would_show_as_sharing(mutter: Desktop) -> None:
    with Bus(mutter.environ) as bus:
        watch = Watch(bus, Rules())

        with pytest.raises(NoClipboardError, match="refused Stop"):
            bus._call(watch._listening, SESSION, "Stop")  # only what was started can be


def test_nothing_runs_between_copies(mutter: Desktop) -> None:
    with owner(bus_of(mutter)) as copying, watched(patient()) as watching:
        copying.copy({"text/plain": b"words"})
        until(lambda: "words" in watching.texts())

        until_still(for_s=0.5)
