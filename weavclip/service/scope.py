"""How the agent starts what must outlive it: outside of its own unit."""

from __future__ import annotations

import os
from pathlib import Path

from weavclip.service.places import UNIT

_CGROUP = Path("/proc/self/cgroup")


def outliving(cgroup_file: Path = _CGROUP) -> list[str]:
    """What to put before a command whose process shall outlive the agent's unit; often nothing.

    systemd ends every process of a unit with it, wherever it was started: an engine at work, and
    the Weaviate that the engine started. In a scope of their own both stay when the agent is
    restarted, and the unit's memory limit does not count theirs. ``systemd-run --scope`` becomes
    the command itself: same process, same environment, same exit code.
    """
    try:
        inside = is_inside(cgroup_file.read_text())
    except OSError:  # no Linux
        return []
    if not inside:
        return []
    import shutil  # the agent imports this module, and mostly needs no more of it

    runner = shutil.which("systemd-run")
    if runner is None:
        return []
    description = "--description=weavclip, its engine and server"
    return [runner, "--user", "--scope", "--quiet", "--collect", description, "--"]


def is_inside(cgroup: str) -> bool:
    r"""Whether a process whose /proc/self/cgroup reads so runs in the unit.

    >>> is_inside("0::/user.slice/user-1000.slice/user@1000.service/app.slice/weavclip.service\n")
    True
    >>> is_inside("0::/user.slice/user-1000.slice/session-2.scope\n")
    False
    """
    return any(os.path.basename(line) == UNIT for line in cgroup.splitlines())  # noqa: PTH119 - no path of this file system
