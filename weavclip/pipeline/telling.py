"""What a running agent says of itself, in a small file that outlives a full disk."""

from __future__ import annotations

import dataclasses
import json
import logging
import os
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING

from weavclip.pipeline.status import AgentState

if TYPE_CHECKING:
    from pathlib import Path

logger = logging.getLogger(__name__)

STATE_NAME, LOCK_NAME = "agent.json", "agent.lock"
"""What an agent says, and what it holds while it runs: a file that stays without a lock is left
of one that was killed."""

_TIMES = ("since", "lost_since")
_PADDED_BYTES = 4096
"""The file's least size: on a full disk what it must say then is written over what it has."""


def tell(data_dir: Path, state: AgentState) -> None:
    """Say how the agent is; that it could not be said is only logged."""
    path = data_dir / STATE_NAME
    told = json.dumps(dataclasses.asdict(state), default=datetime.isoformat)
    content = told.encode().ljust(_PADDED_BYTES)
    try:
        _replace(path, content)
    except OSError:
        try:
            _overwrite(path, content)
        except OSError as error:
            # The state is a courtesy, the watching is not.
            logger.debug("the state could not be told: %s", error.strerror)


def read_state(data_dir: Path) -> AgentState | None:
    """What the agent of this data folder said last; None when it said nothing."""
    try:
        told = json.loads((data_dir / STATE_NAME).read_bytes())
        times = {name: told[name] and datetime.fromisoformat(told[name]) for name in _TIMES}
        return AgentState(**{**told, **times})
    except (OSError, ValueError, TypeError, KeyError):
        return None


def fall_silent(data_dir: Path) -> None:
    """Say nothing any more: the agent ended as it should."""
    with suppress(OSError):
        (data_dir / STATE_NAME).unlink()


def _replace(path: Path, content: bytes) -> None:
    fresh = path.with_suffix(".new")
    fd = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(fd, "wb") as file:
            file.write(content)
        fresh.replace(path)
    except OSError:
        fresh.unlink(missing_ok=True)
        raise


def _overwrite(path: Path, content: bytes) -> None:
    fd = os.open(path, os.O_WRONLY)
    with os.fdopen(fd, "wb") as file:
        file.write(content)
