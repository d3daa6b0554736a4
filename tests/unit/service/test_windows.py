"""The scheduled task of Windows, over a fake of schtasks: not run on a real system yet."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.unit.service.fakes import FakeCommands
from weavclip.domain.errors import ServiceError
from weavclip.service.commands import Ran
from weavclip.service.launch import Launch
from weavclip.service.places import task_file
from weavclip.service.windows import TaskService, task_xml

NAMESPACE = "{http://schemas.microsoft.com/windows/2004/02/mit/task}"
USER = "DESK\\Ann & Bob"
NO_TASK = Ran(1, err="ERROR: The system cannot find the file specified.")


def launch(data_dir: Path) -> Launch:
    python = r"C:\Users\Ann\pipx\venvs\weavclip\Scripts\python.exe"
    return Launch(program=(python, "-m", "weavclip"), data_dir=data_dir)


def service(data_dir: Path, system: FakeCommands, *, pid: int = 0) -> TaskService:
    return TaskService(launch(data_dir), user=USER, commands=system, agent_pid=lambda: pid)


def text(xml: str, tag: str) -> str | None:
    found = ET.fromstring(xml.partition("\n")[2]).find(f".//{NAMESPACE}{tag}")  # noqa: S314 - our own
    return None if found is None else found.text


def test_it_runs_at_logon_for_ever_and_after_a_failure() -> None:
    xml = task_xml(launch(Path("/data")), user=USER)

    assert text(xml, "UserId") == USER
    assert text(xml, "ExecutionTimeLimit") == "PT0S"
    assert text(xml, "Interval") == "PT1M"
    assert text(xml, "DisallowStartIfOnBatteries") == "false"
    assert text(xml, "MultipleInstancesPolicy") == "IgnoreNew"
    assert text(xml, "RunLevel") == "LeastPrivilege"


def test_no_console_window_is_shown_and_the_data_folder_goes_along() -> None:
    xml = task_xml(launch(Path("/a b/data")), user=USER)

    assert (text(xml, "Command") or "").endswith(r"Scripts\pythonw.exe")
    expected = '-m weavclip --data-dir "/a b/data" watch --wait --log-file'
    assert text(xml, "Arguments") == expected


def test_an_older_task_is_ended_and_replaced(tmp_path: Path) -> None:
    system = FakeCommands()

    list(service(tmp_path, system).install())

    assert [line.split()[1] for line in system.ran] == ["/end", "/create", "/run"]
    assert system.did("/create", "/f")
    assert task_file(tmp_path).read_bytes().decode("utf-16").startswith("<?xml")


def test_what_schtasks_complains_of_is_told(tmp_path: Path) -> None:
    system = FakeCommands({"/create": Ran(1, err="ERROR: Access is denied.")})

    with pytest.raises(ServiceError, match="Access is denied"):
        list(service(tmp_path, system).install())


@pytest.mark.parametrize(
    ("answer", "pid", "installed", "running"),
    [
        (Ran(0, out='"\\weavclip","N/A","Wird ausgeführt"\n'), 815, True, True),
        (Ran(0, out='"\\weavclip","N/A","Ready"\n'), 0, True, False),
        (NO_TASK, 0, False, False),
        (NO_TASK, 815, False, False),
    ],
)
def test_how_it_is_comes_from_the_list_of_tasks_and_the_agent(
    tmp_path: Path, answer: Ran, pid: int, *, installed: bool, running: bool
) -> None:
    state = service(tmp_path, FakeCommands({"/query": answer}), pid=pid).state()

    assert (state.installed, state.running) == (installed, running)
    assert state.pid == (pid if installed else 0)


def test_uninstalling_leaves_nothing(tmp_path: Path) -> None:
    system = FakeCommands({"/query": Ran(0, out='"\\weavclip","N/A","Running"\n')})
    ours = service(tmp_path, system)
    list(ours.install())

    list(ours.uninstall())

    assert system.did("/delete", "/f")
    assert not task_file(tmp_path).exists()
    system.answers = {"/query": NO_TASK}
    assert list(ours.uninstall()) == ["no service is installed"]
