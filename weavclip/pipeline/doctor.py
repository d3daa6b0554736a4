"""Looks for what keeps weavclip from working, and says what mends it."""

from __future__ import annotations

import os
import sqlite3
import stat
from contextlib import closing
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from weavclip.pipeline.status import Status

OTHERS = stat.S_IRWXG | stat.S_IRWXO
_DISPLAYS = ("DISPLAY", "WAYLAND_DISPLAY")
_MB = 1_000_000
MANAGED, STOPPED = "(managed, ", ", stopped)"
"""What the words for a managed server hold, and how they end when it is down by choice."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found of one part.

    Attributes:
        part: Such as ``journal``.
        ok: False when it is wrong; None when it is absent and weavclip does without.
        sentence: What was found, without content.
        command: What mends it; empty when nothing needs to be mended.
    """

    part: str
    ok: bool | None
    sentence: str
    command: str = ""


def examine(
    status: Status,
    *,
    data_dir: Path,
    journal_file: Path,
    reserve_bytes: int,
    source: str,
    environ: Mapping[str, str],
) -> Iterator[Verdict]:
    """Look at each part in turn; nothing is changed.

    Args:
        status: What runs and what is kept.
        data_dir: Folder of all data.
        journal_file: The journal's database in it.
        reserve_bytes: Free space under which nothing is written.
        source: The setting of that name.
        environ: The environment, for the display.
    """
    yield clipboard(status, source=source, environ=environ)
    yield permissions(data_dir)
    yield space(status, reserve_bytes=reserve_bytes)
    yield journal(journal_file)
    yield embedding(status)
    yield model(status)
    yield weaviate(status)


def clipboard(status: Status, *, source: str, environ: Mapping[str, str]) -> Verdict:
    """Whether there is something to watch, and whether it is watched."""
    if status.agent is not None:
        if status.agent.problem:
            return Verdict("clipboard", False, status.agent.problem, "weavclip status")
        return Verdict("clipboard", True, f"watched by {status.agent.source}")
    has_display = os.name != "posix" or any(environ.get(name) for name in _DISPLAYS)
    if source == "auto" and not has_display:
        sentence = "neither DISPLAY nor WAYLAND_DISPLAY is set: no clipboard can be reached"
        return Verdict("clipboard", False, sentence, "run weavclip in a graphical session")
    return Verdict("clipboard", None, "nothing watches it", "weavclip watch")


def permissions(data_dir: Path) -> Verdict:
    """Whether somebody else may look into the data folder."""
    if os.name != "posix":
        return Verdict("folder", None, "its permissions are not checked on this system")
    if not data_dir.exists():
        return Verdict("folder", None, f"{data_dir} is made with the first clip")
    mode = stat.S_IMODE(data_dir.stat().st_mode)
    if mode & OTHERS:
        sentence = f"{data_dir} has mode {mode:04o}, others can look into it"
        return Verdict("folder", False, sentence, f"chmod 700 {data_dir}")
    open_to_others = next((path for path in _files(data_dir) if _is_open(path)), None)
    if open_to_others is not None:
        sentence = "a file in the data folder can be read by others"
        return Verdict("folder", False, sentence, f"chmod -R go= {data_dir}")
    return Verdict("folder", True, f"{data_dir} is private")


def _files(data_dir: Path) -> Iterator[Path]:
    for folder, _folders, names in os.walk(data_dir):
        yield from (data_dir.__class__(folder, name) for name in names)


def _is_open(path: Path) -> bool:
    try:
        return bool(path.lstat().st_mode & OTHERS) and not path.is_symlink()
    except OSError:
        return False


def space(status: Status, *, reserve_bytes: int) -> Verdict:
    """Whether there is room for more clips."""
    free, reserve = status.free_bytes // _MB, reserve_bytes // _MB
    sentence = f"{free:,} MB free, nothing is written under {reserve:,} MB"
    if free > reserve:
        return Verdict("space", True, sentence)
    return Verdict("space", False, sentence, "make room, or lower reserve_bytes")


def journal(journal_file: Path) -> Verdict:
    """Whether the database is sound, by SQLite's own quick check."""
    if not journal_file.exists():
        return Verdict("journal", None, "there is none yet")
    try:
        with closing(sqlite3.connect(f"{journal_file.as_uri()}?mode=ro", uri=True)) as connection:
            answer = str(connection.execute("PRAGMA quick_check(1)").fetchone()[0])
    except sqlite3.Error as error:
        return Verdict("journal", False, f"{journal_file.name}: {error.__class__.__name__}")
    if answer != "ok":
        sentence = f"{journal_file} is damaged"
        return Verdict("journal", False, sentence, "restore it from a backup")
    return Verdict("journal", True, "its tables and indexes are whole")


def model(status: Status) -> Verdict:
    """Whether something can be found by meaning."""
    if not status.model:
        sentence = "none: clips are found by their words only"
        return Verdict("model", None, sentence, "weavclip model add ViT-B-16")
    failed = len(status.failures)
    if failed:
        clips = "1 clip" if failed == 1 else f"{failed} clips"
        return Verdict("model", False, f"{clips} failed", "weavclip status")
    return Verdict("model", True, status.model)


def embedding(status: Status) -> Verdict:
    """What runs the model."""
    if status.model and find_spec("onnxruntime") is None:
        sentence = "ONNX Runtime is missing: the model cannot run"
        return Verdict("engine", False, sentence, "pip install 'weavclip[cpu]'")
    engine = status.engine
    if engine is None:
        return Verdict("engine", None, "not running; it starts when there is work")
    return Verdict("engine", True, f"runs on {engine.provider or 'no model yet'}")


def weaviate(status: Status) -> Verdict:
    """Whether Weaviate answers, where one is wanted."""
    problem = status.engine.index_problem if status.engine else ""
    if problem:
        own = bool(status.server) and MANAGED not in status.server
        mends = "weavclip config set weaviate_url URL" if own else "weavclip server up"
        return Verdict("Weaviate", False, problem, mends)
    if not status.server:
        return Verdict(
            "Weaviate", None, "none: the journal is searched exactly", "weavclip server up"
        )
    if status.server.endswith(STOPPED):
        return Verdict("Weaviate", None, status.server, "weavclip server up")
    return Verdict("Weaviate", True, status.server)
