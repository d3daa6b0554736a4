"""Who writes the journal is killed: the agent while copies come, and a bare writer."""

from __future__ import annotations

import io
import random
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from PIL import Image

from scripts.benchmarks.desktops import clipboard
from scripts.benchmarks.durability import killed_writer, lost
from scripts.benchmarks.home import home
from scripts.benchmarks.kills.signals import Signals
from scripts.benchmarks.kills.verdict import verdict
from scripts.benchmarks.rows import Row
from tests.e2e.programs import watching

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.owners import Owner

_EVERY_S = 0.02
_PICTURE_EVERY = 4  # rounds


def agents(source: str, kills: int) -> Iterator[Row]:
    """Kill an agent on a display server while it takes copies, again and again."""
    signals, said = Signals(kills, random.Random(source)), set[UUID]()
    with (
        clipboard(source) as desk,
        home(desk.environ) as used,
        desk.owner() as program,
    ):
        for number in signals.rounds():
            with watching() as agent:
                copying_s = signals.rng.randrange(1, 12) * _EVERY_S
                with signals.killing(agent.process, within_s=copying_s + 0.06):
                    copy_some(program, number, for_s=copying_s)
                agent.finish()
            said |= {UUID(each) for each in agent.ids()}
        yield from verdict(used, f"agent on {source}", signals=signals, said=said)


def copy_some(program: Owner, number: int, *, for_s: float) -> None:
    """Copy texts and now and then a picture, each of them once in a lane."""
    if not number % _PICTURE_EVERY:
        program.copy({"image/png": _noise(number)})
    texts = [f"kill {number} copy {n}" for n in range(round(for_s / _EVERY_S))]
    program.copy_texts(texts, every_s=_EVERY_S)


def _noise(number: int) -> bytes:
    """A picture of some 100 KB, which is kept as a file."""
    pixels = random.Random(number).randbytes(180 * 180 * 3)
    buffer = io.BytesIO()
    Image.frombytes("RGB", (180, 180), pixels).save(buffer, "PNG")
    return buffer.getvalue()


def writers(kills: int) -> Iterator[Row]:
    """Kill a process that adds, embeds and forgets as fast as it can."""
    with tempfile.TemporaryDirectory() as name:
        root = Path(name) / "data"
        acknowledged = killed_writer(root, kills=kills)
        broken = lost(root, acknowledged)
    count = len(acknowledged)
    yield Row(stage="a bare writer killed", n=kills, median=count, unit="clips said stored")
    yield Row(stage="  lost, doubled or corrupt", n=count, median=broken, unit="clips", note="0")
