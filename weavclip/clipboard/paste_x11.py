"""Pressing keys on an X server, by XTEST.

References:
    "XTEST Extension Protocol" 2.2 (FakeInput); X11 protocol, sections on keyboards and focus.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from weavclip.clipboard.chords import chord_for, wait_until_free
from weavclip.clipboard.x11_app import class_of
from weavclip.clipboard.x11_display import Display
from weavclip.domain.errors import NoClipboardError, PasteError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType
    from typing import Self

    from weavclip.clipboard.chords import Chord

KEYSYMS = {"ctrl": 0xFFE3, "shift": 0xFFE1, "cmd": 0xFFEB, "v": ord("v"), "insert": 0xFF63}
_PRESS, _RELEASE = 2, 3
# Shift, Control, Mod1 (Alt), Mod3, Mod4 (Super), Mod5 (AltGr); the locks change no chord.
_MODIFIERS = 0x01 | 0x04 | 0x08 | 0x20 | 0x40 | 0x80
_POINTER_ROOT = 1
_MOST_PARENTS = 32


class X11Paster:
    """Presses the keys that the program with the focus takes for pasting."""

    def __init__(self, display: str | None, *, chord: Chord | None = None) -> None:
        """Keep where to press, and which keys; by the window's class when None."""
        self._display = display
        self._chord = chord

    def paste(self) -> str:
        """Press them; which they were.

        Raises:
            PasteError: If no window has the focus, or the server takes no keys from programs.
            NoClipboardError: If there is no X server.
        """
        with _Keyboard(self._display) as keyboard:
            focus = keyboard.focus()
            wait_until_free(keyboard.is_modified)
            chord = self._chord or chord_for(self._program(keyboard, focus))
            keyboard.press([KEYSYMS[each] for each in chord.keys])
        return str(chord)

    def _program(self, keyboard: _Keyboard, focus: int) -> str:
        """The class of the focused window, or of the first around it that has one."""
        with Display(self._display) as display:
            found = (class_of(display, each) for each in keyboard.around(focus))
            return next(filter(None, found), "")


class _Keyboard:
    """A connection that presses keys."""

    def __init__(self, name: str | None) -> None:
        try:
            self._xcffib: Any = importlib.import_module("xcffib")
            self._xproto: Any = importlib.import_module("xcffib.xproto")
            self._xtest: Any = importlib.import_module("xcffib.xtest")
            self._x: Any = self._xcffib.connect(name)
        except (ImportError, OSError) as error:
            message = f"xcffib or libxcb cannot be loaded: {error}"
            raise NoClipboardError(
                message, hint="pip install xcffib, and install libxcb"
            ) from None
        except Exception as error:
            # xcffib's own, of the module that this very block loads.
            message = f"no X server answers at {name}"
            raise NoClipboardError(message, hint="set DISPLAY to its name") from error
        self._setup = self._x.get_setup()
        self._root = self._setup.roots[self._x.pref_screen].root

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._x.disconnect()

    def focus(self) -> int:
        """The window that keys go to.

        Raises:
            PasteError: If there is none.
        """
        found = int(self._x.core.GetInputFocus().reply().focus)
        if found in (_POINTER_ROOT, self._root):  # keys go to the window under the pointer
            found = int(self._x.core.QueryPointer(self._root).reply().child)
        if not found:
            message = "no window has the focus"
            raise PasteError(message, hint="the clip is on the clipboard: paste it yourself")
        return found

    def around(self, window: int) -> Iterator[int]:
        """A window, then those around it, up to the root."""
        for _ in range(_MOST_PARENTS):
            if window in (0, self._root):
                return
            yield window
            try:
                window = int(self._x.core.QueryTree(window).reply().parent)
            except self._xcffib.XcffibException:  # it has gone meanwhile
                return

    def is_modified(self) -> bool:
        """Whether a modifier is held."""
        return bool(self._x.core.QueryPointer(self._root).reply().mask & _MODIFIERS)

    def press(self, keysyms: list[int]) -> None:
        """Press keys one after the other, and let them go in the opposite order.

        Raises:
            PasteError: If the keyboard lacks one, or the server has no XTEST.
        """
        codes = [self._code_of(each) for each in keysyms]
        if not self._x.core.QueryExtension(len("XTEST"), "XTEST").reply().present:
            message = "this X server takes no keys from programs (it has no XTEST)"
            raise PasteError(message, hint="the clip is on the clipboard: paste it yourself")
        press = self._x(self._xtest.key).FakeInput
        for kind, order in ((_PRESS, codes), (_RELEASE, codes[::-1])):
            for code in order:
                press(kind, code, 0, 0, 0, 0, 0)
        self._x.core.GetInputFocus().reply()  # an answer: by now all are pressed

    def _code_of(self, keysym: int) -> int:
        first, last = self._setup.min_keycode, self._setup.max_keycode
        reply = self._x.core.GetKeyboardMapping(first, last - first + 1).reply()
        width, listed = reply.keysyms_per_keycode, list(reply.keysyms)
        for column in range(width):  # its plain meaning first: no modifier is needed for it
            if keysym in listed[column::width]:
                return int(first + listed[column::width].index(keysym))
        message = f"the keyboard has no key {keysym:#x}"
        raise PasteError(message, hint="the clip is on the clipboard: paste it yourself")
