from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.displays import end
from tests.fakes.macos import FakeMac
from tests.fakes.windows import NOTEPAD, FakeWindows
from tests.pasting import window
from tests.waiting import until
from weavclip.clipboard import paste_mutter, paste_wayland
from weavclip.clipboard.choose import choose_writer
from weavclip.clipboard.chords import CMD_V, CTRL_SHIFT_V, SHIFT_INSERT, chord_for, chord_of
from weavclip.clipboard.paste_macos import MacPaster
from weavclip.clipboard.paste_wayland import WaylandPaster
from weavclip.clipboard.paste_windows import WindowsPaster
from weavclip.clipboard.paste_x11 import KEYSYMS, X11Paster
from weavclip.clipboard.pasting import choose_paster
from weavclip.clipboard.wayland_app import program_of
from weavclip.clipboard.wayland_connection import Connection
from weavclip.domain.clip import new_id
from weavclip.domain.errors import NoClipboardError, PasteError
from weavclip.domain.keys import PasteKeys

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from tests.compositors import Desktop

TEXT = "zwölf Boxkämpfer 🥊"
V, SHIFT, CTRL, INSERT = 0x56, 0x10, 0x11, 0x2D


@pytest.fixture
def typed_sway(sway: Desktop) -> Iterator[Desktop]:
    """That sway with a keyboard, which no headless one has."""
    with Connection(sway.path) as connection:
        paste_wayland._keyboard(connection)
        yield sway


@pytest.fixture
def typed_mutter(mutter: Desktop) -> Iterator[Desktop]:
    """That Mutter with a keyboard."""
    with paste_mutter._Keyboard(mutter.environ) as keyboard:
        session = keyboard.begin()
        keyboard.press(session, [KEYSYMS["shift"]])
        yield mutter


def put(environ: Mapping[str, str]) -> None:
    choose_writer(environ=environ).put({"text/plain": TEXT.encode()}, clip_id=new_id())


@pytest.mark.x11
def test_a_clip_is_pasted_into_the_focused_window_of_x11(display: str) -> None:
    environ = {"DISPLAY": display}
    put(environ)
    with window(environ, backend="x11") as pasted:
        pressed = choose_paster(environ=environ, platform="linux").paste()
        pasted.wait_for_text(TEXT)

        assert pressed == "Ctrl+V"
        assert pasted.keys == [("Control", "v")]


@pytest.mark.x11
def test_a_terminal_on_x11_gets_the_keys_that_paste_there(display: str) -> None:
    environ = {"DISPLAY": display}
    with window(environ, name="kitty", backend="x11") as pasted:
        pressed = X11Paster(display).paste()
        pasted.wait_for_keys(("Control", "Shift", "V"))

        assert pressed == "Ctrl+Shift+V"


@pytest.mark.x11
def test_keys_may_be_asked_for(display: str) -> None:
    environ = {"DISPLAY": display}
    put(environ)
    with window(environ, backend="x11") as pasted:
        pressed = choose_paster(PasteKeys.SHIFT_INSERT, environ=environ, platform="linux").paste()
        pasted.wait_for_text(TEXT)

        assert pressed == "Shift+Insert"


def test_a_clip_is_pasted_into_the_focused_window_of_sway(typed_sway: Desktop) -> None:
    put(typed_sway.environ)
    with window(typed_sway.environ, backend="wayland") as pasted:
        pressed = choose_paster(environ=typed_sway.environ, platform="linux").paste()
        pasted.wait_for_text(TEXT)

        assert pressed == "Ctrl+V"
        assert pasted.keys == [("Control", "v")]


def test_a_terminal_on_sway_gets_the_keys_that_paste_there(typed_sway: Desktop) -> None:
    with window(typed_sway.environ, name="org.example.kitty", backend="wayland") as pasted:
        pressed = WaylandPaster(typed_sway.path).paste()
        pasted.wait_for_keys(("Control", "Shift", "V"))

        assert pressed == "Ctrl+Shift+V"


def test_a_clip_is_pasted_into_the_focused_window_of_gnome(typed_mutter: Desktop) -> None:
    put(typed_mutter.environ)
    with window(typed_mutter.environ, backend="wayland") as pasted:
        pressed = choose_paster(environ=typed_mutter.environ, platform="linux").paste()
        pasted.wait_for_text(TEXT)

        assert pressed == "Ctrl+V"


def test_a_desktop_that_takes_no_keys_from_programs_is_told(kwin: Desktop) -> None:
    with pytest.raises(PasteError, match="lets no program press keys") as raised:
        choose_paster(environ=kwin.environ, platform="linux").paste()

    assert "the clip is on the clipboard" in raised.value.hint


def test_windows_is_sent_keys_that_are_let_go() -> None:
    fake = FakeWindows()
    fake.front = fake.window(NOTEPAD, thread=0)

    assert WindowsPaster(system=fake.system()).paste() == "Ctrl+V"
    assert fake.pressed == [(CTRL, True), (V, True), (V, False), (CTRL, False)]


def test_a_terminal_of_another_system_on_windows_gets_its_own_keys() -> None:
    fake = FakeWindows()
    fake.front = fake.window(r"C:\Program Files\Git\usr\bin\mintty.exe", thread=0)

    assert WindowsPaster(system=fake.system()).paste() == "Shift+Insert"
    assert [key for key, is_down in fake.pressed if is_down] == [SHIFT, INSERT]
    assert fake.extended == {INSERT}


def test_a_modifier_that_stays_down_is_told_and_nothing_is_pressed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("weavclip.clipboard.chords._LET_GO_S", 0.05)
    fake = FakeWindows()
    fake.held.add(SHIFT)

    with pytest.raises(PasteError, match="was held"):
        WindowsPaster(system=fake.system()).paste()

    assert fake.pressed == []


def test_a_windows_that_takes_no_keys_is_told() -> None:
    fake = FakeWindows()
    fake.accepts_input = False

    with pytest.raises(PasteError, match="error 5"):
        WindowsPaster(system=fake.system()).paste()


def test_macos_is_sent_command_v() -> None:
    mac = FakeMac()

    assert MacPaster(cocoa=mac).paste() == "Cmd+V"
    assert mac.pressed == [(9, 1 << 20 | 8)]


def test_a_mac_that_lets_this_program_press_no_keys_says_where_to_allow_it() -> None:
    mac = FakeMac()
    mac.may_press = False

    with pytest.raises(PasteError) as raised:
        MacPaster(chord=CMD_V, cocoa=mac).paste()

    assert "Accessibility" in raised.value.hint
    assert mac.pressed == []


@pytest.mark.parametrize("platform", ["darwin", "win32"])
def test_another_platforms_paster_says_that_it_is_not_there(platform: str) -> None:
    with pytest.raises(NoClipboardError):
        choose_paster(environ={}, platform=platform).paste()


@pytest.mark.parametrize(
    ("program", "keys"),
    [
        ("Gnome-terminal", CTRL_SHIFT_V),
        ("org.kde.konsole", CTRL_SHIFT_V),
        ("org.wezfurlong.wezterm", CTRL_SHIFT_V),
        ("mintty", SHIFT_INSERT),
    ],
)
def test_terminals_are_known_by_class_and_by_application(program: str, keys: object) -> None:
    assert chord_for(program) == keys


def test_a_program_that_pastes_only_selections_is_told() -> None:
    with pytest.raises(PasteError, match="xterm pastes what is selected"):
        chord_for("XTerm")


def test_all_keys_but_auto_are_keys() -> None:
    assert [each for each in PasteKeys if chord_of(each) is None] == [PasteKeys.AUTO]
    assert [str(chord_of(each)).lower() for each in PasteKeys if chord_of(each)] == [
        *list(PasteKeys)[1:]
    ]


def test_a_session_without_windows_is_told() -> None:
    with pytest.raises(PasteError, match="no window here"):
        choose_paster(environ={"WSL_DISTRO_NAME": "Debian"}, platform="linux")


def test_a_real_terminal_gets_the_text(typed_sway: Desktop, tmp_path: Path) -> None:
    if shutil.which("foot") is None:
        pytest.skip("foot is not installed")
    typed, ready = tmp_path / "typed", tmp_path / "ready"
    put(typed_sway.environ)
    shell = f"stty -icanon; touch {ready}; exec cat >{typed}"
    terminal = subprocess.Popen(
        ["foot", "sh", "-c", shell],
        env={**os.environ, **typed_sway.environ, "LANG": "C.UTF-8"},
        stderr=subprocess.DEVNULL,
    )
    try:
        until(ready.exists)
        with Connection(typed_sway.path) as connection:
            until(lambda: program_of(connection) == "foot")
        pressed = WaylandPaster(typed_sway.path).paste()
        until(lambda: TEXT in typed.read_text())
    finally:
        end(terminal)

    assert pressed == "Ctrl+Shift+V"
