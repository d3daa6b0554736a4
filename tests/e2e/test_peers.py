"""Histories that the real managers write, taken in by the installed command."""

from __future__ import annotations

import os
import shutil
import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from scripts.sample_model import drawings
from tests.displays import end
from tests.e2e.programs import weavclip
from tests.waiting import WITHIN_S, until

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

pytestmark = pytest.mark.x11
PICTURE = drawings.png(drawings.named("a red circle on white"), seed=1, side_px=64)


@pytest.fixture
def home(tmp_path: Path, display: str, monkeypatch: pytest.MonkeyPatch) -> Mapping[str, str]:
    """The environment of somebody who has used no program yet."""
    folders = {"HOME": "home", "XDG_CONFIG_HOME": "config", "XDG_DATA_HOME": "share"}
    runtime = tmp_path / "run"
    runtime.mkdir(mode=0o700)
    for name, folder in folders.items():
        (tmp_path / folder).mkdir()
        monkeypatch.setenv(name, str(tmp_path / folder))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(runtime))
    return {**os.environ, "DISPLAY": display, "GSETTINGS_BACKEND": "memory"}


def call(*command: str, environ: Mapping[str, str], stdin: bytes = b"") -> str:
    done = subprocess.run(
        command, env=environ, input=stdin, capture_output=True, timeout=WITHIN_S, check=False
    )
    return done.stdout.decode() if done.returncode == 0 else ""


@contextmanager
def copyq(environ: Mapping[str, str]) -> Iterator[None]:
    if shutil.which("copyq") is None:
        pytest.skip("copyq is not installed")
    server = subprocess.Popen(
        ["copyq"], env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        until(lambda: call("copyq", "size", environ=environ))
        yield
    finally:
        end(server)


@pytest.fixture
def bus(home: Mapping[str, str]) -> Iterator[Mapping[str, str]]:
    """A session bus of the test's own, on which GPaste's daemon is started."""
    if shutil.which("gpaste-client") is None:
        pytest.skip("gpaste-client is not installed")
    if shutil.which("dbus-daemon") is None:
        pytest.skip("dbus-daemon is not installed")
    daemon = subprocess.Popen(
        ["dbus-daemon", "--session", "--print-address", "--nofork"],
        env=home,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert daemon.stdout is not None
    address = daemon.stdout.readline().strip()
    try:
        yield {**home, "DBUS_SESSION_BUS_ADDRESS": address}
    finally:
        end(daemon)


def listed() -> list[str]:
    """Kind and preview of every clip, the last copied first."""
    rows = (line.split("\t") for line in weavclip("list").splitlines())
    return [f"{row[1]}: {row[4]}" for row in rows]


def test_copyqs_own_export_is_taken_in(home: Mapping[str, str], tmp_path: Path) -> None:
    file = tmp_path / "all.cpq"
    with copyq(home):
        call("copyq", "add", "first", "zweite Zeile größer", environ=home)
        call("copyq", "write", "image/png", "-", environ=home, stdin=PICTURE)
        markup = ("text/html", "<b>bold</b>", "text/plain", "bold")
        call("copyq", "write", *markup, environ=home)
        secret = ("text/plain", "hunter2", "application/x-copyq-secret", "1")
        call("copyq", "write", *secret, environ=home)
        call("copyq", "tab", "other", "add", "in another tab", environ=home)
        call("copyq", "exportData", str(file), environ=home)

    weavclip("import", str(file))

    assert listed() == [
        "html: bold",
        "image: 85 x 64",
        "text: zweite Zeile größer",
        "text: first",
        "text: in another tab",
    ]


def test_gpastes_own_history_is_taken_in(bus: Mapping[str, str], tmp_path: Path) -> None:
    history = tmp_path / "share" / "gpaste" / "history.xml"
    call("gpaste-client", "add", "first <words> & more ]]> x", environ=bus)
    call("gpaste-client", "add-password", "bank", "hunter2", environ=bus)
    call("gpaste-client", "add", "zweite Zeile größer", environ=bus)
    until(lambda: history.exists() and b"zweite" in history.read_bytes())

    weavclip("import", str(history))

    assert listed() == ["text: zweite Zeile größer", "text: first <words> & more ]]> x"]
