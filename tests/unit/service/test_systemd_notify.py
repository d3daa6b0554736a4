from __future__ import annotations

import os
import socket
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from tests.folders import runtime_folder
from tests.waiting import WITHIN_S
from weavclip.service.systemd_notify import SystemdNotify

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def folder() -> Iterator[Path]:
    with runtime_folder() as found:
        yield found


def listening(address: str) -> socket.socket:
    found = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    found.bind(address)
    found.settimeout(WITHIN_S)
    return found


@pytest.mark.parametrize("kind", ["path", "abstract"])
def test_systemd_hears_each_message(kind: str, folder: Path) -> None:
    path = str(folder / "notify")
    name = f"@weavclip-test-{os.getpid()}"
    address, told = (path, path) if kind == "path" else ("\0" + name[1:], name)
    with closing(listening(address)) as systemd:
        supervisor = SystemdNotify({"NOTIFY_SOCKET": told})
        supervisor.say("watching x11")
        supervisor.alive()
        supervisor.stopping()
        heard = [systemd.recv(1000).decode() for _ in range(3)]

    assert heard == ["READY=1\nSTATUS=watching x11", "WATCHDOG=1", "STOPPING=1"]


def test_a_status_is_one_line(folder: Path) -> None:
    with closing(listening(str(folder / "notify"))) as systemd:
        SystemdNotify({"NOTIFY_SOCKET": str(folder / "notify")}).say("a\nMAINPID=1")

        assert systemd.recv(1000) == b"READY=1\nSTATUS=a"


def test_no_child_speaks_in_our_name() -> None:
    environ = {"NOTIFY_SOCKET": "/x", "WATCHDOG_USEC": "1", "WATCHDOG_PID": "1", "HOME": "/h"}

    SystemdNotify(environ)

    assert environ == {"HOME": "/h"}


@pytest.mark.parametrize(
    ("environ", "watchdog_s"),
    [
        ({}, None),
        ({"WATCHDOG_USEC": "60000000"}, None),
        ({"NOTIFY_SOCKET": "/x", "WATCHDOG_USEC": "60000000"}, 60.0),
        ({"NOTIFY_SOCKET": "/x", "WATCHDOG_USEC": "soon"}, None),
        ({"NOTIFY_SOCKET": "/x", "WATCHDOG_USEC": "5000000", "WATCHDOG_PID": "1"}, None),
        (
            {"NOTIFY_SOCKET": "/x", "WATCHDOG_USEC": "5000000", "WATCHDOG_PID": str(os.getpid())},
            5.0,
        ),
    ],
)
def test_the_watchdog_is_ours_where_systemd_says_so(
    environ: dict[str, str], watchdog_s: float | None
) -> None:
    assert SystemdNotify(environ).watchdog_s == watchdog_s


def test_where_nobody_listens_nothing_happens(tmp_path: Path) -> None:
    SystemdNotify({}).say("x")
    SystemdNotify({"NOTIFY_SOCKET": str(tmp_path / "absent")}).say("x")
