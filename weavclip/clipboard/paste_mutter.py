"""Pressing keys in a GNOME session, through the interface that its remote desktop uses.

References:
    org.gnome.Mutter.RemoteDesktop.xml: Start makes the devices, NotifyKeyboardKeysym presses.
    GNOME shows its sharing mark while the session lasts, a fraction of a second.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from weavclip.clipboard.chords import CTRL_V
from weavclip.clipboard.mutter_bus import NAME, Bus
from weavclip.clipboard.paste_x11 import KEYSYMS
from weavclip.domain.errors import NoClipboardError, PasteError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from weavclip.clipboard.chords import Chord


_PATH, _SESSION = f"/{NAME.replace('.', '/')}", f"{NAME}.Session"


class MutterPaster:
    """Presses Ctrl+V, or what was asked for: GNOME tells nobody which program has the focus."""

    def __init__(self, environ: Mapping[str, str], *, chord: Chord | None = None) -> None:
        """Keep the environment, which tells of the bus, and the keys."""
        self._environ = environ
        self._chord = chord or CTRL_V

    def paste(self) -> str:
        """Press them; which they were.

        Raises:
            PasteError: If GNOME lets no keys be pressed now.
        """
        try:
            with _Keyboard(self._environ) as keyboard:
                keyboard.press(keyboard.begin(), [KEYSYMS[each] for each in self._chord.keys])
        except NoClipboardError as error:
            message = f"nothing was pressed: {error}"
            hint = f"the clip is on the clipboard: press {self._chord} yourself"
            raise PasteError(message, hint=hint) from error
        return str(self._chord)


class _Keyboard(Bus):
    """A connection that presses keys."""

    def begin(self) -> str:
        """A session that may press keys, to the connection's end.

        Raises:
            NoClipboardError: If Mutter refuses, does not answer, or went away.
        """
        session = str(self._call(_PATH, NAME, "CreateSession")[0])
        self._call(session, _SESSION, "Start")
        return session

    def press(self, session: str, keysyms: Sequence[int]) -> None:
        """Press keys one after the other, and let them go in the opposite order."""
        for is_down, order in ((True, keysyms), (False, keysyms[::-1])):
            for keysym in order:
                body = (keysym, is_down)
                self._call(session, _SESSION, "NotifyKeyboardKeysym", "ub", body)
