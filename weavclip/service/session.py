"""Where the display of this person's session is, for a process that was started before it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from weavclip.service.commands import Commands

DISPLAY_VARIABLES = (
    "DISPLAY",
    "XAUTHORITY",
    "WAYLAND_DISPLAY",
    "XDG_CURRENT_DESKTOP",
    "XDG_SESSION_TYPE",
    "SWAYSOCK",
    "HYPRLAND_INSTANCE_SIGNATURE",
)
"""What a desktop tells systemd's manager when it starts, and an agent has to know."""


def display_environ(commands: Commands) -> dict[str, str]:
    """What systemd's manager knows by now of the display; empty where it knows or is nothing.

    A process keeps the variables that it was started with. An agent that was started with the
    login, before the compositor, asks here again.
    """
    ran = commands.run(["systemctl", "--user", "show-environment"])
    if ran.code:
        return {}
    pairs = (line.partition("=") for line in ran.out.splitlines())
    return {name: _unquoted(value) for name, _, value in pairs if name in DISPLAY_VARIABLES}


def _unquoted(value: str) -> str:
    r"""A value as ``systemctl show-environment`` prints it, in the shell's quotes where needed.

    >>> _unquoted(":0"), _unquoted("$'/a b/.Xauthority'")
    (':0', '/a b/.Xauthority')
    """
    return value[2:-1] if value.startswith("$'") and value.endswith("'") else value
