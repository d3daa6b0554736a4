"""What a search is asked with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from weavclip.cli.questions import Asked, question
from weavclip.domain.errors import QueryError
from weavclip.domain.query import Query
from weavclip.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("content", "said"), [("some notes", "is a text, and no picture"), ("", "is empty")]
)
def test_a_file_without_a_picture_is_named(tmp_path: Path, content: str, said: str) -> None:
    notes = tmp_path / "notes.txt"
    notes.write_text(content)

    with pytest.raises(QueryError, match=said) as refused:
        question(Settings(data_dir=tmp_path), Asked(image=notes), shown=Query())

    assert str(notes) in str(refused.value)
    assert "give a picture's file" in refused.value.hint
