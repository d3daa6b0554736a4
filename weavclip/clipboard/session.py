"""What this session offers to watch a clipboard by, and which of it is best."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, NamedTuple

from weavclip.domain.errors import NoClipboardError

if TYPE_CHECKING:
    from collections.abc import Mapping


class Choice(NamedTuple):
    """How a session's clipboard is reached.

    Attributes:
        name: Of a source and of a writer, as the setting ``source`` has it.
        reason: One sentence on why, for a person.
    """

    name: str
    reason: str


def best(environ: Mapping[str, str], *, platform: str = sys.platform) -> Choice:
    """The best way that the session offers; asks the compositor, and looks at nothing copied.

    Args:
        environ: The environment, which tells of displays.
        platform: As ``sys.platform`` names it.

    Raises:
        NoClipboardError: Saying what is missing and what to do.
    """
    if platform == "darwin":
        return Choice("macos", "macOS: the general pasteboard")
    if platform == "win32":
        return Choice("windows", "Windows tells of every change of its clipboard")
    if environ.get("WAYLAND_DISPLAY"):
        return _on_wayland(environ)
    if environ.get("DISPLAY"):
        return Choice("x11", f"the X server at {environ['DISPLAY']} tells of every copy")
    if platform == "cygwin" or environ.get("WSL_DISTRO_NAME"):
        return Choice("polling", "there is no display here, but Windows' own clipboard")
    message = "there is no display here (neither WAYLAND_DISPLAY nor DISPLAY is set)"
    raise NoClipboardError(message, hint="run it inside a desktop session, or set WEAVCLIP_REPLAY")


def has_data_control(environ: Mapping[str, str]) -> bool:
    """Whether the Wayland compositor lets its clipboard be watched without any focus."""
    return bool(_data_control(environ))


def _on_wayland(environ: Mapping[str, str]) -> Choice:
    """Data-control, else what Xwayland sees, else Mutter's interface (docs/decisions.md, 23).

    Polling is no choice: without data-control each look takes the focus from the window in use.
    """
    found = _data_control(environ)
    if found:
        return Choice("wayland", f"the compositor offers {found}")
    if environ.get("DISPLAY"):
        reason = "the compositor has no data-control; its X11 side sees what is passed on to it"
        return Choice("x11", reason)
    if _has_mutter(environ):
        reason = "GNOME's compositor has neither data-control nor an X11 side"
        return Choice("mutter", reason)
    message = "this Wayland session offers no clipboard to watch: no data-control, no X11 side"
    raise NoClipboardError(message, hint=f"{_way_out(environ)}, then log in again")


def _way_out(environ: Mapping[str, str]) -> str:
    """What gives such a session a clipboard that can be watched."""
    if "COSMIC" in environ.get("XDG_CURRENT_DESKTOP", ""):
        return "put COSMIC_DATA_CONTROL_ENABLED=1 into /etc/environment.d/clipboard.conf"
    return "enable Xwayland"


def _data_control(environ: Mapping[str, str]) -> str:
    """The interface of data-control that the compositor has; empty for none."""
    from weavclip.clipboard.wayland_connection import socket_path
    from weavclip.clipboard.wayland_display import Display

    try:
        with Display(socket_path(environ)) as display:
            return display.manager_name
    except NoClipboardError:
        return ""


def _has_mutter(environ: Mapping[str, str]) -> bool:
    from weavclip.clipboard.mutter_bus import is_offered

    return is_offered(environ)
