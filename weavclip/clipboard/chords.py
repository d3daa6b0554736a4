"""Which keys paste: a matter of the program that has the focus."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from weavclip.domain.errors import PasteError
from weavclip.domain.keys import PasteKeys

if TYPE_CHECKING:
    from collections.abc import Callable

# The keys of the shortcut that runs weavclip are still down for a moment.
_LET_GO_S = 2.0
_LOOK_S = 0.02


@dataclass(frozen=True, slots=True)
class Chord:
    """Keys that are pressed together.

    Attributes:
        modifiers: Pressed first and let go last, in this order: ctrl, shift, cmd.
        key: ``v`` or ``insert``.
    """

    modifiers: tuple[str, ...]
    key: str

    @property
    def keys(self) -> tuple[str, ...]:
        """All of them, in the order in which they are pressed."""
        return (*self.modifiers, self.key)

    def __str__(self) -> str:
        """As a person reads it, such as ``Ctrl+Shift+V``."""
        return "+".join(each.capitalize() for each in self.keys)


CTRL_V = Chord(("ctrl",), "v")
CTRL_SHIFT_V = Chord(("ctrl", "shift"), "v")
SHIFT_INSERT = Chord(("shift",), "insert")
CMD_V = Chord(("cmd",), "v")
_ASKED = {
    PasteKeys.CTRL_V: CTRL_V,
    PasteKeys.CTRL_SHIFT_V: CTRL_SHIFT_V,
    PasteKeys.SHIFT_INSERT: SHIFT_INSERT,
    PasteKeys.CMD_V: CMD_V,
}

# Terminals, in which Ctrl+V is a key for the program inside, by the last part of their window
# class or application id, in lower case.
_TERMINALS = frozenset(
    {
        "alacritty",
        "blackbox",
        "console",
        "contour",
        "cool-retro-term",
        "deepin-terminal",
        "foot",
        "footclient",
        "ghostty",
        "gnome-terminal",
        "gnome-terminal-server",
        "guake",
        "kgx",
        "kitty",
        "konsole",
        "lxterminal",
        "mate-terminal",
        "ptyxis",
        "qterminal",
        "rio",
        "st",
        "st-256color",
        "terminal",
        "terminator",
        "tilix",
        "warp",
        "wezterm",
        "wezterm-gui",
        "xfce4-terminal",
        "yakuake",
    }
)
# These paste what is selected (PRIMARY), whatever is on the clipboard.
_SELECTION_ONLY = frozenset({"rxvt", "urxvt", "uxterm", "xterm"})
# On Windows: terminals from elsewhere, which took their keys along.
_INSERTERS = frozenset({"mintty", "putty"})


def chord_of(keys: PasteKeys) -> Chord | None:
    """The chord that was asked for; None where it is to go by the program."""
    return _ASKED.get(keys)


def chord_for(program: str) -> Chord:
    """The keys that paste in a program.

    Args:
        program: Window class, application id or process name; empty when nobody knows.

    Raises:
        PasteError: If it pastes no clipboard by any key.

    >>> str(chord_for("org.gnome.Terminal")), str(chord_for("firefox")), str(chord_for(""))
    ('Ctrl+Shift+V', 'Ctrl+V', 'Ctrl+V')
    """
    name = program.rpartition(".")[2].lower()
    if name in _SELECTION_ONLY:
        message = f"{name} pastes what is selected, not what was copied"
        raise PasteError(message, hint="the clip is on the clipboard; use another terminal")
    if name in _INSERTERS:
        return SHIFT_INSERT
    return CTRL_SHIFT_V if name in _TERMINALS else CTRL_V


def wait_until_free(is_held: Callable[[], bool]) -> None:
    """Wait until no modifier is held: with one more key a chord means something else.

    Args:
        is_held: Whether one is.

    Raises:
        PasteError: If one stays down for 2 s.
    """
    pause, end = threading.Event(), time.monotonic() + _LET_GO_S
    while is_held():
        if time.monotonic() >= end:
            message = f"a key such as Ctrl or Shift was held for {_LET_GO_S} s"
            raise PasteError(message, hint="let it go; the clip is on the clipboard")
        pause.wait(_LOOK_S)
