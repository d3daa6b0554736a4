"""Pressing Command+V on macOS, by events of Quartz; not run on a real Mac yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from weavclip.clipboard import macos_cocoa
from weavclip.clipboard.chords import CMD_V
from weavclip.domain.errors import PasteError

if TYPE_CHECKING:
    from weavclip.clipboard.chords import Chord
    from weavclip.clipboard.macos_cocoa import Cocoa

# Codes name places, not letters: where V is on an ANSI keyboard (Carbon's kVK_ANSI_V), and
# Insert is Help there. With another layout the key at that place is pressed.
_KEYS = {"v": 0x09, "insert": 0x72}
# Each with the bit of its left key (IOKit's IOLLEvent.h), which some programs look for.
_FLAGS = {"shift": 1 << 17 | 0x02, "ctrl": 1 << 18 | 0x01, "cmd": 1 << 20 | 0x08}


class MacPaster:
    """Presses Command+V, or what was asked for, in the program in front."""

    def __init__(self, *, chord: Chord | None = None, cocoa: Cocoa | None = None) -> None:
        """Keep the keys, and the calls; this Mac's own when None."""
        self._chord = chord or CMD_V
        self._cocoa = cocoa

    def paste(self) -> str:
        """Press them; which they were.

        Raises:
            PasteError: If this program has no permission for it; macOS asks the person once.
            NoClipboardError: If this is no Mac.
        """
        cocoa = self._cocoa or macos_cocoa.load()
        with cocoa.pool():
            if not cocoa.may_type():
                message = "macOS does not let this program press keys"
                where = "System Settings > Privacy & Security > Accessibility"
                hint = f"allow what runs weavclip in {where}; the clip is on the clipboard"
                raise PasteError(message, hint=hint)
            flags = sum(_FLAGS[each] for each in self._chord.modifiers)
            cocoa.press(_KEYS[self._chord.key], flags)
        return str(self._chord)
