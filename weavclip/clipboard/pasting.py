"""Makes what presses the keys that paste, as the session lets it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from weavclip.clipboard.chords import chord_of
from weavclip.domain.errors import PasteError
from weavclip.domain.keys import PasteKeys

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from weavclip.clipboard.chords import Chord
    from weavclip.domain.ports import Paster


_PLATFORMS = {"darwin": "macos", "win32": "windows"}


def choose_paster(
    keys: PasteKeys = PasteKeys.AUTO, *, environ: Mapping[str, str], platform: str = sys.platform
) -> Paster:
    """Make the paster that suits the session.

    Args:
        keys: What to press; AUTO goes by the program that has the focus.
        environ: The environment, which tells of displays.
        platform: As ``sys.platform`` names it.

    Raises:
        PasteError: If no keys can be pressed here.
    """
    return _PASTERS[_way(environ, platform)](chord_of(keys), environ)


def _way(environ: Mapping[str, str], platform: str) -> str:
    """Who presses keys here: not always who tells of copies.

    X11's way reaches X11's programs alone, so it is no choice in a Wayland session.
    """
    if platform in _PLATFORMS:
        return _PLATFORMS[platform]
    if environ.get("WAYLAND_DISPLAY"):
        from weavclip.clipboard.mutter_bus import is_offered

        return "mutter" if is_offered(environ) else "wayland"
    if environ.get("DISPLAY"):
        return "x11"
    message = "there is no window here that keys could be pressed in"
    raise PasteError(message, hint="the clip is on the clipboard: paste it yourself")


def _x11(chord: Chord | None, environ: Mapping[str, str]) -> Paster:
    from weavclip.clipboard.paste_x11 import X11Paster

    return X11Paster(environ.get("DISPLAY"), chord=chord)


def _wayland(chord: Chord | None, environ: Mapping[str, str]) -> Paster:
    from weavclip.clipboard.paste_wayland import WaylandPaster
    from weavclip.clipboard.wayland_connection import socket_path

    return WaylandPaster(socket_path(environ), chord=chord)


def _mutter(chord: Chord | None, environ: Mapping[str, str]) -> Paster:
    from weavclip.clipboard.paste_mutter import MutterPaster

    return MutterPaster(environ, chord=chord)


def _macos(chord: Chord | None, _environ: Mapping[str, str]) -> Paster:
    from weavclip.clipboard.paste_macos import MacPaster

    return MacPaster(chord=chord)


def _windows(chord: Chord | None, _environ: Mapping[str, str]) -> Paster:
    from weavclip.clipboard.paste_windows import WindowsPaster

    return WindowsPaster(chord=chord)


_PASTERS: dict[str, Callable[[Chord | None, Mapping[str, str]], Paster]] = {
    "x11": _x11,
    "wayland": _wayland,
    "mutter": _mutter,
    "macos": _macos,
    "windows": _windows,
}
