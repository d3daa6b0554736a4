"""What a session offers is asked of the session itself."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.compositors import private_weston
from tests.tiny_compositor import EXT, WLR, tiny_compositor
from weavclip.clipboard.choose import choose_source, choose_writer, chosen, read_once
from weavclip.clipboard.session import has_data_control
from weavclip.domain.clip import new_id
from weavclip.domain.errors import NoClipboardError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.compositors import Desktop

pytestmark = pytest.mark.wayland


def auto(environ: Mapping[str, str]) -> tuple[str, str]:
    return chosen("auto", environ=environ, platform="linux")


@pytest.mark.parametrize("name", ["sway", "kwin"])
def test_a_compositor_with_data_control_is_watched_by_it(
    request: pytest.FixtureRequest, name: str
) -> None:
    desktop: Desktop = request.getfixturevalue(name)
    environ = {**desktop.environ, "DISPLAY": ":977"}

    assert auto(environ) == ("wayland", "the compositor offers zwlr_data_control_manager_v1")
    assert choose_source("auto", environ=environ, platform="linux").name == "wayland"


@pytest.mark.parametrize("manager", [EXT, WLR])
def test_the_reason_names_the_protocol(manager: str) -> None:
    with tiny_compositor(manager=manager) as tiny:
        assert auto({"WAYLAND_DISPLAY": tiny.path}) == (
            "wayland",
            f"the compositor offers {manager}",
        )


@pytest.mark.usefixtures("sway")
def test_what_the_writer_puts_there_the_source_of_the_session_reads() -> None:
    writer = choose_writer(environ=os.environ, platform="linux")
    source = choose_source("auto", environ=os.environ, platform="linux")

    writer.put({"text/plain": b"there and back"}, clip_id=new_id())
    offer = read_once(source)

    assert offer
    assert offer.representations == {"text/plain": b"there and back"}


def test_without_data_control_what_xwayland_sees_is_better_than_nothing() -> None:
    with private_weston() as desktop:
        environ = {**desktop.environ, "DISPLAY": ":977"}

        name, reason = auto(environ)

        assert (name, has_data_control(environ)) == ("x11", False)
        assert "no data-control" in reason


def test_without_any_way_it_is_said_what_to_do() -> None:
    with private_weston() as desktop, pytest.raises(NoClipboardError) as raised:
        auto(desktop.environ)

    assert "Xwayland" in raised.value.hint


def test_on_cosmic_it_is_said_how_data_control_is_switched_on() -> None:
    environ = {"WAYLAND_DISPLAY": "/absent", "XDG_CURRENT_DESKTOP": "COSMIC"}

    with pytest.raises(NoClipboardError) as raised:
        auto(environ)

    assert "COSMIC_DATA_CONTROL_ENABLED=1" in raised.value.hint


def test_a_session_without_data_control_is_not_polled() -> None:
    with private_weston() as desktop:
        source = choose_source("polling", environ=desktop.environ, platform="linux")

        with pytest.raises(NoClipboardError, match="take the focus"):
            read_once(source)


def test_a_variable_that_names_no_compositor_is_passed_over() -> None:
    environ = {"WAYLAND_DISPLAY": "/absent", "DISPLAY": ":977"}

    assert auto(environ)[0] == "x11"


def test_files_to_replay_come_before_any_session() -> None:
    assert chosen("auto", environ={}, replay="copies.jsonl")[0] == "replay"


def test_a_setting_decides_without_looking() -> None:
    assert chosen("x11", environ={}) == ("x11", "the setting 'source' asks for it")
