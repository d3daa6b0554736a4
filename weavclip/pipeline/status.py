"""What is running, what is kept and what is left to do, in one value."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from weavclip.domain.pausing import Standing

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from uuid import UUID

    from weavclip.domain.clip import Stage

READING = "reading words in pictures"
"""What an engine says that it does meanwhile."""

ACTIVE_MODEL = "active_model"
"""The journal's note of the models that answer, while others may be filled beside them."""


@dataclass(frozen=True, slots=True)
class Advice:
    """Something that is missing or wrong, and the one command that mends it.

    Attributes:
        sentence: What is missing, such as ``no model: pictures are not found by meaning``.
        command: What to type, such as ``weavclip model add ViT-B-16``; empty when nothing helps.
    """

    sentence: str
    command: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentState:
    """What a running agent says of itself (``agent.json`` in the data folder).

    Attributes:
        pid: Its process.
        since: When it began to watch, aware.
        source: Name of the clipboard source; ``none`` while it waits for a first one.
        problem: What stops it from keeping copies right now; empty when nothing does.
        hint: What mends that; empty when there is no problem, or nothing known.
        lost_since: Since when copies are not kept for that problem, aware; None without one.
        skipped: How many copies it did not keep, by reason, since it began.
    """

    pid: int
    since: datetime
    source: str
    problem: str = ""
    hint: str = ""
    lost_since: datetime | None = None
    skipped: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineState:
    """What a running engine says of itself.

    Attributes:
        pid: Its process.
        since: When it began, aware.
        provider: What runs the model, such as ``CPU``; empty while none is loaded.
        index: Which index answers now, such as ``Weaviate 1.39.0`` or ``exact``.
        index_problem: Why Weaviate does not answer, when one is wanted; empty otherwise.
        doing: What it does in the background, such as ``embedding``; empty when idle.
        rate_per_s: Clips a second of what it is doing; 0 when idle.
        problem: What stopped its work, until it goes on; empty when nothing did.
    """

    pid: int
    since: datetime
    provider: str = ""
    index: str = ""
    index_problem: str = ""
    doing: str = ""
    rate_per_s: float = 0.0
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """The whole, as ``weavclip`` and ``weavclip status`` show it.

    Attributes:
        data_dir: Where everything is kept.
        agent: None when no agent watches.
        engine: None when no engine runs.
        clips: In all, hidden ones too.
        clips_today: How many of them were last copied since local midnight.
        hidden_clips: How many of them are hidden.
        model: Id of the CLIP model in use; empty for none.
        text_model: Id of the text model in use beside it; empty for none.
        filling_model: The models whose index is being filled beside the one in use, in words;
            empty for none.
        stages: How many clips are at each stage for the models in use (or being filled).
        failures: Clips that failed, with the reason.
        server: The managed or configured Weaviate in a few words, such as
            ``http://127.0.0.1:8080 (managed, running)``; empty for none.
        disk_bytes: Size of the data folder's journal, blobs and vectors.
        free_bytes: Free space beside it.
        advice: What is missing, in the order in which it matters.
        unread_pictures: How many are still to be read, where words are read in pictures.
        standing: Whether the person wants copies to be kept now: pause, incognito, ignore-next.
    """

    data_dir: str
    agent: AgentState | None
    engine: EngineState | None
    clips: int
    clips_today: int
    hidden_clips: int = 0
    model: str
    text_model: str = ""
    filling_model: str = ""
    stages: Mapping[Stage, int] = field(default_factory=dict)
    failures: tuple[tuple[UUID, str], ...] = ()
    server: str = ""
    disk_bytes: int = 0
    free_bytes: int = 0
    advice: tuple[Advice, ...] = ()
    surplus_clips: int = 0
    surplus_why: str = ""
    unread_pictures: int = 0
    standing: Standing = field(default_factory=Standing)
