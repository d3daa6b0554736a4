"""The agent as a unit of systemd's manager for one person."""

from __future__ import annotations

import contextlib
import re
import time
from typing import TYPE_CHECKING

from weavclip.domain.errors import ServiceError
from weavclip.domain.service import ServiceState
from weavclip.service import unit
from weavclip.service.commands import insist, write_definition
from weavclip.service.places import UNIT, unit_file
from weavclip.service.session import DISPLAY_VARIABLES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from weavclip.domain.ports import StopSignal
    from weavclip.service.commands import Commands
    from weavclip.service.launch import Launch

UP_WITHIN_S = 10.0
_LOOK_EVERY_S = 0.1
_CTL = ("systemctl", "--user")
_SHOWN = ("ActiveState", "SubState", "UnitFileState", "MainPID", "NRestarts", "WatchdogUSec")
_NO_MANAGER = "log in on a desktop with systemd, or start 'weavclip watch' with your session"


def version(commands: Commands) -> int | None:
    """The version of the person's service manager; None where none answers."""
    ran = commands.run([*_CTL, "show", "--property=Version", "--value"])
    found = re.match(r"\d+", ran.out.strip())
    return int(found[0]) if ran.code == 0 and found else None


class SystemdService:
    """Installs the unit, and asks systemctl and journalctl about it."""

    name = "systemd"

    def __init__(
        self, launch: Launch, *, environ: Mapping[str, str], home: Path, commands: Commands
    ) -> None:
        """Touch nothing yet.

        Args:
            launch: What the unit starts.
            environ: The person's: its display is told to the manager.
            home: The person's.
            commands: Runs systemctl.
        """
        self._launch, self._environ, self._commands = launch, environ, commands
        self._file = unit_file(environ, home)

    def install(self) -> Iterator[str]:
        """Write the unit, enable it, and start it anew."""
        found = version(self._commands)
        if found is None:
            message = "systemd's manager for this user does not answer"
            raise ServiceError(message, hint=_NO_MANAGER)
        write_definition(self._file, unit.text(self._launch, version=found))
        yield f"wrote {self._file}"
        yield from self._tell_display()
        self._ctl("daemon-reload")
        # Its links first: an earlier release may have been wanted by another target.
        self._ctl("--quiet", "reenable", UNIT)
        yield "it starts with every session"
        self._ctl("--no-block", "restart", UNIT)
        yield self._await_start()

    def uninstall(self) -> Iterator[str]:
        """Stop it, and remove the unit and what was changed of it."""
        ours = self._definitions()
        if not ours:
            yield "no service is installed"
            return
        answers = version(self._commands) is not None
        if answers:
            self._ctl("--quiet", "disable", "--now", UNIT)
            yield "the agent is stopped, and does not start again"
        for path in ours:
            path.unlink(missing_ok=True)  # disabling has removed the links
            yield f"removed {path}"
        with contextlib.suppress(OSError):  # there is none, or something else is in it
            self._file.with_name(f"{UNIT}.d").rmdir()
        if answers:
            self._ctl("daemon-reload")
            self._commands.run([*_CTL, "--quiet", "reset-failed", UNIT])

    def state(self) -> ServiceState:
        """How it is, as systemctl shows it; without a manager only whether the file is there."""
        shown = self._show()
        active, sub = shown.get("ActiveState", ""), shown.get("SubState", "")
        return ServiceState(
            manager=self.name,
            file=self._file,
            installed=self._file.exists(),
            enabled=shown.get("UnitFileState") == "enabled",
            running=active == "active",
            pid=int(shown.get("MainPID") or 0),
            restarts=int(shown.get("NRestarts") or 0),
            watched=shown.get("WatchdogUSec", "0") not in {"0", "", "infinity"},
            sentence=f"{active} ({sub})" if active else "systemd's user manager does not answer",
        )

    def logs(self, *, lines: int, stop: StopSignal | None) -> Iterator[str]:
        """What the agent said, out of the system's journal."""
        command = ["journalctl", "--user", "--unit", UNIT, "--no-pager"]
        command += ["--output", "short-iso", "--lines", str(lines)]
        if stop is not None:
            return self._commands.follow([*command, "--follow"], stop)
        return iter(insist(self._commands, command, hint="is journald running?").out.splitlines())

    def _definitions(self) -> list[Path]:
        """The unit, what 'systemctl edit' changed of it, and the links of its targets."""
        folder = self._file.parent
        found = (self._file, *folder.glob(f"{UNIT}.d/*.conf"))
        links = folder.glob(f"*.wants/{UNIT}")
        return [path for path in (*found, *sorted(links)) if path.exists() or path.is_symlink()]

    def _ctl(self, *words: str) -> None:
        insist(self._commands, [*_CTL, *words], hint=f"systemctl --user status {UNIT}")

    def _show(self) -> dict[str, str]:
        ran = self._commands.run([*_CTL, "show", f"--property={','.join(_SHOWN)}", UNIT])
        if ran.code:
            return {}
        pairs = (line.partition("=") for line in ran.out.splitlines())
        return {name: value for name, _, value in pairs}

    def _tell_display(self) -> Iterator[str]:
        """Tell the manager where the display is, where no desktop has done so."""
        names = [name for name in DISPLAY_VARIABLES if self._environ.get(name)]
        if names:
            self._ctl("import-environment", *names)
            yield f"told systemd {', '.join(names)}"

    def _await_start(self) -> str:
        """What became of the start within 10 s."""
        end = time.monotonic() + UP_WITHIN_S
        while True:
            shown = self._show()
            active, pid = shown.get("ActiveState", ""), shown.get("MainPID", "0")
            if active == "active":
                return f"the agent runs as process {pid}"
            if active == "failed" or time.monotonic() > end:
                message = f"the agent did not start: {active} ({shown.get('SubState', '')})"
                raise ServiceError(message, hint="weavclip service logs")
            time.sleep(_LOOK_EVERY_S)
