"""Long work: how far it is, how quick, and when it ends; drawn where stderr is a terminal."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

from weavclip.cli.app import remark

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rich.progress import Progress as Bar


class Progress(Protocol):
    """Told how far some work is."""

    def __call__(self, done: int, total: int | None) -> None:
        """So many of so many; None when the end is not known."""
        ...


@contextmanager
def counting(what: str, *, unit: str = "clips") -> Iterator[Progress]:
    """Count ``unit`` on a bar, with the rate and the time left.

    Args:
        what: What is being done, such as ``adding``.
        unit: ``bytes``, or the plural of what is counted.
    """
    if not sys.stderr.isatty():
        yield lambda done, total: None  # noqa: ARG005 - nobody looks
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        DownloadColumn,
        TextColumn,
        TimeRemainingColumn,
        TransferSpeedColumn,
    )
    from rich.progress import Progress as Bar

    amount = (
        (DownloadColumn(), TransferSpeedColumn())
        if unit == "bytes"
        else (
            TextColumn("{task.completed:,}/{task.total:,} " + unit),
            TextColumn("{task.fields[rate]}"),
        )
    )
    columns = (TextColumn("{task.description}"), BarColumn(), *amount, TimeRemainingColumn())
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=1, rate="")

        def tell(done: int, total: int | None) -> None:
            speed = bar.tasks[0].speed
            rate = f"{speed:,.0f}/s" if speed else ""
            bar.update(task, completed=done, total=total, rate=rate)

        yield tell


class Steps:
    """Says step after step what is being done, with a bar where its end is known."""

    def __init__(self, bar: Bar | None) -> None:
        """Draw on ``bar``; nothing is drawn without one."""
        self._bar = bar
        self._task = bar.add_task("", total=None) if bar else None

    def tell(self, what: str, fraction: float | None) -> None:
        """Name a step and how far it is, from 0 to 1; None when that is not known."""
        if self._bar is not None and self._task is not None:
            total = None if fraction is None else 1.0
            done = fraction or 0.0
            self._bar.update(self._task, description=what, total=total, completed=done)
            self._bar.start()

    def clear(self) -> None:
        """Leave the terminal to something else, up to the next step."""
        if self._bar is not None:
            self._bar.stop()

    def ask(self, question: Callable[[], bool]) -> bool:
        """Ask a question where nothing is drawn over it."""
        self.clear()
        return question()


@contextmanager
def steps() -> Iterator[Steps]:
    """Say on stderr what is being done, where that is a terminal."""
    if not sys.stderr.isatty():
        yield Steps(None)
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        SpinnerColumn,
        TaskProgressColumn,
        TextColumn,
        TimeElapsedColumn,
    )
    from rich.progress import Progress as Bar

    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeElapsedColumn(),
    )
    bar = Bar(*columns, console=Console(stderr=True), transient=True)
    try:
        yield Steps(bar)
    finally:
        bar.stop()


@contextmanager
def goes_on_with(command: str) -> Iterator[None]:
    """Say, when the person interrupts, how to go on; then let the interrupt pass."""
    try:
        yield
    except KeyboardInterrupt:
        remark(f"stopped; what is done is kept, and '{command}' goes on")
        raise
