"""Wayland compositors of the tests' own, without screens: nobody's session is touched."""

from __future__ import annotations

import os
import shutil
import subprocess
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from tests.displays import end
from tests.folders import runtime_folder
from tests.waiting import until
from weavclip.clipboard.mutter_bus import is_offered
from weavclip.clipboard.wayland_display import Display
from weavclip.domain.errors import NoClipboardError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

_SCREEN = "1280x720"
_NOBODY = 65534
_SWAY_CONFIG = f"xwayland disable\noutput HEADLESS-1 resolution {_SCREEN}\n"
# No folders of services: nothing is started by a message.
_BUS_CONFIG = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path={path}</listen>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Desktop:
    """A running compositor.

    Attributes:
        environ: What its clients need to find it: WAYLAND_DISPLAY, XDG_RUNTIME_DIR and, where
            it has them, DISPLAY, XAUTHORITY and DBUS_SESSION_BUS_ADDRESS.
        process: The compositor.
    """

    environ: Mapping[str, str]
    process: subprocess.Popen[bytes]

    @property
    def path(self) -> str:
        """Of its Wayland socket."""
        return f"{self.environ['XDG_RUNTIME_DIR']}/{self.environ['WAYLAND_DISPLAY']}"


@contextmanager
def private_bus() -> Iterator[str]:
    """Start a message bus that starts nothing by itself; yields its address."""
    _require("dbus-daemon")
    with runtime_folder() as folder:
        config, path = folder / "bus.conf", folder / "bus"
        config.write_text(_BUS_CONFIG.format(path=path))
        daemon = subprocess.Popen(
            [
                "dbus-daemon",
                f"--config-file={config}",
                "--nofork",
                "--nopidfile",
                "--print-address",
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        try:
            assert daemon.stdout
            assert daemon.stdout.readline(), "the message bus has ended"  # told once it listens
            yield f"unix:path={path}"
        finally:
            end(daemon)


@contextmanager
def private_sway(at: Path | None = None) -> Iterator[Desktop]:
    """Start sway, which refuses to run as root, as nobody if need be.

    Args:
        at: Folder for its socket, which one that was killed may have left there; a fresh one
            when None.
    """
    _require("sway")
    with nullcontext(at) if at else runtime_folder() as folder:
        (folder / "config").write_text(_SWAY_CONFIG)
        command = ["sway", "-c", str(folder / "config")]
        if os.geteuid() == 0:
            for each in (folder, folder / "config"):
                os.chown(each, _NOBODY, _NOBODY)
            command = ["setpriv", f"--reuid={_NOBODY}", f"--regid={_NOBODY}", "--clear-groups"]
            command += ["sway", "-c", str(folder / "config")]
        environ = {
            "WLR_BACKENDS": "headless",
            "WLR_LIBINPUT_NO_DEVICES": "1",
            "WLR_RENDERER": "pixman",
        }
        with _started(command, folder, environ) as (process, log):
            name = _socket_name(folder, process, log)
            yield Desktop(environ=_client(folder, name), process=process)


@contextmanager
def private_kwin(at: Path | None = None) -> Iterator[Desktop]:
    """Start KWin: a copy of its binary, whose file capability a container refuses.

    Args:
        at: As for sway.
    """
    _require("kwin_wayland")
    with private_bus() as bus, nullcontext(at) if at else runtime_folder() as folder:
        program = folder / "kwin_wayland"  # its platform plugin looks for this name
        shutil.copy(str(shutil.which("kwin_wayland")), program)
        width, height = _SCREEN.split("x")
        command = [str(program), "--virtual", "--width", width, "--height", height]
        command += ["--socket", "wayland-0", "--no-lockscreen"]
        environ = {"DBUS_SESSION_BUS_ADDRESS": bus, "KWIN_COMPOSE": "Q"}
        with _started(command, folder, environ) as (process, log):
            name = _socket_name(folder, process, log)
            yield Desktop(environ=_client(folder, name), process=process)


@contextmanager
def private_mutter(at: Path | None = None, *, bus: str = "") -> Iterator[Desktop]:
    """Start Mutter with its Xwayland and a message bus that has its interfaces.

    Args:
        at: As for sway.
        bus: Address of a message bus that outlives it; one of its own when empty.
    """
    _require("mutter")
    with (
        nullcontext(bus) if bus else private_bus() as address,
        nullcontext(at) if at else runtime_folder() as folder,
    ):
        command = ["mutter", "--headless", "--wayland", "--virtual-monitor", _SCREEN]
        command += ["--wayland-display", "wayland-0"]
        environ = {"DBUS_SESSION_BUS_ADDRESS": address, "GSETTINGS_BACKEND": "memory"}
        with _started(command, folder, environ) as (process, log):
            name = _socket_name(folder, process, log)
            found = _client(folder, name) | {"DBUS_SESSION_BUS_ADDRESS": address}
            found |= _x_side(folder, log)
            # Its names on the bus come last, some time after its sockets.
            until(lambda: is_offered(found), what="Mutter on the message bus")
            yield Desktop(environ=found, process=process)


@contextmanager
def private_weston() -> Iterator[Desktop]:
    """Start weston, which has no data-control and, without a screen, no seat."""
    _require("weston")
    with runtime_folder() as folder:
        command = ["weston", "--backend=headless-backend.so", "--socket=wayland-0", "--no-config"]
        command += ["--shell=kiosk-shell.so"]  # the usual one has helpers of its own
        with _started(command, folder, {}) as (process, log):
            name = _socket_name(folder, process, log, has_seat=False)
            yield Desktop(environ=_client(folder, name), process=process)


@pytest.fixture(scope="session")
def shared_sway() -> Iterator[Desktop]:
    """One sway for every test of a run that only needs some."""
    yield from _kept(private_sway)


@pytest.fixture(scope="session")
def shared_kwin() -> Iterator[Desktop]:
    """One KWin, likewise."""
    yield from _kept(private_kwin)


@pytest.fixture(scope="session")
def shared_mutter() -> Iterator[Desktop]:
    """One Mutter, likewise."""
    yield from _kept(private_mutter)


@pytest.fixture
def sway(shared_sway: Desktop, monkeypatch: pytest.MonkeyPatch) -> Desktop:
    """That sway, as this process's session and with nothing on its clipboards."""
    clear(shared_sway.path)
    return entered(shared_sway, monkeypatch)


@pytest.fixture
def kwin(shared_kwin: Desktop, monkeypatch: pytest.MonkeyPatch) -> Desktop:
    """That KWin, likewise."""
    clear(shared_kwin.path)
    return entered(shared_kwin, monkeypatch)


@pytest.fixture
def mutter(shared_mutter: Desktop, monkeypatch: pytest.MonkeyPatch) -> Desktop:
    """That Mutter, as this process's session."""
    return entered(shared_mutter, monkeypatch)


@pytest.fixture
def own_sway(monkeypatch: pytest.MonkeyPatch) -> Iterator[Desktop]:
    """A sway that this test alone uses, and may end."""
    with private_sway() as desktop:
        yield entered(desktop, monkeypatch)


def entered(desktop: Desktop, monkeypatch: pytest.MonkeyPatch) -> Desktop:
    """Put what its clients need into this process's environment."""
    for name, value in desktop.environ.items():
        monkeypatch.setenv(name, value)
    return desktop


def clear(path: str) -> None:
    """Take both selections of every seat from whoever has them."""
    with Display(path) as display:
        for seat in display.seats():
            device = display.device(seat)
            display.select(device, 0)
            display.select(device, 0, is_primary=True)
        display.wait_for(display.sync())


def _kept(start: Callable[[], AbstractContextManager[Desktop]]) -> Iterator[Desktop]:
    with ExitStack() as stack:
        yield stack.enter_context(start())


def _require(program: str) -> None:
    if shutil.which(program) is None:
        pytest.skip(f"{program} is not installed")


@contextmanager
def _started(
    command: Sequence[str], folder: Path, environ: Mapping[str, str]
) -> Iterator[tuple[subprocess.Popen[bytes], Path]]:
    """A compositor that knows of no other session, and the file that it logs to."""
    log = folder / "log"
    kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            env={**kept, "HOME": str(folder), "XDG_RUNTIME_DIR": str(folder), **environ},
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
    try:
        yield process, log
    finally:
        end(process)


def _socket_name(
    folder: Path, process: subprocess.Popen[bytes], log: Path, *, has_seat: bool = True
) -> str:
    """The name of its Wayland socket, once it answers there and has its seat."""

    def found() -> str:
        assert process.poll() is None, log.read_text(errors="replace")[-2_000:]
        names = [each.name for each in folder.glob("wayland-*") if each.suffix != ".lock"]
        return next((each for each in names if _is_ready(folder / each, has_seat=has_seat)), "")

    return until(found, what=f"a Wayland socket in {folder}")


def _is_ready(path: Path, *, has_seat: bool) -> bool:
    try:
        with Display(str(path)) as display:
            return not has_seat or bool(display.seats())
    except NoClipboardError:
        return False


def _client(folder: Path, name: str) -> dict[str, str]:
    return {"XDG_RUNTIME_DIR": str(folder), "WAYLAND_DISPLAY": name}


def _x_side(folder: Path, log: Path) -> dict[str, str]:
    """How X11 programs reach Mutter, as its log says it."""

    def told() -> str:
        lines = log.read_text(errors="replace").splitlines()
        named = [each.partition("public X11 display ")[2] for each in lines]
        return next((each.split(",")[0].strip() for each in named if each), "")

    display = until(told, what="the name of Mutter's X server")
    # One that was killed has left its own.
    authority = max(folder.glob(".mutter-Xwaylandauth*"), key=lambda path: path.stat().st_mtime)
    return {"DISPLAY": display, "XAUTHORITY": str(authority)}
