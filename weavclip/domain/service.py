"""The agent as a service: what installs it, and how it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from weavclip.domain.ports import StopSignal


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceState:
    """How the service is, as the system says.

    Attributes:
        manager: What runs it, such as ``systemd``.
        file: Where its definition is, or would be.
        installed: Its definition is there.
        enabled: It starts with the next session.
        running: Its process runs now.
        pid: Of that process; 0 for none, or where the system does not say.
        restarts: How often it was started again by itself.
        watched: It is started again when it hangs, too.
        sentence: What the system says of it, such as ``active (running)``.
    """

    manager: str
    file: Path
    installed: bool
    enabled: bool = False
    running: bool = False
    pid: int = 0
    restarts: int = 0
    watched: bool = False
    sentence: str = ""


class Service(Protocol):
    """Keeps the agent running in every session of one person."""

    @property
    def name(self) -> str:
        """What runs it, such as ``systemd``."""
        ...

    def install(self) -> Iterator[str]:
        """Write the definition, start the agent now and with every session.

        Where it is installed it is written and started anew. A sentence for each step done.

        Raises:
            ServiceError: If the system refuses.
        """
        ...

    def uninstall(self) -> Iterator[str]:
        """End the agent and leave nothing of the definition; a sentence for each step done.

        Raises:
            ServiceError: If the system refuses.
        """
        ...

    def state(self) -> ServiceState:
        """How it is now."""
        ...

    def logs(self, *, lines: int, stop: StopSignal | None) -> Iterator[str]:
        """The last lines of its log; with ``stop`` new ones too, until then.

        Raises:
            ServiceError: If they cannot be read.
        """
        ...
