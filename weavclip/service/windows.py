"""The agent as a scheduled task of Windows that runs at logon.

Written from the Task Scheduler's schema (learn.microsoft.com, "Task Scheduler Schema") and the
help of schtasks; it was not run on a real system yet.
"""

from __future__ import annotations

import csv
import subprocess
from html import escape
from typing import TYPE_CHECKING

from weavclip.domain.service import ServiceState
from weavclip.service.commands import follow_file, insist, tail, write_definition
from weavclip.service.launch import WATCH_WITH_FILE
from weavclip.service.places import task_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from weavclip.domain.ports import StopSignal
    from weavclip.service.commands import Commands
    from weavclip.service.launch import Launch

TASK = "weavclip"
_STATUS_COLUMN = 2  # of schtasks /query /fo csv: name, next run, status
_TASK_XML = """\
<?xml version="1.0" encoding="UTF-16"?>
<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
  <RegistrationInfo>
    <Description>weavclip, which remembers what is copied</Description>
  </RegistrationInfo>
  <Triggers>
    <LogonTrigger>
      <Enabled>true</Enabled>
      <UserId>{user}</UserId>
    </LogonTrigger>
  </Triggers>
  <Principals>
    <Principal id="Author">
      <UserId>{user}</UserId>
      <LogonType>InteractiveToken</LogonType>
      <RunLevel>LeastPrivilege</RunLevel>
    </Principal>
  </Principals>
  <Settings>
    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>
    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>
    <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>
    <StartWhenAvailable>true</StartWhenAvailable>
    <RestartOnFailure>
      <Interval>PT1M</Interval>
      <Count>999</Count>
    </RestartOnFailure>
    <ExecutionTimeLimit>PT0S</ExecutionTimeLimit>
    <Priority>7</Priority>
    <Enabled>true</Enabled>
  </Settings>
  <Actions Context="Author">
    <Exec>
      <Command>{command}</Command>
      <Arguments>{arguments}</Arguments>
    </Exec>
  </Actions>
</Task>
"""


def task_xml(launch: Launch, *, user: str) -> str:
    r"""The task's definition.

    A task has no variables of its own: the data folder is given as an option. pythonw has no
    console window; without it the person would see one for as long as the agent runs.

    Args:
        launch: What it starts.
        user: As ``DOMAIN\name``.
    """
    python, *words = launch.program
    windowless = python.removesuffix("python.exe") + "pythonw.exe"
    command = windowless if python.endswith("python.exe") else python
    arguments = subprocess.list2cmdline(
        [*words, "--data-dir", str(launch.data_dir), *WATCH_WITH_FILE]
    )
    return _TASK_XML.format(
        user=escape(user), command=escape(command), arguments=escape(arguments)
    )


class TaskService:
    """Registers the task, and asks schtasks about it."""

    name = "Task Scheduler"

    def __init__(
        self, launch: Launch, *, user: str, commands: Commands, agent_pid: Callable[[], int]
    ) -> None:
        r"""Touch nothing yet.

        Args:
            launch: What the task starts.
            user: As ``DOMAIN\name``, whose logon starts it.
            commands: Runs schtasks.
            agent_pid: The process that watches for this data folder now; 0 for none.
        """
        self._launch, self._user, self._commands = launch, user, commands
        self._agent_pid = agent_pid
        self._file = task_file(launch.data_dir)

    def install(self) -> Iterator[str]:
        """Write the definition, register it in place of an older one, and run it."""
        xml = task_xml(self._launch, user=self._user)
        write_definition(self._file, xml, encoding="utf-16")
        yield f"wrote {self._file}"
        self._commands.run(["schtasks", "/end", "/tn", TASK])
        self._tasks("/create", "/tn", TASK, "/xml", str(self._file), "/f")
        yield "it starts with every logon"
        self._tasks("/run", "/tn", TASK)
        yield "the agent was started"

    def uninstall(self) -> Iterator[str]:
        """End the task, and remove it and its definition."""
        if not self._file.exists() and not self._row():
            yield "no service is installed"
            return
        self._commands.run(["schtasks", "/end", "/tn", TASK])
        if self._row():
            self._tasks("/delete", "/tn", TASK, "/f")
        yield "the agent is stopped, and does not start again"
        self._file.unlink(missing_ok=True)
        yield f"removed {self._file}"

    def state(self) -> ServiceState:
        """How it is: schtasks says that in the system's language, so that the agent is asked."""
        row = self._row()
        pid = self._agent_pid() if row else 0
        status = row[_STATUS_COLUMN] if len(row) > _STATUS_COLUMN else ""
        return ServiceState(
            manager=self.name,
            file=self._file,
            installed=bool(row),
            enabled=bool(row),
            running=bool(pid),
            pid=pid,
            sentence=status or "there is no such task",
        )

    def logs(self, *, lines: int, stop: StopSignal | None) -> Iterator[str]:
        """Lines of the agent's log file."""
        path = self._launch.log_file
        if stop is None:
            return tail(path, lines=lines)
        return follow_file(path, lines=lines, stop=stop)

    def _row(self) -> list[str]:
        ran = self._commands.run(["schtasks", "/query", "/tn", TASK, "/fo", "csv", "/nh"])
        rows = [row for row in csv.reader(ran.out.splitlines()) if row]
        return rows[0] if ran.code == 0 and rows else []

    def _tasks(self, *words: str) -> None:
        insist(self._commands, ["schtasks", *words], hint="look at it in the Task Scheduler")
