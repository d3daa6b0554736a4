"""Which program a copy came from."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from weavclip.clipboard.x11_display import Display


def program_of(display: Display, owner: int) -> str:
    """Name of the program whose window owns a selection; empty when nothing says it.

    The owner's own WM_CLASS; else that of the active window when both belong to one process
    (toolkits own selections by a nameless window) or the owner's process is unknown (on
    another machine, or gone: xclip parts from the one that connected); else the process's name.
    Empty for what a Wayland compositor passes on from its own programs: it owns that itself.
    """
    own = class_of(display, owner)
    if own:
        return own
    if is_passed_on(display, owner):
        return ""
    pid, active = display.client_pid(owner), _active_window(display)
    name = _process_name(pid)
    if active and (not name or display.client_pid(active) == pid):
        return class_of(display, active) or name
    return name


def is_passed_on(display: Display, owner: int) -> bool:
    """Whether a selection is the window manager's: a Wayland compositor's own programs'."""
    pid = display.client_pid(owner)
    return bool(pid) and pid == display.client_pid(_manager_window(display))


def class_of(display: Display, window: int) -> str:
    """The second word of a window's WM_CLASS, such as ``firefox``; empty when it has none."""
    try:
        value = display.get(window, display.atom("WM_CLASS"), most_bytes=1024, delete=False)
    except KeyError:
        return ""
    words = value.content.split(b"\0")
    return words[1].decode("latin-1") if len(words) > 1 else ""


def _active_window(display: Display) -> int:
    """What the window manager says; 0 when there is none."""
    return int.from_bytes(display.root_property("_NET_ACTIVE_WINDOW"), sys.byteorder)


def _manager_window(display: Display) -> int:
    """By which the window manager, in a Wayland session the compositor, shows that it is there."""
    return int.from_bytes(display.root_property("_NET_SUPPORTING_WM_CHECK"), sys.byteorder)


def _process_name(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/comm").read_text(errors="replace").strip()
    except OSError:
        return ""
