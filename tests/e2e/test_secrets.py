"""Secrets copied every way there is, and then looked for in every byte that was written."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import random
import shutil
import sqlite3
import subprocess
import tempfile
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from tests.e2e.programs import WEAVCLIP, bytes_below, watching, weavclip
from tests.managed import managed
from tests.number_examples import ALNUM, some
from tests.owners import owner
from tests.secret_examples import examples
from tests.waiting import WITHIN_S, until

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tests.e2e.programs import Agent
    from tests.managed import Managed

pytestmark = [pytest.mark.x11, pytest.mark.weaviate]

SHORTEST = 12
"""Shorter ones, such as six digits, occur in any file by chance; only their digests are sought."""


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
    settings = {
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
    for name, value in settings.items():
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


class Copies:
    """Draws secrets, and remembers what must be nowhere."""

    def __init__(self) -> None:
        self.rng = random.Random(11)
        self.secrets: list[str] = []
        self.harmless = 0

    def secret(self, text: str) -> bytes:
        """Note a text as a secret."""
        self.secrets.append(text)
        return text.encode()

    def token(self) -> str:
        """A fresh token, which no other way used."""
        return "gh" + "p_" + some(self.rng, ALNUM, 36)

    def marked(self) -> str:
        """A fresh text that is secret for where it comes from alone."""
        return "plain words " + some(self.rng, "abcdefghijklmnop", 30)

    def next_harmless(self) -> bytes:
        """A text that is to be kept."""
        self.harmless += 1
        return f"harmless number {self.harmless}".encode()


def picture_with(words: str) -> bytes:
    """A PNG that holds the words as they are."""
    told, buffer = PngInfo(), io.BytesIO()
    told.add_text("note", words)
    Image.new("RGB", (8, 8), "navy").save(buffer, "PNG", pnginfo=told)
    return buffer.getvalue()


def needles(secret: str) -> Iterator[bytes]:
    """Every form in which a secret might lie in a file."""
    plain = secret.encode()
    for digest in (hashlib.md5(plain), hashlib.sha1(plain), hashlib.sha256(plain)):  # noqa: S324 - looked for, not relied on
        yield digest.digest()
        yield digest.hexdigest().encode()
    yield hashlib.sha256(b"words " + plain).digest()
    if len(plain) < SHORTEST:
        return
    yield plain
    yield secret.strip().encode("utf-16-le")
    yield plain.hex().encode()
    yield json.dumps(secret)[1:-1].encode()
    for shift in range(3):  # base64 of it, wherever it begins in what was encoded
        whole = base64.b64encode(b"\0" * shift + plain)
        yield whole[4 if shift else 0 : -4]


def found_in(written: bytes, secrets: Iterable[str]) -> list[str]:
    return [each for each in secrets if any(form in written for form in needles(each))]


def everything(place: Path, agents: Iterable[Agent]) -> bytes:
    said = "\n".join(line for agent in agents for line in agent.said)
    return bytes_below(place) + said.encode()


@contextmanager
def heard_of_it(agent: Agent) -> Iterator[None]:
    """Wait for the agent's next line, so that no copy replaces one before it was read."""
    seen = len(agent.said)
    yield
    until(lambda: len(agent.said) > seen)


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


def ways(copies: Copies) -> Iterator[dict[str, bytes]]:
    token, beside = copies.token, b"harmless words"
    for hint in ("x-kde-passwordManagerHint", "CanIncludeInClipboardHistory"):
        yield {"UTF8_STRING": copies.secret(copies.marked()), hint: b"secret"}
        hidden = copies.marked()
        copies.secret(hidden)
        yield {"image/png": picture_with(hidden), hint: b"secret"}
    yield {"text/html": b"<p>" + copies.secret(token()) + b"</p>"}
    yield {"UTF8_STRING": beside, "text/html": b"<a id='" + copies.secret(token()) + b"'>x</a>"}
    split = token()
    copies.secret(split)
    yield {"text/html": f"<b>{split[:20]}</b><i>{split[20:]}</i>".encode(), "UTF8_STRING": beside}
    yield {"UTF8_STRING": b"https://a.test/?q=" + copies.secret(token())}
    yield {"STRING": b"key " + copies.secret(token())}
    yield {"UTF8_STRING": copies.secret("unspeakable " + some(copies.rng, "0123456789abcdef", 20))}
    src = f"<img src='https://a.test/?t={copies.secret(token()).decode()}'>".encode()
    yield {"image/png": picture_with("x"), "text/html": src}


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


def let_an_hour_pass(place: Path) -> None:
    """What was to expire within an hour expires now."""
    file = place / "data" / "journal.sqlite3"
    with closing(sqlite3.connect(file, timeout=WITHIN_S)) as journal, journal:
        journal.execute("UPDATE clips SET expires_us = 1 WHERE expires_us > 0")


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
