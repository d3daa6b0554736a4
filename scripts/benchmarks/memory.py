"""What the engine holds: 100,000 clips, the exact index, a model of ViT-B/32's true size.

The engine is the real process; its children that decode pictures are counted apart. With
``--model FOLDER`` (or WEAVCLIP_TEST_TEXT_MODEL) a text model works beside it, and every text has a
vector of its.
"""

from __future__ import annotations

import io
import os
import tempfile
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import psutil
from PIL import Image

from scripts.benchmarks import bare, large
from scripts.benchmarks.processes import peak_bytes, resident_bytes
from scripts.benchmarks.rows import Row
from weavclip import settings, wiring
from weavclip.domain.clip import Stage
from weavclip.domain.models import ModelSet
from weavclip.domain.query import Query, Space
from weavclip.embed.models import ModelStore
from weavclip.journal.store import SqliteJournal
from weavclip.pipeline import observe
from weavclip.search.centre import normalised

if TYPE_CHECKING:
    from collections.abc import Iterator

    from weavclip.settings import Settings

QUERIES = 1_000
PICTURES = 40
WITHIN_S = 300.0
LOOK_EVERY_S = 0.05
GB = 1e9
_MODEL_VARIABLE = "WEAVCLIP_TEST_TEXT_MODEL"


def rows(model: str = "") -> Iterator[Row]:
    """Peak while embedding, then steady after a thousand queries; takes about 6 minutes."""
    with _filled(model or os.environ.get(_MODEL_VARIABLE, "")) as used:
        starter = wiring.engine(used)
        starter.ask("wake")
        state = observe.engine_state(used.runtime_dir)
        assert state is not None
        with _watched(state.pid) as seen:
            _wait_until_indexed(used)
            starter.ask("search", Query(words="both towers are in memory"))
            _add_pictures(used)
            starter.wake()
            _wait_until_indexed(used)
        yield Row(
            stage="engine, peak while embedding, both towers loaded",
            n=1,
            median=seen[0] / GB,
            unit="GB",
            note="< 1.4",
        )
        yield Row(
            stage="the same, as the system marked it since its start",
            n=1,
            median=peak_bytes(state.pid) / GB,
            unit="GB",
            note="< 1.4",
        )
        yield Row(stage="its decoding children, peak", n=1, median=seen[1] / GB, unit="GB")
        material = large.real_material()
        for number in range(QUERIES):
            starter.ask("search", Query(words=material.texts[number % len(material.texts)]))
        held = resident_bytes(state.pid) / GB
        yield Row(
            stage=f"engine, after {QUERIES} queries", n=1, median=held, unit="GB", note="< 0.7"
        )
        starter.stop()


@contextmanager
def _filled(model: str) -> Iterator[Settings]:
    with tempfile.TemporaryDirectory() as name:
        data_dir = Path(name) / "data"
        large.fill_journal(data_dir, large.real_material(), model_id=bare.MODEL)
        ModelStore(data_dir / "models", roboflow_url="").import_folder(bare.model_folder())
        os.environ["WEAVCLIP_CONFIG"] = str(Path(name) / "config.toml")
        os.environ["WEAVCLIP_DATA_DIR"] = str(data_dir)
        os.environ["WEAVCLIP_MODEL"] = bare.MODEL
        os.environ["WEAVCLIP_INDEX"] = "exact"
        if model:
            os.environ["WEAVCLIP_TEXT_MODEL"] = _read_by(Path(model), data_dir)
        yield settings.load().settings


def _read_by(folder: Path, data_dir: Path) -> str:
    """Install a text model and give every text a vector of its length; the model's id."""
    card = ModelStore(data_dir / "models", roboflow_url="").import_folder(folder)
    both, random = ModelSet(bare.MODEL, card.id).id, np.random.default_rng(0)
    with SqliteJournal.open(data_dir, reserve_bytes=0) as journal:
        for space in (Space.TEXT, Space.IMAGE):
            ids = list(journal.rows(bare.MODEL, space)[0])
            for at in range(0, len(ids), large.AT_ONCE):
                part = ids[at : at + large.AT_ONCE]
                made = normalised(random.standard_normal((len(part), card.dim), np.float32))
                vectors = [{Space.SENTENCE: row} if space is Space.TEXT else {} for row in made]
                batch = zip(part, vectors, strict=True)
                journal.embedded_many([(each, row, None) for each, row in batch], both)
                journal.indexed(part, both)
    return card.id


@contextmanager
def _watched(pid: int) -> Iterator[list[int]]:
    """The largest RSS of the process, and of its children together, in bytes."""
    seen, over = [0, 0], threading.Event()
    process = psutil.Process(pid)

    def look() -> None:
        while not over.wait(LOOK_EVERY_S):
            seen[0] = max(seen[0], resident_bytes(pid))
            children = [resident_bytes(each.pid) for each in process.children(recursive=True)]
            seen[1] = max(seen[1], sum(children))

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield seen
    finally:
        over.set()
        thread.join()


def _add_pictures(used: Settings) -> None:
    with wiring.open_ingest(used) as ingest, tempfile.TemporaryDirectory() as name:
        for number in range(PICTURES):
            buffer = io.BytesIO()
            Image.effect_noise((1920, 1080), 20 + number).save(buffer, "PNG")
            path = Path(name) / f"{number}.png"
            path.write_bytes(buffer.getvalue())
            ingest.take_file(path)


def _wait_until_indexed(used: Settings) -> None:
    end = time.monotonic() + WITHIN_S
    with wiring.open_journal(used) as journal:
        while time.monotonic() < end:
            counts = journal.stage_counts(used.models.id)
            if not counts.get(Stage.CAPTURED) and not counts.get(Stage.EMBEDDED):
                return
            time.sleep(LOOK_EVERY_S)
    message = f"clips were not indexed within {WITHIN_S:.0f} s"
    raise TimeoutError(message)
