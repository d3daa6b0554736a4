"""Who embeds and who indexes is killed: the engine, and the Weaviate that weavclip manages."""

from __future__ import annotations

import random
import subprocess
import tempfile
import time
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from scripts.benchmarks.home import home, managing, served
from scripts.benchmarks.kills.signals import Signals
from scripts.benchmarks.kills.verdict import verdict
from scripts.sample_model import drawings
from tests.e2e.programs import WEAVCLIP
from tests.waiting import until
from weavclip import wiring
from weavclip.domain.clip import Stage
from weavclip.domain.errors import WeavclipError
from weavclip.index.server import binary
from weavclip.pipeline import observe

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from scripts.benchmarks.rows import Row
    from weavclip.settings import Settings

_PICTURES, _TEXTS = 3, 2  # a kill
_SIDE_PX = 200
_NAMES = ("a red circle on white", "mountains at night", "a dark terminal", "a blue star on black")
_BACK_WITHIN_S = 120.0
_A_LITTLE_S = 0.8
_SOON = 0.2  # of the servers are killed again while they start


def engines(kills: int) -> Iterator[Row]:
    """Kill an engine as it starts, embeds and indexes, into Weaviate where there is one."""
    signals, said = Signals(kills, random.Random(2)), set[UUID]()
    with ExitStack() as stack:
        beside = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        if binary.find():
            used, _ = stack.enter_context(served(beside))
        else:
            used = stack.enter_context(home())
        for number in signals.rounds():
            said |= _added(used, number)
            with _engine() as process:
                _at_a_random_moment(used, signals.rng, has_ended=process.poll)
                signals.kill(process)
            signals.at_work += _left(_stages(used)) > 0
        yield from verdict(used, "engine", signals=signals, said=said)


@contextmanager
def _engine() -> Iterator[subprocess.Popen[bytes]]:
    """An engine that is this process's own, so that its exit code is told."""
    with subprocess.Popen([*WEAVCLIP, "engine"], stdin=subprocess.DEVNULL) as process:
        yield process


def servers(kills: int) -> Iterator[Row]:
    """Kill the managed Weaviate while the engine fills it; it is started again each time."""
    signals, said = Signals(kills, random.Random(3)), set[UUID]()
    with tempfile.TemporaryDirectory() as name, managing(at=Path(name) / "data") as (used, server):
        starter = wiring.engine(used)
        for number in signals.rounds():
            said |= _added(used, number)
            starter.wake()
            _at_a_random_moment(used, signals.rng)
            pid = until(lambda: server.status().pid, within_s=_BACK_WITHIN_S, what="a server")
            signals.kill_other(pid)
            signals.at_work += _left(_stages(used)) > 0
            if signals.rng.random() > _SOON:
                until(
                    lambda: _answers_with_weaviate(used),
                    within_s=_BACK_WITHIN_S,
                    every_s=0.1,
                    what="Weaviate again",
                )
        yield from verdict(used, "managed Weaviate", signals=signals, said=said)


def _at_a_random_moment(
    used: Settings, rng: random.Random, *, has_ended: Callable[[], object] = lambda: None
) -> None:
    """Wait until something has begun, drawn anew each time, and a little more.

    That spreads the moments over all that an engine does, however slow the machine is.
    """
    before = _stages(used)

    def has_embedded() -> bool:
        captured = _stages(used)[Stage.CAPTURED]
        return not captured or captured < before[Stage.CAPTURED]

    def has_indexed() -> bool:
        now = _stages(used)
        return not _left(now) or now[Stage.INDEXED] > before[Stage.INDEXED]

    answers = partial(observe.engine_state, used.runtime_dir)
    begun = rng.choice([lambda: True, answers, has_embedded, has_indexed])
    until(
        lambda: begun() or has_ended() is not None,
        within_s=_BACK_WITHIN_S,
        every_s=0.02,
        what="an engine at work",
    )
    time.sleep(rng.uniform(0, _A_LITTLE_S))


def _left(stages: Mapping[Stage, int]) -> int:
    """How many clips are not in the index yet."""
    return stages[Stage.CAPTURED] + stages[Stage.EMBEDDED]


def _stages(used: Settings) -> dict[Stage, int]:
    with wiring.open_journal(used) as journal:
        return journal.stage_counts(used.model)


def _answers_with_weaviate(used: Settings) -> bool:
    with suppress(WeavclipError):
        return str(wiring.engine(used).ask("state").index).startswith("Weaviate")
    return False


def _added(used: Settings, number: int) -> set[UUID]:
    """The ids of what was stored: pictures that differ, and texts."""
    folder, stored = used.data_dir.parent, set()
    with wiring.open_ingest(used) as ingest:
        for n in range(_PICTURES):
            path = folder / "next.png"
            seed, name = number * _PICTURES + n, _NAMES[n % len(_NAMES)]
            path.write_bytes(drawings.png(drawings.named(name), seed=seed, side_px=_SIDE_PX))
            stored.add(ingest.take_file(path).clip_id)
        for n in range(_TEXTS):
            path = folder / "next.txt"
            path.write_text(f"note {n} of round {number}")
            stored.add(ingest.take_file(path).clip_id)
    return {each for each in stored if each}
