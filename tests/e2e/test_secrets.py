"""Secrets copied every way there is, and then looked for in every byte that was written."""

from __future__ import annotations

import json
import logging
import shutil
import sqlite3
import subprocess
import tempfile
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.compositors import private_kwin, private_mutter, private_sway
from tests.e2e.programs import WEAVCLIP, bytes_below, watching, weavclip
from tests.e2e.secret_copies import (
    HINTS,
    Copies,
    everything,
    found_in,
    heard_of_it,
    on_macos,
    on_windows,
    ways,
)
from tests.fakes.macos import FakeMac
from tests.fakes.windows import FakeWindows
from tests.managed import managed
from tests.owners import owner
from tests.secret_examples import examples
from tests.waiting import WITHIN_S, until
from tests.watching import watched
from weavclip import settings, wiring
from weavclip.clipboard.macos import MacSource
from weavclip.clipboard.windows import WindowsSource
from weavclip.privacy.gate import HintGate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from tests.compositors import Desktop
    from tests.e2e.programs import Agent
    from tests.managed import Managed
    from weavclip.domain.ports import ClipboardSource
    from weavclip.pipeline.ingest import Ingest

pytestmark = pytest.mark.weaviate

# Each by its program, with the sources that see what is copied there.
DESKTOPS: dict[str, tuple[Callable[[], AbstractContextManager[Desktop]], tuple[str, ...]]] = {
    "sway": (private_sway, ("wayland",)),
    "kwin_wayland": (private_kwin, ("wayland",)),
    "mutter": (private_mutter, ("mutter", "x11")),
}


@pytest.fixture
def place(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder that holds all that is written: data, server, runtime folder, logs, settings.

    Of a short name: the path of a socket in it may have 108 bytes.
    """
    with tempfile.TemporaryDirectory() as name:
        yield settled(Path(name), monkeypatch)


def settled(place: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder, with the settings that lead everything into it."""
    (place / "run").mkdir(mode=0o700)
    given = {
        "XDG_RUNTIME_DIR": str(place / "run"),
        "XDG_CONFIG_HOME": str(place / "config"),
        "XDG_STATE_HOME": str(place / "state"),
        "WEAVCLIP_DATA_DIR": str(place / "data"),
        "WEAVCLIP_CONFIG": str(place / "config.toml"),
        "WEAVCLIP_MODEL": "sample",
        "WEAVCLIP_ENGINE_PAUSE_S": "0.1",
        "WEAVCLIP_LOG_LEVEL": "DEBUG",
        "WEAVCLIP_IGNORED_APPS": "*secretive*",
        "WEAVCLIP_IGNORED_PATTERNS": '["^unspeakable [0-9a-f]+"]',
        "WEAVCLIP_SECRET_IBANS": "true",
    }
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    return place


@pytest.fixture
def server(place: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Managed]:
    """A real Weaviate below that folder."""
    with managed(place / "data") as found:
        monkeypatch.setenv("WEAVCLIP_SERVER_PORT", str(found.port))
        monkeypatch.setenv("WEAVCLIP_SERVER_GRPC_PORT", str(found.grpc_port))
        found.server.up(confirm=lambda _: False)
        yield found
        weavclip("engine", "--stop")


def copy_on_x11(display: str, copies: Copies, agent: Agent) -> None:
    """Each family as text, and tokens in every other way; harmless ones between."""
    with owner(display) as program:
        for example in examples(copies.rng, 1):
            if not example.source_app:
                with heard_of_it(agent):
                    program.copy({"UTF8_STRING": copies.secret(example.text)})
        for content in ways(copies):
            with heard_of_it(agent):
                program.copy(content)
        program.copy({"UTF8_STRING": copies.next_harmless()})
        agent.stored(copies.harmless)
        assert skipped("looks like a secret (credit card)") >= 2
        weavclip("pause", "--for", "5m")
        program.copy({"UTF8_STRING": copies.secret(copies.marked())})
        until(lambda: skipped("paused") == 1)
        weavclip("resume")
        program.copy({"UTF8_STRING": copies.next_harmless()})
        agent.stored(copies.harmless)


def skipped(reason: str) -> int:
    """How many copies the agent left out for this reason."""
    return int(json.loads(weavclip("status", "--json"))["agent"]["skipped"].get(reason, 0))


def copy_as_program(display: str, name: str, text: bytes, agent: Agent) -> None:
    with owner(display, wm_class=name) as program, heard_of_it(agent):
        program.copy({"UTF8_STRING": text})


def replay(outside: Path, copies: Copies) -> Agent:
    """The same through the replay source, whose file lies elsewhere."""
    rows: list[dict[str, object]] = [
        {"text": copies.secret(copies.token()).decode()},
        {"text": copies.secret(copies.marked()).decode(), "app": "SecretiveThing"},
        {"text": copies.secret("Tr0ub4dor&3xyz!").decode(), "app": "KeePassXC"},
        {"html": f"<p>{copies.secret(copies.token()).decode()}</p>", "text": "beside"},
        {"text": copies.next_harmless().decode()},
    ]
    file = outside / "copies.jsonl"
    file.write_text("\n".join(map(json.dumps, rows)))
    with watching(WEAVCLIP_SOURCE="replay", WEAVCLIP_REPLAY=str(file)) as agent:
        agent.finish()
    return agent


def poll(copies: Copies) -> Agent:
    """The same through the polling source."""
    with watching(WEAVCLIP_SOURCE="polling", WEAVCLIP_POLL_INTERVAL_S="0.05") as agent:
        before = len(agent.ids())
        for text in (copies.secret(copies.token()), copies.next_harmless()):
            with heard_of_it(agent):
                subprocess.run(
                    ["xclip", "-sel", "clipboard"], input=text, check=True, timeout=WITHIN_S
                )
        until(lambda: len(agent.ids()) > before)
    return agent


@pytest.mark.x11
def test_no_secret_reaches_a_byte_of_disk_log_or_index_whichever_way_it_is_copied(
    display: str, place: Path, server: Managed, tmp_path: Path
) -> None:
    copies = Copies()
    with watching() as agent:
        copy_on_x11(display, copies, agent)
        copy_as_program(display, "Secretive", copies.secret(copies.marked()), agent)
        copy_as_program(display, "KeePassXC", copies.secret("x7$Kp-29qLm!aaQ2"), agent)
    agents = [agent, replay(tmp_path, copies)]
    if shutil.which("xclip"):
        agents.append(poll(copies))
    files = tmp_path / "files"
    files.mkdir()
    (files / "harmless.txt").write_bytes(copies.next_harmless())
    (files / "notes.env.txt").write_bytes(b"KEY=" + copies.secret(copies.token()))
    added = subprocess.run(
        [*WEAVCLIP, "add", str(files)],
        capture_output=True,
        text=True,
        timeout=WITHIN_S,
        check=True,
    )
    until(lambda: indexed() == copies.harmless, what="all indexed")
    weavclip("engine", "--stop")

    assert "looks like a secret (GitHub token)" in added.stderr
    assert len(json.loads(weavclip("list", "--json"))) == copies.harmless
    assert len(copies.secrets) > 60
    written = everything(place, agents)
    # What is kept lies there as it is, in Weaviate's files too: a secret would be seen.
    assert b"harmless number 1" in bytes_below(server.data_dir / "server")
    assert found_in(written, copies.secrets) == []


def indexed() -> int:
    counts: dict[str, int] = json.loads(weavclip("status", "--json"))["stages"]
    return counts.get("indexed", 0)


def copy_on_desktops(copies: Copies) -> Iterator[Agent]:
    """The same under every compositor that is installed here; the agents that watched."""
    for program, (start, sources) in DESKTOPS.items():
        if shutil.which(program):
            with start() as desktop:
                for source in sources:
                    yield copy_on_desktop(desktop, source, copies)


def copy_on_desktop(desktop: Desktop, source: str, copies: Copies) -> Agent:
    """What is marked as secret last is left to the compositor, which may lose the mark."""
    environ = {k: v for k, v in desktop.environ.items() if k != "XDG_RUNTIME_DIR"}
    environ |= {"WAYLAND_DISPLAY": desktop.path, "WEAVCLIP_SOURCE": source}
    at = environ.get("DBUS_SESSION_BUS_ADDRESS", desktop.path)
    with watching(**environ) as agent, owner(at) as program:
        for content in ways(copies):
            with heard_of_it(agent):
                program.copy(content)
        before = len(agent.ids())
        program.copy({"UTF8_STRING": copies.next_harmless()})
        until(lambda: len(agent.ids()) > before)
        with heard_of_it(agent):
            marked = copies.secret(copies.marked())
            program.copy({"text/plain;charset=utf-8": marked, HINTS[0]: b"secret"})
    return agent


def copy_on_fakes(copies: Copies) -> None:
    """The same through the adapters of the systems that are not here."""
    used, unread = settings.load().settings, HintGate().unread_types
    windows, mac = FakeWindows(), FakeMac()
    with wiring.open_ingest(used) as ingest:
        source = WindowsSource(system=windows.system(), unread_types=unread)
        take(source, ingest, on_windows(copies, windows))
        take(MacSource(cocoa=mac, unread_types=unread), ingest, on_macos(copies, mac))
    wiring.engine(used).wake()


def take(source: ClipboardSource, ingest: Ingest, made: Iterator[None]) -> None:
    """Hand over each copy as it is made, as the agent does."""
    with watched(source) as watching:
        for number, _ in enumerate(made, start=1):
            ingest.take(watching.wait_for(number)[-1])


@pytest.mark.wayland
@pytest.mark.mutter
def test_no_secret_of_another_desktop_or_system_does_either(
    place: Path, server: Managed, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    copies = Copies()
    agents = list(copy_on_desktops(copies))
    copy_on_fakes(copies)
    until(lambda: indexed() == copies.harmless, what="all indexed")
    weavclip("engine", "--stop")

    assert len(json.loads(weavclip("list", "--json"))) == copies.harmless
    assert all("looks like a secret" in "\n".join(each.said) for each in agents)
    written = everything(place, agents) + caplog.text.encode()
    assert b"harmless number 1" in bytes_below(server.data_dir / "server")
    assert found_in(written, copies.secrets) == []


def let_an_hour_pass(place: Path) -> None:
    """What was to expire within an hour expires now."""
    file = place / "data" / "journal.sqlite3"
    with closing(sqlite3.connect(file, timeout=WITHIN_S)) as journal, journal:
        journal.execute("UPDATE clips SET expires_us = 1 WHERE expires_us > 0")


@pytest.mark.x11
def test_a_secret_that_expires_is_found_until_then_and_afterwards_nowhere(
    display: str, place: Path, server: Managed, monkeypatch: pytest.MonkeyPatch
) -> None:
    del server
    monkeypatch.setenv("WEAVCLIP_SECRETS", "expire")
    monkeypatch.setenv("WEAVCLIP_SECRET_MINUTES", "60")
    copies = Copies()
    with watching() as agent, owner(display) as program:
        program.copy({"UTF8_STRING": copies.next_harmless()})
        agent.stored(1)
        program.copy({"UTF8_STRING": copies.secret(copies.token())})
        expiring = agent.stored(2)[1]
        found = json.loads(weavclip("search", copies.secrets[0], "--json", "--no-engine"))
        until(lambda: indexed() == 1, what="the other one indexed")
        let_an_hour_pass(place)
        # Agent or engine sweeps, who is first; each looks every 20 s.
        until(lambda: not found_in(everything(place, [agent]), copies.secrets))

    assert [each["id"] for each in found][:1] == [expiring]
    assert len(json.loads(weavclip("list", "--json"))) == 1
