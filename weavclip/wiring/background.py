"""The agent as a service of the system."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from weavclip.domain.errors import ServiceError
from weavclip.pipeline.observe import agent_state
from weavclip.settings import load

if TYPE_CHECKING:
    from collections.abc import Iterator

    from weavclip.domain.service import Service
    from weavclip.settings import Settings

DATA_DIR = "WEAVCLIP_DATA_DIR"


def service(settings: Settings) -> Service:
    """What keeps the agent running on this system.

    Raises:
        ServiceError: If there is nothing that could.
    """
    from weavclip.service.choose import choose
    from weavclip.service.launch import Launch, kept, program

    home = Path.home()
    environ = kept(os.environ)
    environ.pop(DATA_DIR, None)
    if settings.data_dir != _data_dir_without_wishes():
        environ[DATA_DIR] = str(settings.data_dir)
    launch = Launch(
        program=tuple(program(os.environ, home=home)),
        environ=environ,
        data_dir=settings.data_dir,
    )
    return choose(
        launch, environ=os.environ, home=home, agent_pid=lambda: _agent_pid(settings.data_dir)
    )


def install_service(settings: Settings) -> Iterator[str]:
    """Have the system keep the agent running; a sentence for each step.

    Raises:
        ServiceError: If it refuses, or an agent was started by hand.
    """
    found = service(settings)
    by_hand = _agent_pid(settings.data_dir)
    if by_hand and by_hand != found.state().pid:
        message = f"an agent runs already, started by hand as process {by_hand}"
        hint = f"end it with Ctrl-C where it runs, or with: kill {by_hand}"
        raise ServiceError(message, hint=hint)
    yield from found.install()


def service_is_installed(settings: Settings) -> bool:
    """Whether a service is to keep the agent running; looks for a file and asks nobody."""
    from weavclip.service.places import is_installed

    return is_installed(environ=os.environ, home=Path.home(), data_dir=settings.data_dir)


def package_removal() -> str:
    """The command that removes the package itself."""
    from weavclip.service import launch

    return launch.package_removal()


def _agent_pid(data_dir: Path) -> int:
    found = agent_state(data_dir)
    return found.pid if found else 0


def _data_dir_without_wishes() -> Path:
    """Where a process that is given no option and no variable keeps its data."""
    environ = {name: value for name, value in os.environ.items() if name != DATA_DIR}
    return load(environ=environ).settings.data_dir
