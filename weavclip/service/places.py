"""Where the definition of an installed service is: looked for by every command, so light."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

UNIT = "weavclip.service"
"""Of systemd."""

LABEL = "io.weavclip.agent"
"""Of the launch agent."""


def unit_file(environ: Mapping[str, str], home: Path) -> Path:
    """Where systemd's unit is kept: below XDG_CONFIG_HOME, else ``~/.config``."""
    return _config(environ, home) / "systemd" / "user" / UNIT


def entry_file(environ: Mapping[str, str], home: Path) -> Path:
    """Where the person's autostart entries are."""
    return _config(environ, home) / "autostart" / "weavclip.desktop"


def plist_file(home: Path) -> Path:
    """Where the person's launch agents are."""
    return home / "Library" / "LaunchAgents" / f"{LABEL}.plist"


def task_file(data_dir: Path) -> Path:
    """Where the task's definition is kept: what Windows keeps only its administrators may read."""
    return data_dir / "service" / "weavclip-task.xml"


def is_installed(
    *,
    environ: Mapping[str, str],
    home: Path,
    data_dir: Path,
    platform: str = sys.platform,
) -> bool:
    """Whether a service is to keep the agent running; looks for a file and asks nobody."""
    places = {"darwin": (plist_file(home),), "win32": (task_file(data_dir),)}
    here = (unit_file(environ, home), entry_file(environ, home))
    return any(path.exists() for path in places.get(platform, here))


def _config(environ: Mapping[str, str], home: Path) -> Path:
    config = environ.get("XDG_CONFIG_HOME")
    return Path(config) if config else home / ".config"
