"""The display server is killed under a running agent, which finds the next one by itself."""

from __future__ import annotations

import itertools
import random
from contextlib import ExitStack, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID

from scripts.benchmarks.home import home
from scripts.benchmarks.kills.agents import copy_some
from scripts.benchmarks.kills.signals import Signals
from scripts.benchmarks.kills.verdict import verdict
from tests.compositors import private_bus, private_kwin, private_mutter, private_sway
from tests.displays import name_of_our_own, private_server
from tests.e2e.programs import watching
from tests.folders import runtime_folder
from tests.owners import owner
from tests.waiting import until

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Iterator, Mapping
    from contextlib import AbstractContextManager

    from scripts.benchmarks.rows import Row
    from tests.compositors import Desktop
    from tests.e2e.programs import Agent

_COPYING_S = 0.3
_KEPT_WITHIN_S = 40.0


@dataclass(frozen=True, slots=True)
class Screen:
    """A display server that runs now.

    Attributes:
        place: Where an owner copies to.
        environ: What the agent needs to find it; the same after each restart.
        process: What is killed.
    """

    place: str
    environ: Mapping[str, str]
    process: subprocess.Popen[bytes]


def displays(kind: str, kills: int) -> Iterator[Row]:
    """Kill a display server while copies come; each copy before and after a kill is kept."""
    signals, said = Signals(kills, random.Random(kind)), set[UUID]()
    with ExitStack() as stack:
        start = stack.enter_context(_starting(kind))
        agent, used = None, None
        for number in itertools.count():
            with start() as screen, owner(screen.place) as program:
                if agent is None:
                    used = stack.enter_context(home(screen.environ, source=_SOURCES[kind]))
                    agent = stack.enter_context(watching())
                _has_kept(agent, f"display {number} ".ljust(20_000 + number, "."), program.copy)
                if signals.are_sent():  # this one shows that the last kill was survived
                    break
                with (
                    signals.killing(screen.process, within_s=_COPYING_S),
                    suppress(AssertionError, BrokenPipeError),  # its display went away under it
                ):
                    copy_some(program, number, for_s=_COPYING_S)
        assert agent is not None
        assert used is not None
        said = {UUID(each) for each in agent.ids()}
        yield from verdict(used, f"{kind} under the agent", signals=signals, said=said)


def _has_kept(agent: Agent, words: str, copy: Callable[[Mapping[str, bytes]], None]) -> None:
    """Copy, and wait until it is kept: the agent may still have to find the display."""
    told = f"text, {len(words)} bytes"
    heard = len(agent.said)
    copy({"UTF8_STRING": words.encode()})
    until(
        lambda: any(told in line for line in agent.said[heard:]),
        within_s=_KEPT_WITHIN_S,
        what="\n".join([told, *agent.said[-12:]]),
    )


_SOURCES = {"x11": "x11", "sway": "wayland", "kwin": "wayland", "mutter": "mutter"}


@contextmanager
def _starting(kind: str) -> Iterator[Callable[[], AbstractContextManager[Screen]]]:
    """Starts a display server of this kind again and again, under one name."""
    if kind == "x11":
        yield partial(_x_server, name_of_our_own())
        return
    with runtime_folder() as folder, private_bus() if kind == "mutter" else nullcontext("") as bus:
        starts: dict[str, Callable[[], AbstractContextManager[Desktop]]] = {
            "sway": partial(private_sway, folder),
            "kwin": partial(private_kwin, folder),
            "mutter": partial(private_mutter, folder, bus=bus),
        }
        yield partial(_compositor, starts[kind], place=bus)


@contextmanager
def _x_server(name: str) -> Iterator[Screen]:
    with private_server(name) as (place, process):
        yield Screen(place, {"DISPLAY": place}, process)


@contextmanager
def _compositor(
    start: Callable[[], AbstractContextManager[Desktop]], *, place: str
) -> Iterator[Screen]:
    with start() as desktop:
        yield Screen(place or desktop.path, desktop.environ, desktop.process)
