"""The agent as a launch agent of macOS.

Written from launchd.plist(5) and launchctl(1); it was not run on a real system yet.
"""

from __future__ import annotations

import os
import plistlib
import re
from typing import TYPE_CHECKING

from weavclip.domain.service import ServiceState
from weavclip.service.commands import follow_file, insist, tail, write_definition
from weavclip.service.launch import WATCH_WITH_FILE
from weavclip.service.places import LABEL, plist_file

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from weavclip.domain.ports import StopSignal
    from weavclip.service.commands import Commands
    from weavclip.service.launch import Launch

_PAUSE_S = 5
_NOT_LOADED = frozenset({3, 113})  # ESRCH, and launchctl's own "could not find service"


def definition(launch: Launch, *, path: str) -> dict[str, object]:
    """What launchd is told.

    KeepAlive starts the agent again whenever it ends, at most every 5 s. AbandonProcessGroup lets
    the engine, which the agent started, end its work when the agent is stopped.

    Args:
        launch: What it starts.
        path: Folders of commands: launchd's own has not those in which Docker's usually is.
    """
    return {
        "Label": LABEL,
        "ProgramArguments": [*launch.program, *WATCH_WITH_FILE],
        "EnvironmentVariables": {"PATH": path, **launch.environ},
        "RunAtLoad": True,
        "KeepAlive": True,
        "ThrottleInterval": _PAUSE_S,
        "ProcessType": "Background",
        "LimitLoadToSessionType": "Aqua",
        "AbandonProcessGroup": True,
        "Umask": 0o077,
        "HardResourceLimits": {"Core": 0},
        "StandardErrorPath": str(launch.log_file.with_suffix(".err")),
    }


class LaunchdService:
    """Writes the property list, and asks launchctl about it."""

    name = "launchd"

    def __init__(
        self, launch: Launch, *, home: Path, path: str, commands: Commands, uid: int
    ) -> None:
        """Touch nothing yet.

        Args:
            launch: What it starts.
            home: The person's.
            path: Folders of commands that it is to know.
            commands: Runs launchctl.
            uid: The person's number, which names their session.
        """
        self._launch, self._path, self._commands = launch, path, commands
        self._file = plist_file(home)
        self._domain = f"gui/{uid}"

    def install(self) -> Iterator[str]:
        """Write the property list, and load it anew."""
        launch = self._launch
        launch.log_file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_definition(self._file, plistlib.dumps(definition(launch, path=self._path)).decode())
        yield f"wrote {self._file}"
        self._unload()
        # A service that was disabled once stays so, whatever is loaded.
        self._ctl("enable", f"{self._domain}/{LABEL}")
        self._ctl("bootstrap", self._domain, str(self._file))
        yield "it starts with every login"
        self._ctl("kickstart", f"{self._domain}/{LABEL}")
        yield "the agent was started"

    def uninstall(self) -> Iterator[str]:
        """Unload it, and remove the property list."""
        if not self._file.exists():
            yield "no service is installed"
            return
        self._unload()
        yield "the agent is stopped, and does not start again"
        self._file.unlink()
        yield f"removed {self._file}"

    def state(self) -> ServiceState:
        """How it is, as ``launchctl print`` shows it."""
        ran = self._commands.run(["launchctl", "print", f"{self._domain}/{LABEL}"])
        shown = dict(re.findall(r"^\s*(state|pid|runs) = (.+)$", ran.out, re.MULTILINE))
        return ServiceState(
            manager=self.name,
            file=self._file,
            installed=self._file.exists(),
            enabled=ran.code == 0,
            running=shown.get("state") == "running",
            pid=int(shown.get("pid", 0)),
            restarts=max(0, int(shown.get("runs", 1)) - 1),
            sentence=shown.get("state", "not loaded"),
        )

    def logs(self, *, lines: int, stop: StopSignal | None) -> Iterator[str]:
        """Lines of the agent's log file."""
        path = self._launch.log_file
        if stop is None:
            return tail(path, lines=lines)
        return follow_file(path, lines=lines, stop=stop)

    def _ctl(self, *words: str) -> None:
        hint = "run it in a terminal of the desktop session, not over ssh"
        insist(self._commands, ["launchctl", *words], hint=hint)

    def _unload(self) -> None:
        ran = self._commands.run(["launchctl", "bootout", f"{self._domain}/{LABEL}"])
        if ran.code not in {0, *_NOT_LOADED}:
            insist(self._commands, ["launchctl", "bootout", f"{self._domain}/{LABEL}"])


def own_uid() -> int:
    """The number of the person who runs this; 0 where there are none."""
    return os.getuid() if hasattr(os, "getuid") else 0
