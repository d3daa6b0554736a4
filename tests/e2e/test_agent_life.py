"""A live agent whose display goes and comes, which is paused, killed and told new settings."""

from __future__ import annotations

import json
import os
import socket
import subprocess
from contextlib import ExitStack, closing, contextmanager
from typing import TYPE_CHECKING

import psutil
import pytest

from tests.compositors import private_sway
from tests.displays import name_of_our_own, private_server
from tests.e2e.programs import WEAVCLIP, watching, weavclip
from tests.folders import runtime_folder
from tests.owners import owner
from tests.waiting import WITHIN_S, until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.owners import Owner

LOST, FOUND = "copies are NOT kept", "copies are kept again"


@pytest.fixture
def program(display: str) -> Iterator[Owner]:
    with owner(display) as program:
        yield program


def kept() -> dict[str, int]:
    """Every clip's text, and how often it was copied."""
    return {each["preview"]: each["copies"] for each in json.loads(weavclip("list", "--json"))}


def complaint(*options: str) -> str:
    """What a command says on stderr."""
    done = subprocess.run([*WEAVCLIP, *options], capture_output=True, timeout=WITHIN_S, check=True)
    return done.stderr.decode()


def copied(program: Owner, text: str) -> None:
    program.copy({"UTF8_STRING": text.encode()})


def skipped(reason: str) -> int:
    agent = json.loads(weavclip("status", "--json"))["agent"]
    return int(agent["skipped"].get(reason, 0)) if agent else 0


@pytest.mark.x11
def test_an_x_server_that_restarts_is_watched_again_and_both_are_told_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with private_server(name_of_our_own()) as (name, server):
        monkeypatch.setenv("DISPLAY", name)
        with watching() as agent:
            with owner(name) as program:
                copied(program, "before")
                agent.stored(1)
                server.kill()
                server.wait(WITHIN_S)
            agent.heard(LOST)
            told = complaint("list")
            with private_server(name), owner(name) as program:
                agent.heard(FOUND)
                copied(program, "after")
                agent.stored(2)
                assert complaint("list") == ""
                assert kept() == {"before": 1, "after": 1}
            lines = list(agent.said)

    assert f"weavclip: {LOST} since " in told
    assert sum(LOST in line for line in lines) in {1, 2}  # 2: the second server ends first
    assert sum(FOUND in line for line in lines) == 1


@pytest.mark.x11
def test_a_machine_that_sleeps_in_the_midst_of_a_copy_goes_on_with_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with private_server() as (name, server), owner(name) as program:
        monkeypatch.setenv("DISPLAY", name)
        with watching() as agent:
            copied(program, "before")
            agent.stored(1)
            slow_text = "a long text" * 5_000
            program.copy({"UTF8_STRING": slow_text.encode()}, chunk_bytes=5_000, slow_s=0.05)
            until(program.served)
            with asleep(agent.process.pid, server.pid, program.pid):
                assert len(agent.ids()) == 1
            agent.stored(2)
            copied(program, "after")
            agent.stored(3)
            assert weavclip("show", agent.ids()[1]) == slow_text
            assert not [line for line in agent.said if LOST in line]


@contextmanager
def asleep(*pids: int) -> Iterator[None]:
    """Processes that stand still all at once, as before a machine's suspend, and then go on."""
    processes = [psutil.Process(pid) for pid in pids]
    for each in processes:
        each.suspend()
    try:
        until(lambda: all(each.status() == psutil.STATUS_STOPPED for each in processes))
        yield
    finally:
        for each in processes:
            each.resume()


@pytest.mark.wayland
def test_a_compositor_that_is_killed_and_comes_back_is_watched_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with runtime_folder() as folder, ExitStack() as stack:
        with private_sway(folder) as desktop:
            for name, value in desktop.environ.items():
                monkeypatch.setenv(name, value)
            agent = stack.enter_context(watching())
            subprocess.run(["wl-copy", "before"], check=True, timeout=WITHIN_S)
            agent.stored(1)
            desktop.process.kill()
        agent.heard(LOST)
        with private_sway(folder):
            agent.heard(FOUND)
            subprocess.run(["wl-copy", "after"], check=True, timeout=WITHIN_S)
            agent.stored(2)

    assert kept() == {"before": 1, "after": 1}


@pytest.mark.x11
def test_a_session_that_comes_back_under_another_name_is_found_by_the_service_manager(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    first, second = name_of_our_own(), f":{int(name_of_our_own()[1:]) + 10_000}"
    systemctl = tmp_path / "bin" / "systemctl"
    systemctl.parent.mkdir()
    (tmp_path / "systemd").mkdir()
    (tmp_path / "systemd" / "private").touch()
    systemctl.write_text(f"#!/bin/sh\necho LANG=C\necho DISPLAY={second}\n")
    systemctl.chmod(0o755)
    monkeypatch.setenv("PATH", f"{systemctl.parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    monkeypatch.setenv("DISPLAY", first)
    with ExitStack() as stack:
        with private_server(first):
            agent = stack.enter_context(watching())
        agent.heard(LOST)
        stack.enter_context(private_server(second))
        program = stack.enter_context(owner(second))
        agent.heard(FOUND)
        copied(program, "after")
        agent.stored(1)

    assert kept() == {"after": 1}


@pytest.mark.x11
def test_without_a_display_watch_fails_at_once_and_with_wait_it_waits(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    name = name_of_our_own()
    monkeypatch.setenv("DISPLAY", name)
    weavclip("watch", code=1)
    notify = str(tmp_path / "notify")
    with closing(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)) as systemd:
        systemd.bind(notify)
        systemd.settimeout(20)
        process = subprocess.Popen(
            [*WEAVCLIP, "watch", "--wait", "--log-file"],
            env={**os.environ, "NOTIFY_SOCKET": notify, "WATCHDOG_USEC": "200000"},
            stderr=subprocess.PIPE,
        )
        try:
            first = systemd.recv(1000).decode()
            beats = [systemd.recv(1000) for _ in range(3)]
            with private_server(name), owner(name) as program:
                until(lambda: not complaint("list"))
                copied(program, "at last")
                until(lambda: kept() == {"at last": 1})
                process.terminate()
                heard = b""
                while heard != b"STOPPING=1":
                    heard = systemd.recv(1000)
                code = process.wait(WITHIN_S)
        finally:
            process.kill()
            _, said = process.communicate(timeout=WITHIN_S)

    log = (tmp_path / "data" / "logs" / "agent.log").read_text()
    assert code == 0
    assert first.startswith(f"READY=1\nSTATUS={LOST}: ")
    assert b"WATCHDOG=1" in beats
    assert (log.count(LOST), log.count(FOUND)) == (1, 1)
    assert said == b""


@pytest.mark.x11
def test_a_pause_outlives_the_agent_and_what_it_hid_is_never_taken(
    program: Owner, tmp_path: Path
) -> None:
    with watching() as agent:
        copied(program, "before")
        agent.stored(1)
        weavclip("pause", "--for", "1h")
        copied(program, "hunter2")
        until(lambda: skipped("paused") == 1)
        assert program.served().count("UTF8_STRING") == 1  # asked of the first copy only
        agent.process.kill()
        agent.finish()
    with watching():
        until(lambda: skipped("paused") == 1)
        assert "1: paused" in weavclip("status")
        first_line = weavclip().splitlines()[0]
        said = complaint("resume")
    with watching() as agent:
        until(
            lambda: skipped("it was on the clipboard while nothing was kept") == 1,
        )
        copied(program, "after")
        agent.stored(1)

    assert first_line.startswith("paused until ")
    assert "what is on the clipboard is not" in said
    assert kept() == {"before": 1, "after": 1}
    found = b"".join(p.read_bytes() for p in (tmp_path / "data").rglob("*") if p.is_file())
    assert b"hunter2" not in found


@pytest.mark.x11
def test_ignore_next_keeps_exactly_one_copy_out(program: Owner) -> None:
    with watching() as agent:
        weavclip("ignore-next")
        assert json.loads(weavclip("status", "--json"))["standing"]["ignoring_until"]
        copied(program, "hunter2")
        until(lambda: skipped("ignored as asked for") == 1)
        copied(program, "kept")
        agent.stored(1)

    assert kept() == {"kept": 1}


@pytest.mark.x11
def test_what_was_kept_last_is_not_counted_again_when_the_agent_starts_again(
    program: Owner,
) -> None:
    with watching() as agent:
        copied(program, "one")
        agent.stored(1)
    for _ in range(2):
        with watching() as agent:
            agent.heard("was there before")
    with watching() as agent:
        agent.heard("was there before")
        copied(program, "one")
        agent.stored(1)

    assert kept() == {"one": 2}


@pytest.mark.x11
def test_a_setting_holds_from_the_next_copy_on(
    program: Owner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WEAVCLIP_CONFIG", str(tmp_path / "config.toml"))
    with watching() as agent:
        copied(program, "before")
        agent.stored(1)
        said = complaint("config", "set", "ignored_kinds", "text")
        copied(program, "a text")
        agent.heard("skipped a copy")
        (tmp_path / "config.toml").write_text("ignored_kinds = 7")
        copied(program, "another")
        agent.heard("settings stay as they were")
        until(lambda: sum("skipped a copy" in line for line in list(agent.said)) == 2)
        (tmp_path / "config.toml").unlink()
        copied(program, "after")
        agent.stored(2)
        later = complaint("config", "set", "source", "x11")

    assert "from the next copy on" in said
    assert "when it is started again" in later
    assert kept() == {"before": 1, "after": 1}


@pytest.mark.x11
def test_incognito_hours_keep_nothing(
    program: Owner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WEAVCLIP_CONFIG", str(tmp_path / "config.toml"))
    with watching() as agent:
        weavclip("config", "set", "incognito", "daily")
        copied(program, "hunter2")
        until(lambda: skipped("incognito hours") == 1)
        first_line = weavclip().splitlines()[0]
        (tmp_path / "config.toml").unlink()
        copied(program, "kept")
        agent.stored(1)

    assert first_line.startswith("incognito")
    assert kept() == {"kept": 1}
    weavclip("config", "set", "incognito", "sometimes", code=1)


@pytest.mark.x11
def test_a_killed_agent_is_told_of_by_the_next_command_and_a_second_one_of_the_first(
    program: Owner,
) -> None:
    with watching() as agent:
        copied(program, "one")
        agent.stored(1)
        second = subprocess.run(
            [*WEAVCLIP, "watch"], capture_output=True, timeout=WITHIN_S, check=False
        ).stderr.decode()
        agent.process.kill()
        agent.finish()
    killed = complaint("list")
    with watching():
        again = complaint("list")
    stopped = complaint("list")

    assert f"(process {agent.process.pid}, since " in second
    assert killed == (
        f"weavclip: {LOST}: the agent (process {agent.process.pid}) ended without a word\n"
        "  try: weavclip watch\n"
    )
    assert again == stopped == ""
