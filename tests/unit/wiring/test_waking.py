from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.unit.journal.drafts import opened, picture_draft, text_draft
from weavclip.domain.seen import Seen
from weavclip.settings import Settings
from weavclip.wiring import parts

if TYPE_CHECKING:
    from pathlib import Path


class Waked:
    """Counts how often an engine would be started."""

    def __init__(self) -> None:
        self.times = 0

    def wake(self) -> None:
        self.times += 1


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Waked:
    found = Waked()
    monkeypatch.setattr(parts, "engine", lambda _: found)
    return found


def test_without_a_model_an_engine_is_started_for_a_picture_that_is_unread(
    engine: Waked, tmp_path: Path
) -> None:
    used = Settings(data_dir=tmp_path, ocr="on")
    with opened(tmp_path) as journal:
        journal.add(text_draft("words"))
        parts.wake_engine(used, journal)
        for_a_text = engine.times
        picture = journal.add(picture_draft(b"one")).id
        parts.wake_engine(used, journal)
        for_a_picture = engine.times
        journal.seen_in_picture(picture, Seen())
        parts.wake_engine(used)

    assert (for_a_text, for_a_picture, engine.times) == (0, 1, 1)


@pytest.mark.parametrize(("model", "times"), [("sample", 1), ("", 0)])
def test_where_no_words_are_read_only_a_model_is_worth_an_engine(
    engine: Waked, tmp_path: Path, model: str, times: int
) -> None:
    with opened(tmp_path) as journal:
        journal.add(picture_draft(b"one"))
        parts.wake_engine(Settings(data_dir=tmp_path, model=model, ocr="off"), journal)

    assert engine.times == times
