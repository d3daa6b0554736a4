"""The agent as a program that the desktop starts with the session (XDG autostart).

For desktops without systemd's user manager. The desktop starts it once and looks no further, so a
loop of the shell starts it again after a failure; nothing ends one that hangs.

References:
    specifications.freedesktop.org, Desktop Application Autostart and Desktop Entry
"""

from __future__ import annotations

import os
import shlex
import signal
import time
from typing import TYPE_CHECKING

from weavclip.domain.service import ServiceState
from weavclip.service.commands import follow_file, tail, write_definition
from weavclip.service.launch import WATCH_WITH_FILE
from weavclip.service.places import entry_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from weavclip.domain.ports import StopSignal
    from weavclip.service.commands import Commands
    from weavclip.service.launch import Launch

PAUSE_S = 10
_END_WITHIN_S = 10.0
_START_WITHIN_S = 10.0
_LOOK_EVERY_S = 0.05
_ENTRY = """\
[Desktop Entry]
Type=Application
Name=weavclip
Comment=Remembers what is copied
Exec={command}
Terminal=false
NoDisplay=true
X-GNOME-Autostart-enabled=true
"""


def command(launch: Launch, *, entry_file: Path) -> list[str]:
    """What is started: the agent, again after each failure, until it ends by a wish.

    0 is a SIGTERM, 130 a Ctrl-C, 2 a mistake on the command line; without its entry the loop ends
    too, since it may be pausing while the service is taken away.
    """
    variables = [f"{name}={value}" for name, value in launch.environ.items()]
    watch = shlex.join(["env", *variables, *launch.program, *WATCH_WITH_FILE])
    there = f"test -e {shlex.quote(str(entry_file))}"
    loop = f"while {there}; do {watch}; case $? in 0|2|130) exit;; esac; sleep {PAUSE_S}; done"
    return ["sh", "-c", loop]


def entry(words: Sequence[str]) -> str:
    """The desktop entry's text that starts a command."""
    return _ENTRY.format(command=" ".join(map(_argument, words)))


def _argument(word: str) -> str:
    r"""A word of ``Exec``: in double quotes, escaped there and then as a value once more.

    >>> print(_argument("sh")), print(_argument("echo $x 100%"))
    sh
    "echo \\$x 100%%"
    (None, None)
    """
    if word.isalnum() or word == "-c":
        return word
    quoted = "".join("\\" + each if each in '"`$\\' else each for each in word)
    return '"' + quoted.replace("\\", "\\\\").replace("%", "%%") + '"'


class AutostartService:
    """Writes the entry, and starts what it says."""

    name = "autostart"

    def __init__(
        self,
        launch: Launch,
        *,
        environ: Mapping[str, str],
        home: Path,
        commands: Commands,
        agent_pid: Callable[[], int],
    ) -> None:
        """Touch nothing yet.

        Args:
            launch: What the entry starts.
            environ: For the folder of entries.
            home: The person's.
            commands: Starts the loop.
            agent_pid: The process that watches for this data folder now; 0 for none.
        """
        self._launch, self._commands, self._agent_pid = launch, commands, agent_pid
        self._file = entry_file(environ, home)

    def install(self) -> Iterator[str]:
        """Write the entry, and start the agent anew."""
        starts = command(self._launch, entry_file=self._file)
        write_definition(self._file, entry(starts))
        yield "systemd's manager for this user does not answer: the desktop is asked instead"
        yield f"wrote {self._file}"
        yield "it starts with every session of a desktop that reads this (not bare sway or i3)"
        self._end_agent()
        self._commands.start(starts)
        self._await_agent()
        yield "the agent was started; it is started again when it fails, not when it hangs"

    def uninstall(self) -> Iterator[str]:
        """End the agent, which ends the loop around it, and remove the entry."""
        if not self._file.exists():
            yield "no service is installed"
            return
        self._file.unlink()
        yield f"removed {self._file}"
        self._end_agent()
        yield "the agent is stopped, and does not start again"

    def state(self) -> ServiceState:
        """How it is: the desktop does not say, so that the agent is asked."""
        pid = self._agent_pid()
        return ServiceState(
            manager=self.name,
            file=self._file,
            installed=self._file.exists(),
            enabled=self._file.exists(),
            running=bool(pid),
            pid=pid,
            sentence="running" if pid else "not running",
        )

    def logs(self, *, lines: int, stop: StopSignal | None) -> Iterator[str]:
        """Lines of the agent's log file."""
        path = self._launch.log_file
        if stop is None:
            return tail(path, lines=lines)
        return follow_file(path, lines=lines, stop=stop)

    def _await_agent(self) -> None:
        """Until it watches, or does not: who asks right after installing is told true."""
        end = time.monotonic() + _START_WITHIN_S
        while not self._agent_pid() and time.monotonic() < end:
            time.sleep(_LOOK_EVERY_S)

    def _end_agent(self) -> None:
        pid, end = self._agent_pid(), time.monotonic() + _END_WITHIN_S
        if pid:
            os.kill(pid, signal.SIGTERM)
        while pid and self._agent_pid() == pid and time.monotonic() < end:
            time.sleep(_LOOK_EVERY_S)
