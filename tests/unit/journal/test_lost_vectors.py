"""Files of vectors that somebody cut off or removed."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

import numpy as np
import pytest

from tests.unit.journal.drafts import DIM, MODEL, embedding, opened, text_draft
from weavclip.domain.clip import Stage
from weavclip.domain.query import Space

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ROW_BYTES = 4 * DIM
BOTH, OTHER = f"{MODEL}+text", "another"


def cut_within_the_second_row(vectors: Path) -> None:
    os.truncate(vectors / "text.f32", ROW_BYTES + 3)


def leave(vectors: Path) -> None:
    assert vectors.is_dir()


@pytest.mark.parametrize(
    ("take", "kept"), [(cut_within_the_second_row, 1), (shutil.rmtree, 0), (leave, 3)]
)
def test_clips_whose_vectors_are_lost_are_embedded_again(
    tmp_path: Path, take: Callable[[Path], None], kept: int
) -> None:
    with opened(tmp_path) as journal:
        ids = [journal.add(text_draft(f"{number}")).id for number in range(3)]
        for number, clip in enumerate(ids):
            journal.embedded(clip, MODEL, {Space.TEXT: embedding(number)})
            journal.embedded(clip, BOTH, {})
            journal.embedded(clip, OTHER, {Space.TEXT: embedding(number)})
        journal.indexed(ids, MODEL)
    (vectors,) = (tmp_path / "vectors").glob(f"*{MODEL}")
    take(vectors)

    with opened(tmp_path) as journal:
        lost = journal.let_go_of_lost_vectors(), journal.let_go_of_lost_vectors()
        to_embed = {
            models: [clip.id for clip in journal.pending(models, Stage.CAPTURED, limit=9)]
            for models in (MODEL, BOTH, OTHER)
        }
        for number, clip in enumerate(ids[kept:], start=kept):
            journal.embedded(clip, MODEL, {Space.TEXT: embedding(number)})
        owners, rows = journal.rows(MODEL, Space.TEXT)

    assert lost == (3 - kept, 0)
    assert to_embed == {MODEL: ids[kept:], BOTH: ids[kept:], OTHER: []}
    assert list(owners) == ids
    assert np.array_equal(rows, [embedding(number) for number in range(3)])
