"""Pressing Ctrl+V on Windows, by SendInput; run on Wine, not on a real Windows yet."""

from __future__ import annotations

import ctypes
from typing import TYPE_CHECKING

from weavclip.clipboard import windows_calls as calls
from weavclip.clipboard.chords import chord_for, wait_until_free
from weavclip.clipboard.windows_clipboard import Clipboard
from weavclip.domain.errors import PasteError

if TYPE_CHECKING:
    from weavclip.clipboard.chords import Chord
    from weavclip.clipboard.windows_calls import Windows

# Virtual keys name letters, not places: V is V in every layout.
_KEYS = {"shift": 0x10, "ctrl": 0x11, "insert": 0x2D, "v": 0x56, "cmd": 0x5B}
# Without its flag Insert is the number pad's, which Shift turns into a 0.
_EXTENDED = frozenset({"insert", "cmd"})
_HELD = (0x10, 0x11, 0x12, 0x5B, 0x5C)  # Shift, Ctrl, Alt and both Windows keys


class WindowsPaster:
    """Presses the keys that the program with the focus takes for pasting."""

    def __init__(self, *, chord: Chord | None = None, system: Windows | None = None) -> None:
        """Keep the keys, by the program when None, and the calls, this process's own when None."""
        self._chord = chord
        self._system = system

    def paste(self) -> str:
        """Press them; which they were.

        Raises:
            PasteError: If Windows takes them from no program now. That a window of an
                administrator's takes none from others, Windows tells nobody.
            NoClipboardError: If this is no Windows.
        """
        system = self._system or calls.load()
        window = system.user32.GetForegroundWindow()
        wait_until_free(lambda: any(system.user32.GetAsyncKeyState(key) < 0 for key in _HELD))
        chord = self._chord or chord_for(Clipboard(system).program_of(window))
        downs = [_input(each) for each in chord.keys]
        ups = [_input(each, calls.KEYEVENTF_KEYUP) for each in chord.keys[::-1]]
        inputs = (calls.Input * (len(downs) + len(ups)))(*downs, *ups)
        if system.user32.SendInput(len(inputs), inputs, ctypes.sizeof(calls.Input)) != len(inputs):
            message = f"Windows let no keys be pressed (error {system.last_error()})"
            raise PasteError(message, hint=f"the clip is on the clipboard: press {chord} yourself")
        return str(chord)


def _input(key: str, flags: int = 0) -> calls.Input:
    made = calls.Input(type=calls.INPUT_KEYBOARD)
    extended = calls.KEYEVENTF_EXTENDEDKEY if key in _EXTENDED else 0
    made.u.ki = calls.KeyboardInput(wVk=_KEYS[key], dwFlags=flags | extended)
    return made
