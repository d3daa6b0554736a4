from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.unit.journal.drafts import opened
from weavclip.domain.models import ModelSet
from weavclip.pipeline.status import ACTIVE_MODEL
from weavclip.settings import Settings
from weavclip.wiring.answering import answering_models

if TYPE_CHECKING:
    from pathlib import Path

WANTED = "ViT-B-16"


@pytest.mark.parametrize(
    ("noted", "answers"),
    [
        (None, WANTED),
        (WANTED, WANTED),
        ("sample", "sample"),  # it is there, and answers until the wanted one is filled
        ("removed", WANTED),
        ("sample+removed", WANTED),
    ],
)
def test_what_answered_last_answers_while_it_is_there(
    tmp_path: Path, noted: str | None, answers: str
) -> None:
    settings = Settings(data_dir=tmp_path, model=WANTED)
    with opened(tmp_path) as journal:
        if noted:
            journal.set_meta(ACTIVE_MODEL, noted)

        found = answering_models(settings, journal)

    assert found == ModelSet.parse(answers)
