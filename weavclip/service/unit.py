"""The text of weavclip's systemd unit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from weavclip.service.launch import WATCH

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from weavclip.service.launch import Launch

WATCHDOG_S = 60
_STEPS_SINCE = 254
"""systemd from which restarts can be spaced with growing pauses; older ones would warn."""

_UNIT = """\
[Unit]
Description=weavclip, which remembers what is copied
PartOf=graphical-session.target
After=graphical-session.target
# Whatever happens it is tried again: the pauses below are limit enough.
StartLimitIntervalSec=0

[Service]
Type=notify
NotifyAccess=main
ExecStart={command}
{environment}Restart=always
RestartSec={restart_s}
{steps}# 2 is a mistake on the command line: it would be the same one again.
RestartPreventExitStatus=2
WatchdogSec={watchdog_s}
TimeoutStartSec=60
TimeoutStopSec=10
# What the agent starts lives in a scope of its own (service/scope.py): nothing else is in here.
KillMode=mixed
# The agent takes 30 MB; with a copy of 50 MB in its hands 120. A leak ends here, not in swap.
MemoryMax=512M
TasksMax=64
UMask=0077
# A core would hold what was copied.
LimitCORE=0

# The engine inherits these: each was seen to leave models and Weaviate alone.
NoNewPrivileges=yes
LockPersonality=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
RestrictNamespaces=yes
# INET: Weaviate, and a display over ssh. NETLINK: how glibc and Go look at network interfaces.
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallErrorNumber=EPERM

[Install]
# GNOME and KDE reach graphical-session.target; bare sway, i3 and startx do not, and there the
# agent waits for the display.
WantedBy=graphical-session.target default.target
"""
_STEPS = """\
RestartSteps=6
RestartMaxDelaySec=60
"""


def text(launch: Launch, *, version: int) -> str:
    """The unit's file.

    Args:
        launch: What it starts.
        version: Of systemd, such as 252.
    """
    spaced = version >= _STEPS_SINCE
    return _UNIT.format(
        command=" ".join(_quoted(_literal(word)) for word in (*launch.program, *WATCH)),
        environment="".join(_environment(launch.environ)),
        restart_s=1 if spaced else 5,
        steps=_STEPS if spaced else "",
        watchdog_s=WATCHDOG_S,
    )


def _environment(environ: Mapping[str, str]) -> Iterable[str]:
    for name, value in environ.items():
        yield f"Environment={_quoted(f'{name}={value}'.replace('%', '%%'))}\n"


def _literal(word: str) -> str:
    """A word of a command line in which systemd shall replace nothing (systemd.service(5)).

    >>> _literal("/home/100%/$x")
    '/home/100%%/$$x'
    """
    return word.replace("%", "%%").replace("$", "$$")


def _quoted(word: str) -> str:
    r"""A word as systemd reads it back, blanks, quotes and all (systemd.syntax(7)).

    >>> print(_quoted('say "a b"'))
    "say \"a b\""
    """
    escaped = word.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
