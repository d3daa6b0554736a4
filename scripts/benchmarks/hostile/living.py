"""An agent and an engine that live through hostile copies, and what is seen of them."""

from __future__ import annotations

import contextlib
import json
import re
import sys
import threading
import time
import unicodedata
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from scripts.benchmarks.desktops import clipboard
from scripts.benchmarks.home import corrupt, home
from scripts.benchmarks.hostile.texts import CANARY
from scripts.benchmarks.rows import Row, row_of
from tests.e2e.programs import watching, weavclip
from tests.e2e.terminals import on_terminal
from weavclip import wiring
from weavclip.domain.clip import Kind, Stage
from weavclip.domain.query import Filter
from weavclip.pictures.children import MEMORY_BYTES, MEMORY_BYTES_A_PIXEL
from weavclip.pipeline import observe

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from scripts.benchmarks.desktops import Clipboard
    from scripts.benchmarks.hostile.input import Input
    from tests.e2e.programs import Agent
    from tests.owners import Owner
    from weavclip.settings import Settings

AGENT_MB, ENGINE_MB, KEPT_WITHIN_S = 120, 1_400, 2.0
_TOLD_WITHIN_S = 6.0
_HANGS_AFTER_S = 60.0
_WORKED_OFF_WITHIN_S = 300.0
_LOOK_EVERY_S = 0.02
_SHOWN_BYTES = 200_000
_MB = 1 << 20
_PLAIN_BYTES = 30_000  # and one more for each: by its size the agent's line about it is known
_REMARKABLE_MS, _REMARKABLE_MB = 500.0, 60.0
_FORGET_PEAK = "5"  # proc(5), clear_refs: VmHWM begins anew
_TOLD = re.compile(r" (stored|counted) |skipped a copy|was there before|could not be read")
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


@dataclass(slots=True)
class Seen:
    """What was seen of the processes, by a thread that looks all the time.

    Attributes:
        engines: Their processes, one after the other.
        engine_mb: Most that one held, in MB.
        children: Processes that decoded pictures.
        child_mb: Most address space that one of them had, in MB.
    """

    engines: set[int] = field(default_factory=set)
    engine_mb: float = 0.0
    children: set[int] = field(default_factory=set)
    child_mb: float = 0.0


@dataclass(frozen=True, slots=True)
class Survived:
    """What one input did.

    Attributes:
        name: The input's.
        told: What the agent said of it: stored, counted, skipped, or nothing yet.
        plain_ms: How long the plain copy after it took, in ms.
        peak_mb: Most memory that the agent held meanwhile, in MB.
    """

    name: str
    told: str
    plain_ms: float
    peak_mb: float


def lived_through(source: str, inputs: Sequence[Input]) -> Iterator[Row]:
    """Copy each input, a plain text after it, and look at what became of it all."""
    with ExitStack() as stack:
        desk = stack.enter_context(clipboard(source))
        used = stack.enter_context(home(desk.environ, engine_pause_s=0.2, log_level="DEBUG"))
        seen = stack.enter_context(_watched(used))
        agent = stack.enter_context(watching())
        plain = stack.enter_context(desk.owner())
        stack.callback(wiring.engine(used).stop)
        survived = []
        for number, each in enumerate(inputs):
            pid = agent.process.pid
            Path(f"/proc/{pid}/clear_refs").write_text(_FORGET_PEAK)
            told, took_ms = _copied(desk, each, agent), _plain(plain, agent, each.name, number)
            survived.append(Survived(each.name, told, took_ms, _status(pid)["VmHWM"]))
            if took_ms > _REMARKABLE_MS or survived[-1].peak_mb > _REMARKABLE_MB:
                print(survived[-1], file=sys.stderr)
        yield from _of_the_agent(agent, survived)
        yield from _of_the_engine(used, seen)
        yield from _of_what_is_kept(used, agent, plains=len(survived))


def _copied(desk: Clipboard, each: Input, agent: Agent) -> str:
    """What the agent said of one input."""
    heard = len(agent.said)
    with desk.owner() as program:
        with contextlib.suppress(AssertionError, BrokenPipeError):  # it was to end
            program.copy(each.content(), **each.faults)
        said = _said_after(agent, heard, _TOLD, within_s=_TOLD_WITHIN_S)
    found = _TOLD.search(said)
    return (found[1] or "skipped") if found else "nothing yet"


def _plain(program: Owner, agent: Agent, after: str, number: int) -> float:
    """How long a plain copy took until it was kept, in ms; known by its own length."""
    size, heard, began = _PLAIN_BYTES + number, len(agent.said), time.monotonic()
    words = f"plain copy {number} ".encode()
    program.copy({"UTF8_STRING": words.ljust(size, b".")})
    kept = re.compile(rf" stored .*text, {size} bytes")
    said = _said_after(agent, heard, kept, within_s=_HANGS_AFTER_S)
    assert said, f"nothing is kept {_HANGS_AFTER_S} s after {after}: {agent.said[-5:]}"
    return (time.monotonic() - began) * 1000


def _said_after(agent: Agent, heard: int, words: re.Pattern[str], *, within_s: float) -> str:
    end = time.monotonic() + within_s
    while time.monotonic() < end and agent.process.poll() is None:
        found = next((line for line in agent.said[heard:] if words.search(line)), "")
        if found:
            return found
        time.sleep(0.002)
    return ""


def _of_the_agent(agent: Agent, survived: Sequence[Survived]) -> Iterator[Row]:
    count, told = len(survived), Counter(each.told for each in survived)
    how = ", ".join(f"{value} {name}" for name, value in sorted(told.items()))
    yield Row(stage="hostile copies", n=count, median=count, unit="copies", note=how)
    took_ms = [each.plain_ms for each in survived]
    slowest = max(survived, key=lambda each: each.plain_ms)
    note = f"longest {slowest.plain_ms:.0f}, after: {slowest.name}"
    yield row_of("a plain copy after each: kept", took_ms, unit="ms", note=note)
    late = sum(each > KEPT_WITHIN_S * 1000 for each in took_ms)
    yield Row(stage="  over 2 s", n=count, median=late, unit="copies", note="0")
    lived = agent.process.poll() is None
    yield Row(stage="agent ended", n=count, median=not lived, unit="times", note="0")
    largest = max(survived, key=lambda each: each.peak_mb)
    note = f"< {AGENT_MB}; at: {largest.name}"
    yield Row(stage="agent: most memory", n=count, median=largest.peak_mb, unit="MB", note=note)


def _of_the_engine(used: Settings, seen: Seen) -> Iterator[Row]:
    left = _worked_off(used)
    with wiring.open_journal(used) as journal:
        stages = journal.stage_counts(used.model)
        why = Counter(_kind_of(reason) for _, reason in journal.failures(used.model, limit=1000))
    total = sum(stages.values())
    yield Row(stage="clips that the engine has left", n=total, median=left, unit="", note="0")
    shown = "; ".join(f"{count} {reason}" for reason, count in why.most_common(5))
    failed = stages.get(Stage.FAILED, 0)
    yield Row(stage="  that are refused for good", n=total, median=failed, unit="", note=shown)
    ended = len(seen.engines) - 1
    yield Row(stage="engine ended", n=total, median=ended, unit="times", note="0")
    note = f"< {ENGINE_MB}"
    yield Row(stage="engine: most memory", n=1, median=seen.engine_mb, unit="MB", note=note)
    most = (MEMORY_BYTES + MEMORY_BYTES_A_PIXEL * used.max_image_pixels) / _MB
    yield Row(
        stage="its decoding children: most address space",
        n=len(seen.children),
        median=seen.child_mb,
        unit="MB",
        note=f"<= {most:.0f}",
    )


def _kind_of(reason: str) -> str:
    return re.sub(r"\d[\d,.]*", "N", reason)


def _worked_off(used: Settings) -> int:
    """How many clips wait for the engine, once that does not change any more."""
    end = time.monotonic() + _WORKED_OFF_WITHIN_S
    wiring.engine(used).wake()
    with wiring.open_journal(used) as journal:
        while time.monotonic() < end:
            counts = journal.stage_counts(used.model)
            left = counts.get(Stage.CAPTURED, 0) + counts.get(Stage.EMBEDDED, 0)
            if not left:
                return 0
            time.sleep(0.2)
    return left


def _of_what_is_kept(used: Settings, agent: Agent, *, plains: int) -> Iterator[Row]:
    logged = [path for path in (used.data_dir / "logs").iterdir() if path.is_file()]
    lines = [*agent.said, *(line for path in logged for line in path.read_text().splitlines())]
    quoted = sum(CANARY in line or "plain copy" in line or _is_unclean(line) for line in lines)
    yield Row(stage="lines of logs with content", n=len(lines), median=quoted, unit="", note="0")
    with wiring.open_journal(used) as journal:
        every = list(journal.clips(where=Filter()))
    kept = sum(each.preview.startswith("plain copy ") for each in every)
    yield Row(stage="plain copies lost", n=plains, median=plains - kept, unit="", note="0")
    broken = corrupt(used.data_dir)
    yield Row(stage="clips corrupt", n=len(every), median=broken, unit="", note="0")
    shown = [
        each.id.hex
        for each in every
        if each.size_bytes < _SHOWN_BYTES
        and each.kind is not Kind.IMAGE
        and not each.preview.startswith("plain copy ")
    ]
    commands = [("list", "-n", "1000"), ("search", CANARY), ("status",), ("search", "evil")]
    commands += [("show", each) for each in shown]
    unclean = sum(_is_unclean(_COLOURS.sub("", on_terminal(*each).text)) for each in commands)
    yield Row(stage="screens that obey a clip", n=len(commands), median=unclean, unit="", note="0")
    json.loads(weavclip("list", "-n", "1000", "--json"))


def _is_unclean(text: str) -> bool:
    plain = text.replace("\n", "").replace("\t", "").replace("\u200c", "").replace("\u200d", "")
    return any(unicodedata.category(each) in _UNSEEN for each in set(plain))


@contextlib.contextmanager
def _watched(used: Settings) -> Iterator[Seen]:
    seen, over = Seen(), threading.Event()

    def look() -> None:
        while not over.wait(_LOOK_EVERY_S):
            with contextlib.suppress(psutil.Error, OSError):
                _look_at(used, seen)

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    try:
        yield seen
    finally:
        over.set()
        thread.join()


def _look_at(used: Settings, seen: Seen) -> None:
    alive = next((pid for pid in seen.engines if psutil.pid_exists(pid)), None)
    if alive is None:
        state = observe.engine_state(used.runtime_dir)
        if state is None:
            return
        alive = state.pid
        seen.engines.add(alive)
    seen.engine_mb = max(seen.engine_mb, _status(alive).get("VmHWM", 0.0))
    for child in psutil.Process(alive).children():
        seen.children.add(child.pid)
        seen.child_mb = max(seen.child_mb, _status(child.pid).get("VmPeak", 0.0))


def _status(pid: int) -> dict[str, float]:
    """The sizes in /proc/PID/status, in MB."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return {
        name: int(value.split()[0]) / 1024
        for name, _, value in (line.partition(":") for line in lines)
        if value.endswith("kB")
    }
