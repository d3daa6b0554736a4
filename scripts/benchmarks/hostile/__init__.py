"""Copies that are made to hurt, really copied into a running agent and engine.

After each of them a plain copy must be kept within two seconds; what the agent and the engine
take, what they log, and what the commands print of all that is looked at afterwards.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from scripts.benchmarks.hostile import owners, pictures, texts
from scripts.benchmarks.hostile.living import lived_through
from scripts.benchmarks.rows import HEADING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from scripts.benchmarks.hostile.input import Input
    from scripts.benchmarks.rows import Row

SAMPLE_EVERY = 12


def rows(source: str = "x11", *, every: int = 1) -> Iterator[Row]:
    """All inputs; about ten minutes.

    Args:
        source: The display server.
        every: Take one of so many, and none that takes seconds, for a sample.
    """
    with tempfile.TemporaryDirectory() as name:
        fifo = Path(name) / "fifo"
        os.mkfifo(fifo)
        yield from lived_through(source, chosen(str(fifo), source=source, every=every))


def chosen(fifo: str, *, source: str, every: int = 1) -> list[Input]:
    """The inputs for one display server; one of ``every``, and quick ones only, for a sample."""
    found = [*owners.inputs(), *texts.inputs(fifo), *pictures.inputs()]
    possible = [each for each in found if source == "x11" or not each.is_x11]
    return possible if every == 1 else [each for each in possible if not each.is_slow][::every]


def main(arguments: Sequence[str]) -> None:
    """Take what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--source", default="x11")
    parser.add_argument("--every", type=int, default=1)
    options = parser.parse_args(arguments)
    print(HEADING)
    for row in rows(options.source, every=options.every):
        print(row, flush=True)
