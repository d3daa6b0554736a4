"""What a label costs as a clip arrives, beyond its embedding."""

from __future__ import annotations

import json
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from scripts.benchmarks.rows import Row, row_of
from scripts.benchmarks.vectors import shared_folder
from weavclip.domain.clip import Draft, Kind
from weavclip.domain.models import ModelSet
from weavclip.domain.query import Space
from weavclip.domain.vectors import ModelCard
from weavclip.journal.store import SqliteJournal
from weavclip.organise.zero_shot import unit
from weavclip.pipeline.sorting import Sorter
from weavclip.wiring.labels import label_set

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from numpy.typing import NDArray

    from weavclip.domain.vectors import Embedding, Embeddings

ARRIVING = 1_000
TEXTS = (shared_folder() or Path()) / "texts"


def arriving() -> Row:
    """Milliseconds a clip beyond its embedding: half pictures, half texts, 512 numbers each."""
    random = np.random.default_rng(1)
    clip, texts = Unit512("unit-512"), Unit512("unit-texts")
    line = ModelSet(clip.card.id, texts.card.id).id
    with (
        tempfile.TemporaryDirectory() as folder,
        SqliteJournal.open(Path(folder) / "journal", reserve_bytes=0) as journal,
    ):
        batch: list[tuple[UUID, dict[Space, Embedding], None]] = []
        for place, text in enumerate(_texts()):
            own = (Space.IMAGE,) if place < ARRIVING // 2 else (Space.TEXT, Space.SENTENCE)
            rows = {space: unit(random.normal(size=512)) for space in own}
            batch.append((journal.add(_copied(text, own[0])).id, rows, None))
        journal.embedded_many(batch, line)
        sorter = Sorter(journal, line, labels=label_set, clip=clip, text=texts)
        took = []
        while True:
            began = time.perf_counter()
            done = sorter.step().done
            if not done:
                return row_of("labelled as it arrives", took, unit="ms a clip", note="< 5")
            took.append((time.perf_counter() - began) * 1000 / done)


def _texts() -> list[str]:
    """Questions and commands in turn, of the shared data."""
    lines = (TEXTS / "commands.jsonl").read_text("utf-8").splitlines()[: ARRIVING // 2]
    return [json.loads(line)[name] for line in lines for name in ("query", "command")]


def _copied(text: str, space: Space) -> Draft:
    kind, mime_type = (
        (Kind.TEXT, "text/plain") if space is Space.TEXT else (Kind.IMAGE, "image/png")
    )
    return Draft(
        kind=kind,
        mime_type=mime_type,
        representations={mime_type: text.encode()},
        text=text if kind is Kind.TEXT else "",
        digest_source=text.encode(),
        at=datetime.now(UTC),
    )


class Unit512:
    """Vectors of a usual length for sentences, at no cost."""

    provider = "CPU"

    def __init__(self, model_id: str) -> None:
        """A model in name."""
        self.card = ModelCard(id=model_id, dim=512)

    def embed_texts(self, texts: Sequence[str]) -> Embeddings:
        """Directions without a meaning."""
        return unit(np.random.default_rng(2).normal(size=(len(texts), 512)))

    def embed_images(self, squares: Sequence[NDArray[np.uint8]]) -> Embeddings:
        """The same of pictures."""
        return unit(np.random.default_rng(3).normal(size=(len(squares), 512)))

    def close(self) -> None:
        """Nothing is held."""
