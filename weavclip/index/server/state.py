"""What is kept between commands about the managed server."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from weavclip.domain.errors import ServerError
from weavclip.index.server.private import write_private
from weavclip.index.server.process import Identity
from weavclip.index.server.table import Ports
from weavclip.index.server.version import WEAVIATE_VERSION

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_FILE = "state.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """The server as it was last started or stopped.

    Attributes:
        wanted: The person had it up: it comes back after a reboot.
        way: ``program`` or ``compose``.
        ports: Where it listens.
        settings: Digest of version and environment: another one means a restart.
        process: Which process it is; None for compose.
    """

    wanted: bool
    way: str
    ports: Ports
    settings: str
    process: Identity | None = None


def digest(environ: Mapping[str, str]) -> str:
    """Equal for equal settings and version; tells nothing of the key in them."""
    content = json.dumps([WEAVIATE_VERSION, dict(environ)], sort_keys=True)
    return hashlib.sha256(content.encode()).hexdigest()


def save(folder: Path, state: State) -> None:
    """Keep ``state`` in ``folder``."""
    write_private(folder / _FILE, json.dumps(asdict(state), indent=1) + "\n")


def load(folder: Path) -> State | None:
    """What :func:`save` kept; None before the first start.

    Raises:
        ServerError: If the file is damaged.
    """
    path = folder / _FILE
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        process = kept.pop("process")
        return State(
            ports=Ports(**kept.pop("ports")),
            process=Identity(**process) if process else None,
            **kept,
        )
    except FileNotFoundError:
        return None
    except (ValueError, TypeError, KeyError) as error:
        message = f"{path} is damaged"
        raise ServerError(message, hint=f"remove {path}") from error
