"""Looks at what runs and what is kept, and says what is missing."""

from __future__ import annotations

import shutil
from datetime import datetime
from typing import TYPE_CHECKING

from weavclip.domain.errors import EngineError
from weavclip.domain.models import ModelSet
from weavclip.domain.query import Filter
from weavclip.pipeline import alone, rpc
from weavclip.pipeline.status import ACTIVE_MODEL, Advice, AgentState, EngineState, Status
from weavclip.pipeline.telling import LOCK_NAME, read_state

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from weavclip.domain.clip import Clip
    from weavclip.domain.pausing import Standing
    from weavclip.domain.reading import SeenJournal
    from weavclip.domain.retention import Surplus
    from weavclip.domain.stores import Journal

ANSWER_WITHIN_S = 2.0


def observe(
    journal: Journal,
    *,
    data_dir: Path,
    runtime_dir: Path,
    models: ModelSet,
    server: str,
    standing: Standing,
    advice: Sequence[Advice] = (),
    surplus: Surplus | None = None,
    reading: SeenJournal | None = None,
) -> Status:
    """What runs, what is kept and what is left to do.

    Args:
        journal: The truth.
        data_dir: Folder of all data.
        runtime_dir: Folder of the engine's socket.
        models: Those that the settings name.
        server: The Weaviate in use, in a few words; empty for none.
        standing: Whether the person wants copies to be kept now.
        advice: What else is missing, after what is found here.
        surplus: What is over the person's limits.
        reading: Knows which pictures were read; None where no words are read in pictures.
    """
    watching = agent_state(data_dir)
    midnight = datetime.now().astimezone().replace(hour=0, minute=0, second=0, microsecond=0)
    wanted = models.id
    active = ModelSet.parse((journal.meta(ACTIVE_MODEL) or wanted) if wanted else "")
    kept = journal.count()
    return Status(
        data_dir=str(data_dir),
        agent=watching,
        engine=engine_state(runtime_dir),
        clips=kept,
        clips_today=journal.count(Filter(after=midnight, hidden=True)),
        hidden_clips=kept - journal.count(Filter()),
        model=active.clip,
        text_model=active.text,
        filling_model=str(models) if active != models else "",
        stages=journal.stage_counts(wanted) if wanted else {},
        failures=tuple((clip.id, why) for clip, why in _failures(journal, wanted, reading)),
        unread_pictures=reading.count_unread() if reading else 0,
        server=server,
        disk_bytes=folder_bytes(data_dir),
        free_bytes=shutil.disk_usage(data_dir).free,
        advice=(*_about_agent(watching), *advice),
        surplus_clips=surplus.clips if surplus else 0,
        surplus_why=surplus.why if surplus else "",
        standing=standing,
    )


def _failures(
    journal: Journal, models: str, reading: SeenJournal | None
) -> list[tuple[Clip, str]]:
    embedding = journal.failures(models) if models else []
    return embedding + (reading.reading_failures() if reading else [])


def agent_state(data_dir: Path) -> AgentState | None:
    """What the running agent says of itself; None when none runs, whatever a killed one left."""
    return read_state(data_dir) if alone.is_held(data_dir / LOCK_NAME) else None


def engine_state(runtime_dir: Path) -> EngineState | None:
    """What the running engine says of itself; None when none answers."""
    try:
        state: EngineState = rpc.call(runtime_dir, "state", timeout_s=ANSWER_WITHIN_S)
    except (ConnectionError, EngineError):
        return None
    return state


def folder_bytes(folder: Path) -> int:
    """Size of all files below ``folder``, in bytes; those that vanish meanwhile do not count."""
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.stat().st_size if path.is_file() else 0
        except OSError:
            continue
    return total


def _about_agent(watching: AgentState | None) -> tuple[Advice, ...]:
    if watching is None:
        return (Advice("nothing watches the clipboard", "weavclip service install"),)
    if watching.problem:
        mends = watching.hint or "weavclip doctor"
        return (Advice(f"copies are NOT kept: {watching.problem}", mends),)
    return ()
