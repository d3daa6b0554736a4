"""The port between the managed server and what really runs it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from weavclip.domain.ports import StopSignal
    from weavclip.index.server.fetch import Progress
    from weavclip.index.server.process import Identity
    from weavclip.index.server.state import State
    from weavclip.index.server.table import Ports, Secrets


@dataclass(frozen=True, slots=True, kw_only=True)
class Launch:
    """How a server is to run.

    Attributes:
        ports: Where it listens.
        secrets: What it asks for.
        environ: Its settings, secrets among them.
        console_origin: The web origin that may read it; empty for none.
    """

    ports: Ports
    secrets: Secrets
    environ: dict[str, str]
    console_origin: str

    def __repr__(self) -> str:
        """Without the secrets."""
        return f"Launch(ports={self.ports!r})"


class Way(Protocol):
    """What runs a Weaviate: a process of its own, or a Docker engine."""

    @property
    def name(self) -> str:
        """``program`` or ``compose``, as the state file has it."""
        ...

    def ports(self, *, http: int, grpc: int, kept: Ports | None) -> Ports:
        """All ports, those of the server's own chosen by the way."""
        ...

    def settings(self, *, ports: Ports, secrets: Secrets, console_origin: str) -> dict[str, str]:
        """All variables that the server gets."""
        ...

    def prepare(self, *, confirm: Callable[[str], bool], progress: Progress) -> None:
        """Fetch what is missing, after a yes.

        Raises:
            RefusedError: If the answer was no.
            ServerError: If it cannot be had.
        """
        ...

    def start(self, launch: Launch) -> Identity | None:
        """Start it and return at once.

        Raises:
            ServerError: If it cannot be started.
        """
        ...

    def stop(self, state: State) -> None:
        """End it, only it, and return when it has ended.

        Raises:
            ServerError: If it does not end.
        """
        ...

    def remove(self) -> None:
        """Remove all that the server kept; it does not run.

        Raises:
            ServerError: If it cannot be removed.
        """
        ...

    def is_running(self, state: State) -> bool:
        """Whether the server that ``state`` tells of runs, ready or not."""
        ...

    def logs(self, *, lines: int, stop: StopSignal | None) -> Iterator[str]:
        """The last lines; with ``stop`` new ones too, until then."""
        ...

    def data_path(self) -> Path | None:
        """Where its files are; None where the Docker engine keeps them."""
        ...
