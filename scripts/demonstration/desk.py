"""A desk of the demo's own: a display, an agent, a Weaviate, and a record of what is shown."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
import time
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Self

from scripts.demonstration.display import Display
from scripts.demonstration.material import EARLIER
from scripts.demonstration.screen import Screen

if TYPE_CHECKING:
    from pathlib import Path

    from scripts.demonstration.material import Copied, Question

MODEL = "sample"
WITHIN_S = 120.0
"""For what is sure to come, on a slow machine too: only a failure waits so long."""
REPLAY_FILE = "copies.jsonl"
STORED = re.compile(r"stored ([0-9a-f-]{36})")
WEAVCLIP = (sys.executable, "-m", "weavclip")


class Desk:
    """Everything that the demo starts, and ends."""

    def __init__(self, folder: Path) -> None:
        """Keep all data in ``folder``."""
        self.folder = folder
        self._screen = Screen()
        self._ids: dict[str, str] = {}
        self._replayed: list[str] = []
        self._display: Display | None = None
        self._agent: subprocess.Popen[str] | None = None
        self._server_up = False

    def __enter__(self) -> Self:
        self._environ = self._settings()
        if shutil.which("Xvfb") and shutil.which("xclip"):
            self._display = Display(self.folder)
            self._environ["DISPLAY"] = self._display.name
            self.say(f"a display of its own ({self._display.name}): yours is not touched")
        else:
            self.say("no Xvfb or no xclip here: the same copies come from a replay file instead")
        self._starting_server = self._begin("server", "up")
        return self

    def __exit__(self, *_: object) -> None:
        _ended(self._starting_server)
        if self._agent:
            self._agent.terminate()
            _ended(self._agent)
        self._run("engine", "--stop")
        if self._server_up:
            self._run("server", "down")
        if self._display:
            self._display.close()

    def say(self, sentence: str) -> None:
        """Show a line."""
        self._screen.line(sentence)

    def copy(self, thing: Copied) -> None:
        """Have another process put it on the clipboard; returns when the agent has stored it."""
        if self._display is None:
            self._note_for_replay(thing)
            return
        agent = self._agent or self._watch()
        mime_type, content = thing.representation()
        self._display.copy(mime_type, content)
        self._ids[thing.name] = _stored_id(agent)
        self.say(f"  copied {thing.words or 'a drawing: ' + thing.drawing}")

    def moment(self) -> str:
        """The local ISO time between the copies so far and the next ones."""
        ago = timedelta(hours=1) if self._display is None else timedelta()
        between = datetime.now().astimezone() - ago
        return between.replace(tzinfo=None).isoformat(timespec="milliseconds")

    def wait_until_indexed(self, count: int) -> None:
        """Until the engine has taken every clip on, into Weaviate where one runs."""
        if self._display is None:
            self._replay()
        self._server_up = self._starting_server.wait(WITHIN_S) == 0
        if not self._server_up:
            self.say("no Weaviate to be had here: the journal is searched exactly")
        end = time.monotonic() + WITHIN_S
        while not self._is_ready(count):
            if time.monotonic() > end:
                message = f"{count} clips were not indexed within {WITHIN_S:.0f} s"
                raise SystemExit(message)
            time.sleep(0.1)
        self.say(f"{count} clips stored, embedded and indexed")

    def ask(self, question: Question) -> bool:
        """Show the question and its answer; whether the expected clip came first."""
        self.say("")
        self.say(f"-- {question.title}")
        options = ("search", *question.options)
        self._screen.command(
            ("weavclip", *options),
            (*WEAVCLIP, *options),
            environ=self._environ,
            folder=self.folder,
        )
        hits = json.loads(self._run("search", "--json", *question.options))
        return bool(hits) and hits[0]["id"] == self._ids[question.first]

    def draw(self, path: Path) -> None:
        """Write what was shown as an SVG picture."""
        self._screen.draw(path)

    def _settings(self) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if not k.startswith("WEAVCLIP_")}
        for name in ("DISPLAY", "WAYLAND_DISPLAY", "XDG_RUNTIME_DIR"):
            kept.pop(name, None)
        return kept | {
            "WEAVCLIP_CONFIG": str(self.folder / "config.toml"),
            "WEAVCLIP_DATA_DIR": str(self.folder / "data"),
            "WEAVCLIP_MODEL": MODEL,
            "WEAVCLIP_ENGINE_PAUSE_S": "0.2",
            "WEAVCLIP_SERVER_PORT": str(_free_port()),
            "WEAVCLIP_SERVER_GRPC_PORT": str(_free_port()),
        }

    def _watch(self) -> subprocess.Popen[str]:
        self._agent = self._begin("watch")
        return self._agent

    def _begin(self, *options: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [*WEAVCLIP, *options],
            env=self._environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )

    def _run(self, *options: str) -> str:
        done = subprocess.run(
            [*WEAVCLIP, *options],
            env=self._environ,
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=WITHIN_S,
            check=False,
        )
        if done.returncode:
            self.say(f"$ weavclip {shlex.join(options)}: {done.stderr.strip()}")
        return done.stdout

    def _is_ready(self, count: int) -> bool:
        found = json.loads(self._run("status", "--json"))
        engine = found["engine"] or {}
        in_weaviate = engine.get("index", "").startswith("Weaviate")
        return found["stages"].get("indexed") == count and (in_weaviate or not self._server_up)

    def _note_for_replay(self, thing: Copied) -> None:
        """Write it down with a time as far apart as the questions want it."""
        hours = 2 if thing in EARLIER else 0
        at = datetime.now().astimezone() - timedelta(hours=hours)
        mime_type, content = thing.representation()
        line: dict[str, str] = {"at": at.isoformat()}
        if mime_type == "text/plain":
            line["text"] = content.decode()
        else:
            (self.folder / f"{len(self._replayed)}.png").write_bytes(content)
            line["file"] = f"{len(self._replayed)}.png"
        self._replayed.append(thing.name)
        with (self.folder / REPLAY_FILE).open("a") as file:
            file.write(json.dumps(line) + "\n")

    def _replay(self) -> None:
        self._environ |= {"WEAVCLIP_SOURCE": "replay"}
        self._environ |= {"WEAVCLIP_REPLAY": str(self.folder / REPLAY_FILE)}
        agent = self._watch()
        for name in self._replayed:
            self._ids[name] = _stored_id(agent)


def _stored_id(agent: subprocess.Popen[str]) -> str:
    """The id of the clip that the agent's log says it stored next."""
    assert agent.stderr is not None
    for line in agent.stderr:
        found = STORED.search(line)
        if found:
            return found[1]
    message = f"the agent ended with exit code {agent.wait(WITHIN_S)}"
    raise SystemExit(message)


def _ended(process: subprocess.Popen[str]) -> None:
    """Wait for a process, and hear no more of it."""
    process.wait(WITHIN_S)
    assert process.stderr is not None
    process.stderr.close()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
