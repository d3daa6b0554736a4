from __future__ import annotations

import base64
import logging
from functools import partial
from typing import TYPE_CHECKING

import pytest

from tests.compositors import private_bus
from tests.notifications import desktop
from tests.waiting import until
from weavclip.pipeline.health import Health
from weavclip.service.notify import notify
from weavclip.settings import Settings
from weavclip.wiring.current import CurrentSettings
from weavclip.wiring.watching import SUMMARY, sound_alarm

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path


@pytest.fixture
def bus() -> Iterator[str]:
    with private_bus() as address:
        yield address


def test_a_linux_desktop_shows_it(bus: str) -> None:
    with desktop(bus) as screen:
        taken = notify(
            "Copies are not kept",
            "a <b> & c",
            environ={"DBUS_SESSION_BUS_ADDRESS": bus},
            platform="linux",
        )

    assert taken
    assert screen.shown == [("Copies are not kept", "a &lt;b&gt; &amp; c")]
    app, replaced, _icon, _summary, _body, actions, hints, expires = screen.calls[0]
    assert (app, replaced, actions, expires) == ("weavclip", 0, [], 0)
    assert hints == {"urgency": ("y", 2)}


def test_the_bus_is_found_in_the_runtime_folder(bus: str) -> None:
    folder = bus.removeprefix("unix:path=").removesuffix("/bus")
    with desktop(bus) as screen:
        notify("a", "b", environ={"XDG_RUNTIME_DIR": folder}, platform="linux")

    assert screen.shown == [("a", "b")]


def test_a_desktop_that_refuses_is_no_error(bus: str) -> None:
    with desktop(bus, refuses=True):
        assert not notify("a", "b", environ={"DBUS_SESSION_BUS_ADDRESS": bus}, platform="linux")


def test_a_bus_without_a_desktop_is_no_error(bus: str) -> None:
    assert not notify("a", "b", environ={"DBUS_SESSION_BUS_ADDRESS": bus}, platform="linux")


def test_no_bus_is_no_error(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        assert not notify("a", "b", environ={"XDG_RUNTIME_DIR": str(tmp_path)}, platform="linux")

    assert "could not be notified" in caplog.text


@pytest.mark.parametrize(("code", "taken"), [(0, True), (1, False)])
def test_macos_is_asked_by_its_script_runner_with_the_words_as_arguments(
    code: int,
    taken: bool,  # noqa: FBT001 - a parameter
) -> None:
    ran: list[Sequence[str]] = []

    def run(command: Sequence[str]) -> int:
        ran.append(command)
        return code

    found = notify('say "x"', "it's", environ={}, platform="darwin", run=run)

    assert found is taken
    assert ran[0][0] == "osascript"
    assert list(ran[0][-2:]) == ['say "x"', "it's"]
    assert "say" not in " ".join(ran[0][:-2])


def test_windows_is_asked_by_powershell_with_the_words_quoted() -> None:
    ran: list[Sequence[str]] = []

    def run(command: Sequence[str]) -> int:
        ran.append(command)
        return 0

    assert notify("it's", "'; exit; '", environ={}, platform="win32", run=run)

    script = base64.b64decode(ran[0][-1]).decode("utf-16-le")
    assert ran[0][:2] == ["powershell", "-NoProfile"]
    assert "CreateTextNode('it''s')" in script
    assert "CreateTextNode('''; exit; ''')" in script


def test_a_system_without_the_program_is_no_error() -> None:
    def run(_command: Sequence[str]) -> int:
        raise FileNotFoundError

    assert not notify("a", "b", environ={}, platform="darwin", run=run)


@pytest.mark.parametrize("wanted", [True, False])
def test_the_alarm_is_shown_where_the_person_wants_it(
    wanted: bool,  # noqa: FBT001 - a parameter
    bus: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", bus)
    settings = Settings(data_dir=tmp_path, notifications=wanted)
    with desktop(bus) as screen:
        sound_alarm(CurrentSettings(settings), "the disk is full", "make room")

    shown = [(SUMMARY, "the disk is full.\nTry: make room")]
    assert screen.shown == (shown if wanted else [])


def test_a_display_that_stays_away_is_told_of_on_the_desktop_once(
    bus: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", bus)
    current = CurrentSettings(Settings(data_dir=tmp_path))
    health = Health(tmp_path, alarm=partial(sound_alarm, current), alarm_after_s=0.05)
    with desktop(bus) as screen:
        health.lost("it went away", "")
        until(lambda: screen.shown)
        health.lost("it is still away", "")
        health.found("x11")
        health.end()

    assert screen.shown == [(SUMMARY, "it went away.")]
