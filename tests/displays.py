"""X servers of the tests' own: nobody's screen or clipboard is touched."""

from __future__ import annotations

import os
import shutil
import subprocess
from contextlib import contextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING

import pytest

from tests.waiting import WITHIN_S, until
from weavclip.clipboard.x11_display import Display

if TYPE_CHECKING:
    from collections.abc import Iterator

_END_S = 5.0


@contextmanager
def private_server(name: str = "") -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """Start an Xvfb that picks a free display by itself, and end it.

    Args:
        name: The display that it is to be, such as ``:1``, where one was before.

    Yields the display and the process. Skips where Xvfb is not installed.
    """
    if shutil.which("Xvfb") is None:
        pytest.skip("Xvfb is not installed")
    started = until(partial(_started, name), what="an X server")
    assert started
    server, number = started
    try:
        yield f":{number}", server
    finally:
        end(server)


def name_of_our_own() -> str:
    """A display that nobody takes meanwhile: servers that pick one begin at :0."""
    return f":{1000 + os.getpid() % 40_000}"


@contextmanager
def private_display() -> Iterator[str]:
    """The same for who only needs the display."""
    with private_server() as (name, _):
        yield name


def end(process: subprocess.Popen[bytes] | subprocess.Popen[str]) -> None:
    """End one process that a test started, and wait for it."""
    process.terminate()
    try:
        process.wait(timeout=_END_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(timeout=WITHIN_S)
    for stream in (process.stdin, process.stdout, process.stderr):
        if stream is not None:
            with suppress(BrokenPipeError):  # it ended before it took what was written last
                stream.close()


@pytest.fixture(scope="session")
def shared_display() -> Iterator[str]:
    """One X server for every test of a run that only needs some clipboard."""
    with private_display() as name:
        yield name


@pytest.fixture
def display(shared_display: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """That server's name, with DISPLAY set to it and a clipboard that is nobody's."""
    monkeypatch.setenv("DISPLAY", shared_display)
    _empty(shared_display)
    return shared_display


@pytest.fixture
def own_display(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A server that this test alone uses, and may end."""
    with private_display() as name:
        monkeypatch.setenv("DISPLAY", name)
        yield name


def is_owned(name: str) -> bool:
    """Whether somebody owns the clipboard: xclip parts from its caller before it does."""
    with Display(name) as asking:
        return bool(asking.owner(asking.atom("CLIPBOARD")))


def _started(name: str) -> tuple[subprocess.Popen[bytes], int] | None:
    """A server and its display; None where another one, such as Mutter's, took that meanwhile."""
    told, tell = os.pipe()
    options = ["-displayfd", str(tell), "-screen", "0", "640x480x24", "-nolisten", "tcp"]
    server = subprocess.Popen(
        ["Xvfb", *filter(None, [name]), *options, "-noreset"],
        pass_fds=[tell],
        stderr=subprocess.DEVNULL,
    )
    os.close(tell)
    with os.fdopen(told) as naming:
        number = naming.readline().strip()
    if number:
        return server, int(number)
    server.wait(WITHIN_S)
    return None


def _empty(name: str) -> None:
    """Take both selections from whoever has them; they end with this connection."""
    with Display(name) as taking:
        window = taking.window()
        for selection in ("CLIPBOARD", "PRIMARY"):
            taking.own(window, selection=taking.atom(selection), at_ms=taking.now_ms(window))
