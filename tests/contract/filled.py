"""A journal and an index that is filled from it, for the contract of indexes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np

from weavclip.domain.clip import Clip, Draft, Kind
from weavclip.domain.query import Filter, Space
from weavclip.domain.vectors import Entry
from weavclip.search.centre import take_out

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from weavclip.domain.index import Index
    from weavclip.domain.vectors import Embedding
    from weavclip.journal.store import SqliteJournal

DIM = 8
MODEL = "m"
START = datetime(2026, 3, 1, 12, tzinfo=UTC)
MEANS = {
    Space.IMAGE: np.linspace(-0.3, 0.2, DIM, dtype=np.float32),
    Space.TEXT: np.linspace(0.25, -0.1, DIM, dtype=np.float32),
}
# Weaviate rescores with the stored float32 vectors: what is left is float32's own error.
TOLERANCE = 1e-5


def direction(seed: int) -> Embedding:
    made = np.random.default_rng(seed).standard_normal(DIM).astype(np.float32)
    return made / np.float32(np.linalg.norm(made))


class Filled:
    """A journal and an index that is filled from it, as the engine does."""

    def __init__(self, journal: SqliteJournal, index: Index) -> None:
        self.journal, self.index = journal, index
        self.clips: list[Clip] = []
        self.raw: dict[Space, dict[UUID, Embedding]] = {space: {} for space in Space}

    def add(
        self,
        text: str,
        *,
        seed: int = 0,
        kind: Kind = Kind.TEXT,
        at: datetime = START,
        again_at: datetime | None = None,
        app: str = "",
        labels: Sequence[str] = (),
        pinned: bool = False,
    ) -> Clip:
        mime_type = "image/png" if kind is Kind.IMAGE else "text/plain"
        draft = Draft(
            kind=kind,
            mime_type=mime_type,
            representations={mime_type: text.encode()},
            text=text,
            digest_source=text.encode(),
            at=at,
            source_app=app,
        )
        clip_id = self.journal.add(draft).id
        if labels:
            self.journal.label_found({clip_id: labels}, 1)
        self.journal.pin(clip_id, pinned=pinned)
        if again_at:
            self.journal.add(replace(draft, at=again_at))
        space = Space.IMAGE if kind is Kind.IMAGE else Space.TEXT
        return self.embed(clip_id, space, seed=seed)

    def embed(self, clip_id: UUID, space: Space, *, seed: int) -> Clip:
        vector = direction(seed)
        self.journal.embedded(clip_id, MODEL, {space: vector})
        self.raw[space][clip_id] = vector
        clip = self.journal.get(clip_id)
        self.fill([clip])
        return clip

    def fill(self, clips: Sequence[Clip]) -> None:
        self.index.upsert([self.entry(clip) for clip in clips])

    def entry(self, clip: Clip) -> Entry:
        raw = self.journal.vectors(clip.id, MODEL)
        return Entry(
            clip=clip,
            text=self.journal.text(clip.id),
            vectors={space: centred(space, vector) for space, vector in raw.items()},
        )

    def forget(self, ids: Sequence[UUID]) -> None:
        self.journal.forget(ids)
        self.index.delete(ids)

    def nearest_ids(self, space: Space, query: Embedding, *, limit: int = 10) -> list[UUID]:
        found = self.index.nearest(space, query, limit=limit, where=Filter())
        return [match.id for match in found]

    def by_force(self, space: Space, query: Embedding) -> list[tuple[UUID, float]]:
        distances = {
            clip_id: 1.0 - float(centred(space, vector) @ query)
            for clip_id, vector in self.raw[space].items()
        }
        return sorted(distances.items(), key=lambda pair: pair[1])


def centred(space: Space, vector: Embedding) -> Embedding:
    return take_out(vector, MEANS[space])
