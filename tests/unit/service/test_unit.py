"""The systemd unit's text, and what systemd itself says of it."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.unit.service.fakes import launch
from tests.waiting import WITHIN_S
from weavclip.service import unit
from weavclip.service.launch import Launch
from weavclip.service.places import UNIT

if TYPE_CHECKING:
    from pathlib import Path

# FACTS of systemd 252: each of these lets a unit of a user's own manager fail.
BREAKING = (
    "CapabilityBoundingSet",
    "PrivateDevices",
    "ProtectKernelModules",
    "ProtectKernelLogs",
    "ProtectClock",
    "PrivateTmp",
)


def test_systemd_finds_nothing_wrong_with_it(tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not installed")
    program = tmp_path / "a folder" / "weavclip"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    path = tmp_path / UNIT
    asked = Launch(
        program=(str(program),), environ={"WEAVCLIP_DATA_DIR": "/a b/100%"}, data_dir=tmp_path
    )
    path.write_text(unit.text(asked, version=252))

    done = subprocess.run(
        ["systemd-analyze", "verify", "--user", str(path)],
        capture_output=True,
        text=True,
        timeout=WITHIN_S,
        check=False,
    )

    about_it = [line for line in done.stderr.splitlines() if UNIT in line]
    assert about_it == []


def test_it_notifies_is_watched_and_comes_back(tmp_path: Path) -> None:
    text = unit.text(launch(tmp_path), version=252)

    for line in ("Type=notify", "WatchdogSec=60", "Restart=always", "StartLimitIntervalSec=0"):
        assert f"\n{line}\n" in text
    assert 'ExecStart="/home/me/.local/bin/weavclip" "watch" "--wait"\n' in text
    assert "WantedBy=graphical-session.target default.target\n" in text


def test_it_has_nothing_that_breaks_a_users_unit(tmp_path: Path) -> None:
    text = unit.text(launch(tmp_path), version=300)

    assert [name for name in BREAKING if name in text] == []


@pytest.mark.parametrize(("version", "spaced"), [(249, False), (252, False), (254, True)])
def test_restarts_are_spaced_where_systemd_can(
    tmp_path: Path, version: int, *, spaced: bool
) -> None:
    text = unit.text(launch(tmp_path), version=version)

    assert ("RestartSteps=" in text) is spaced
    assert f"\nRestartSec={1 if spaced else 5}\n" in text


def test_paths_with_blanks_quotes_and_percents_reach_the_agent(tmp_path: Path) -> None:
    text = unit.text(launch(tmp_path, WEAVCLIP_DATA_DIR='/a "b"/100%\\'), version=252)

    assert 'Environment="WEAVCLIP_DATA_DIR=/a \\"b\\"/100%%\\\\"\n' in text
