"""Entries for the tests of indexes."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np

from weavclip.domain.clip import Clip, Kind, new_id
from weavclip.domain.query import Space
from weavclip.domain.vectors import Entry

if TYPE_CHECKING:
    from weavclip.domain.vectors import Embedding

DIM = 8
AT = datetime(2026, 3, 1, 12, tzinfo=UTC)


def direction(seed: int, *, dim: int = DIM) -> Embedding:
    made = np.random.default_rng(seed).standard_normal(dim).astype(np.float32)
    return made / np.float32(np.linalg.norm(made))


def entry(seed: int, *, dim: int = DIM, text: str = "some words") -> Entry:
    clip = Clip(
        id=new_id(),
        kind=Kind.TEXT,
        mime_type="text/plain",
        captured_at=AT,
        last_copied_at=AT,
        size_bytes=len(text),
    )
    return Entry(clip=clip, text=text, vectors={Space.TEXT: direction(seed, dim=dim)})
