"""Clips and vectors for the tests of this room."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tests.unit.journal.drafts import AT
from weavclip.domain.clip import Clip, Kind, new_id

if TYPE_CHECKING:
    from weavclip.domain.vectors import Embedding

DIM = 4


def clip_of(kind: Kind) -> Clip:
    return Clip(
        id=new_id(),
        kind=kind,
        mime_type="image/png" if kind is Kind.IMAGE else "text/plain",
        captured_at=AT,
        last_copied_at=AT,
        size_bytes=1,
    )


def unit_vector(*numbers: float) -> Embedding:
    found = np.array(numbers, np.float32)
    return np.asarray(found / np.linalg.norm(found), np.float32)
