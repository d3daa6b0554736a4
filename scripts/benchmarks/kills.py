"""SIGKILL of agent and engine at random moments: what was said to be stored must be there, once.

The agent takes copies from a real X server; the engine embeds drawings with the sample model and
indexes them, into Weaviate where one is to be had.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from scripts.benchmarks.rows import Row
from scripts.sample_model import drawings
from tests.displays import private_display
from tests.managed import managed
from tests.owners import owner
from weavclip import settings, wiring
from weavclip.domain.clip import Stage
from weavclip.domain.errors import WeavclipError
from weavclip.domain.query import Filter
from weavclip.index.server import binary
from weavclip.pipeline import observe

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.owners import Owner
    from weavclip.index.server.endpoint import Endpoint
    from weavclip.settings import Settings

KILLS_EACH = 100
PICTURES_A_KILL = 4
WITHIN_S = 120.0
NAMES = ("a red circle on white", "mountains at night", "a dark terminal", "a blue star on black")


def rows() -> Iterator[Row]:
    """A hundred kills of each; about five minutes."""
    yield from _agents()
    yield from _engines()


def _agents() -> Iterator[Row]:
    rng = random.Random(1)
    with (
        private_display() as display,
        owner(display) as program,
        _settings("exact") as used,
    ):
        said: set[UUID] = set()
        for number in range(KILLS_EACH):
            said |= _killed_agent(program, display, used, number, rng=rng)
        with wiring.open_journal(used) as journal:
            there = journal.get_many(sorted(said))
            texts = [journal.text(clip.id) for clip in journal.clips(where=Filter())]
    yield Row(stage="agent killed", n=KILLS_EACH, median=len(said), unit="clips said stored")
    yield Row(stage="  lost", n=len(said), median=len(said) - len(there), unit="clips", note="0")
    doubled = len(texts) - len(set(texts))
    yield Row(stage="  doubled", n=len(texts), median=doubled, unit="clips", note="0")


def _killed_agent(
    program: Owner, display: str, used: Settings, number: int, *, rng: random.Random
) -> set[UUID]:
    process = subprocess.Popen(
        [sys.executable, "-m", "weavclip", "watch"],
        env={**_environ(used), "DISPLAY": display},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    for line in process.stderr:
        if " watching " in line:
            break
    texts = [f"kill {number} copy {n}" for n in range(rng.randrange(1, 12))]
    program.copy_texts(texts, every_s=0.02)
    time.sleep(rng.uniform(0, 0.06))
    process.kill()
    ids = {UUID(line.split(" stored ")[1][:36]) for line in process.stderr if " stored " in line}
    process.wait(10)
    process.stderr.close()
    return ids


def _engines() -> Iterator[Row]:
    rng = random.Random(2)
    with ExitStack() as stack:
        beside = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        endpoint = None
        if binary.find():
            own = stack.enter_context(managed(beside))
            own.server.up(confirm=lambda _: False)
            endpoint = own.server.endpoint()
        index = "auto" if endpoint else "exact"
        yield from _killed_engines(stack.enter_context(_settings(index, endpoint=endpoint)), rng)


def _killed_engines(used: Settings, rng: random.Random) -> Iterator[Row]:
    starter = wiring.engine(used)
    added = 0
    for number in range(KILLS_EACH):
        added += _add(used, number)
        starter.wake()
        time.sleep(rng.uniform(0.3, 1.6))
        state = observe.engine_state(used.runtime_dir)
        if state:
            os.kill(state.pid, signal.SIGKILL)
    index = _wait_until_complete(used, added)
    with wiring.open_journal(used) as journal:
        count, stages = journal.count(), journal.stage_counts(used.model)
    starter.stop()
    yield Row(
        stage=f"engine killed, index {index}", n=KILLS_EACH, median=added, unit="clips added"
    )
    yield Row(stage="  lost", n=added, median=max(0, added - count), unit="clips", note="0")
    yield Row(stage="  doubled", n=added, median=max(0, count - added), unit="clips", note="0")
    missing = count - stages.get(Stage.INDEXED, 0)
    yield Row(stage="  missing in the index", n=added, median=missing, unit="clips", note="0")


def _add(used: Settings, number: int) -> int:
    stored = 0
    with wiring.open_ingest(used) as ingest:
        for n in range(PICTURES_A_KILL):
            path = used.data_dir.parent / "next.png"
            seed = number * PICTURES_A_KILL + n
            name = NAMES[n % len(NAMES)]
            path.write_bytes(drawings.png(drawings.named(name), seed=seed, side_px=200))
            stored += ingest.take_file(path).verdict == "stored"
    return stored


def _wait_until_complete(used: Settings, count: int) -> str:
    starter = wiring.engine(used)
    end = time.monotonic() + WITHIN_S
    while time.monotonic() < end:
        try:
            state = starter.ask("state")
        except WeavclipError:
            continue
        with wiring.open_journal(used) as journal:
            done = journal.stage_counts(used.model).get(Stage.INDEXED, 0)
        if done >= count and (used.index == "exact" or state.index.startswith("Weaviate")):
            return str(state.index)
        time.sleep(0.2)
    return "incomplete"


@contextmanager
def _settings(index: str, *, endpoint: Endpoint | None = None) -> Iterator[Settings]:
    with tempfile.TemporaryDirectory() as name:
        given = {"data_dir": str(Path(name) / "data"), "model": "sample", "index": index}
        if endpoint is not None:
            given |= {
                "weaviate_url": endpoint.url,
                "weaviate_grpc_url": endpoint.grpc_url,
                "weaviate_api_key": endpoint.api_key,
            }
        loaded = settings.load(given, environ={"WEAVCLIP_CONFIG": str(Path(name) / "config.toml")})
        os.environ.update(_environ(loaded.settings))
        yield loaded.settings


def _environ(used: Settings) -> dict[str, str]:
    named = {
        "WEAVCLIP_DATA_DIR": str(used.data_dir),
        "WEAVCLIP_CONFIG": str(used.data_dir / "config.toml"),
        "WEAVCLIP_MODEL": used.model,
        "WEAVCLIP_INDEX": used.index,
        "WEAVCLIP_WEAVIATE_URL": used.weaviate_url,
        "WEAVCLIP_WEAVIATE_GRPC_URL": used.weaviate_grpc_url,
        "WEAVCLIP_WEAVIATE_API_KEY": used.weaviate_api_key,
    }
    return {**os.environ, **named}
