"""The last lines of a log, of the service's as of the server's."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Annotated, Protocol

import typer

from weavclip.cli.printable import printable

if TYPE_CHECKING:
    from collections.abc import Iterable

Lines = Annotated[int, typer.Option("--lines", "-n", metavar="N", min=1, help="How many.")]
Follow = Annotated[bool, typer.Option("--follow", "-f", help="Go on until Ctrl-C.")]
LINES = 50


class Logged(Protocol):
    """What keeps a log."""

    def logs(self, *, lines: int, stop: threading.Event | None) -> Iterable[str]:
        """Its last lines; with ``stop`` those that come, too, until it is set."""
        ...


def show(kept: Logged, *, lines: int, follow: bool) -> None:
    """Print the last lines; those that come, too, where they are to be followed."""
    for line in kept.logs(lines=lines, stop=threading.Event() if follow else None):
        typer.echo(printable(line.rstrip("\n")))
