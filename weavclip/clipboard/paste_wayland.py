"""Pressing keys on a Wayland compositor that lets programs bring a keyboard along.

References:
    virtual-keyboard-unstable-v1.xml (sway, Hyprland, river, Wayfire, labwc; not KWin, not
    Mutter); wl_keyboard for the numbers, which are evdev's.
"""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from weavclip.clipboard.chords import chord_for
from weavclip.clipboard.wayland_app import program_of
from weavclip.clipboard.wayland_connection import SEAT, Connection
from weavclip.clipboard.wayland_wire import words
from weavclip.domain.errors import NoClipboardError, PasteError

if TYPE_CHECKING:
    from weavclip.clipboard.chords import Chord

MANAGER = "zwp_virtual_keyboard_manager_v1"
# Requests, by their place in the protocol.
_CREATE, _KEYMAP, _KEY, _MODIFIERS = 0, 0, 1, 2
_XKB_V1 = 1
# The code of a key (linux/input-event-codes.h), its name in a keymap, and what it means there.
_KEYS = {
    "ctrl": (29, "LCTL", "Control_L"),
    "shift": (42, "LFSH", "Shift_L"),
    "v": (47, "AB04", "v, V"),
    "insert": (110, "INS", "Insert"),
    "cmd": (125, "LWIN", "Super_L"),
}
_MASKS = {"shift": 1, "ctrl": 4, "cmd": 64}
_REAL = {"shift": "Shift", "ctrl": "Control", "cmd": "Mod4"}
_XKB_OFFSET = 8  # X's key codes are evdev's and eight


class WaylandPaster:
    """Presses the keys that the program with the focus takes for pasting."""

    def __init__(self, path: str, *, chord: Chord | None = None) -> None:
        """Keep where to press, and which keys.

        Args:
            path: Of the compositor's socket.
            chord: The keys; when None by the focused program, which sway and Hyprland tell,
                else Ctrl+V.
        """
        self._path = path
        self._chord = chord

    def paste(self) -> str:
        """Press them; which they were.

        Raises:
            PasteError: If the compositor lets no program bring a keyboard.
            NoClipboardError: If no compositor answers.
        """
        with Connection(self._path) as connection:
            chord = self._chord or chord_for(program_of(connection))
            keyboard = _keyboard(connection)
            _press(connection, keyboard, chord)
            # The end of the connection unplugs the keyboard, pressed or not.
            connection.wait_for(connection.sync())
        return str(chord)


def keymap() -> str:
    """The keys that paste, and no others, where evdev has them."""
    codes = " ".join(f"<{name}> = {code + _XKB_OFFSET};" for code, name, _ in _KEYS.values())
    meanings = " ".join(
        f"key <{name}> {{ [ {meaning} ] }};" for _, name, meaning in _KEYS.values()
    )
    maps = " ".join(f"modifier_map {real} {{ <{_KEYS[key][1]}> }};" for key, real in _REAL.items())
    return (
        "xkb_keymap {\n"
        f'xkb_keycodes "weavclip" {{ minimum = 8; maximum = 255; {codes} }};\n'
        'xkb_types "weavclip" { include "complete" };\n'
        'xkb_compatibility "weavclip" { include "complete" };\n'
        f'xkb_symbols "weavclip" {{ {meanings} {maps} }};\n'
        "};\n"
    )


def _keyboard(connection: Connection) -> int:
    """A keyboard of ours, which the compositor takes for one that is plugged in.

    Raises:
        PasteError: If it takes none.
    """
    numbers = {name: number for number, (name, _) in connection.globals.items()}
    if MANAGER not in numbers or SEAT not in numbers:
        message = "this desktop lets no program press keys"
        raise PasteError(message, hint="the clip is on the clipboard: press Ctrl+V yourself")
    manager, seat = (connection.bind(numbers[each], newest=1) for each in (MANAGER, SEAT))
    keyboard = connection.new("keyboard")
    connection.send(manager, _CREATE, words(seat, keyboard))
    content = keymap().encode() + b"\0"
    descriptor = os.memfd_create("weavclip-keymap")
    try:
        os.write(descriptor, content)
        connection.send(keyboard, _KEYMAP, words(_XKB_V1, len(content)), descriptor)
        connection.wait_for(connection.sync())
    except NoClipboardError as error:
        message = "this desktop refused to let a program press keys"
        hint = "the clip is on the clipboard: press Ctrl+V yourself"
        raise PasteError(message, hint=hint) from error
    finally:
        os.close(descriptor)
    return keyboard


def _press(connection: Connection, keyboard: int, chord: Chord) -> None:
    """Press and let go; the modifiers' state is told as well, which no compositor infers."""
    mask = sum(_MASKS[each] for each in chord.modifiers)
    for state, order, held in ((1, chord.keys, mask), (0, chord.keys[::-1], 0)):
        for each in order:
            if each == chord.key:
                connection.send(keyboard, _MODIFIERS, words(mask, 0, 0, 0))
            code, now_ms = _KEYS[each][0], int(time.monotonic() * 1000) & 0xFFFFFFFF
            connection.send(keyboard, _KEY, words(now_ms, code, state))
        connection.send(keyboard, _MODIFIERS, words(held, 0, 0, 0))
