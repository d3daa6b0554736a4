from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.folders import runtime_folder
from tests.unit.pipeline.fakes import HintlessGate, KeepsAll
from weavclip.journal.store import SqliteJournal
from weavclip.pipeline.ingest import Ingest
from weavclip.pipeline.reading import Limits

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def runtime_dir() -> Iterator[Path]:
    """Is made by the engine, and goes with it."""
    with runtime_folder() as folder:
        yield folder / "run"


@pytest.fixture
def journal(data_dir: Path) -> Iterator[SqliteJournal]:
    with SqliteJournal.open(data_dir, reserve_bytes=0) as journal:
        yield journal


@pytest.fixture
def ingest(journal: SqliteJournal) -> Ingest:
    return Ingest(
        journal,
        HintlessGate(),
        inspector=KeepsAll(),
        limits=Limits(text_bytes=1000),
        device="desk",
    )
