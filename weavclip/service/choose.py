"""Which service this system has."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from weavclip.domain.errors import ServiceError
from weavclip.service import autostart, launchd, systemd, windows
from weavclip.service.commands import SystemCommands
from weavclip.service.places import entry_file, unit_file

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from weavclip.domain.service import Service
    from weavclip.service.commands import Commands
    from weavclip.service.launch import Launch


def choose(
    launch: Launch,
    *,
    environ: Mapping[str, str],
    home: Path,
    agent_pid: Callable[[], int],
    commands: Commands | None = None,
    platform: str = sys.platform,
) -> Service:
    """The service of this platform; on Linux autostart where no user manager answers.

    One that is installed is found again, whatever answers now.

    Args:
        launch: What it keeps running.
        environ: The person's.
        home: The person's.
        agent_pid: The process that watches now; 0 for none.
        commands: Runs the system's commands; really, when absent.
        platform: As ``sys.platform`` names it.

    Raises:
        ServiceError: If this system has none.
    """
    runs = commands or SystemCommands()
    if platform == "darwin":
        path = environ.get("PATH", os.defpath)
        return launchd.LaunchdService(
            launch, home=home, path=path, commands=runs, uid=launchd.own_uid()
        )
    if platform == "win32":
        user = "\\".join(filter(None, map(environ.get, ("USERDOMAIN", "USERNAME"))))
        return windows.TaskService(launch, user=user, commands=runs, agent_pid=agent_pid)
    if not platform.startswith("linux"):
        message = f"there is no service for {platform}"
        raise ServiceError(message, hint="start 'weavclip watch --wait' with your session")
    by_desktop = autostart.AutostartService(
        launch, environ=environ, home=home, commands=runs, agent_pid=agent_pid
    )
    by_systemd = systemd.SystemdService(launch, environ=environ, home=home, commands=runs)
    if unit_file(environ, home).exists():
        return by_systemd
    if entry_file(environ, home).exists():
        return by_desktop
    return by_systemd if systemd.version(runs) is not None else by_desktop
