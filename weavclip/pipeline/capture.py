"""Whether copies are kept that should be: asked by every command, so in a millisecond."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from weavclip.pipeline import alone
from weavclip.pipeline.telling import LOCK_NAME, read_state

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Problem:
    """Copies are not kept, though they should be.

    Attributes:
        sentence: Why, without content.
        hint: What mends it.
        since: Since when, aware; None when that is not known.
    """

    sentence: str
    hint: str
    since: datetime | None = None


def problem(data_dir: Path, *, is_installed: Callable[[], bool]) -> Problem | None:
    """Why copies are not kept right now; None while they are, or need not be.

    They should be while an agent runs, when one ended without a word, and where a service is
    installed.

    Args:
        data_dir: Folder of all data.
        is_installed: Whether a service is to keep an agent running; asked when none runs.
    """
    state = read_state(data_dir)
    if alone.is_held(data_dir / LOCK_NAME):
        if state is None or not state.problem:
            return None
        return Problem(state.problem, state.hint or "weavclip doctor", state.lost_since)
    if is_installed():
        return Problem("the service is installed, but no agent runs", "weavclip service status")
    if state is not None:
        sentence = f"the agent (process {state.pid}) ended without a word"
        return Problem(sentence, "weavclip watch")
    return None
