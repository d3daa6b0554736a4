from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from scripts.sample_model import drawings
from tests.unit.journal.drafts import MODEL, embedding, opened, picture_draft, text_draft
from tests.unit.pipeline.fakes import FirstByteDecoder
from weavclip.domain.query import Space
from weavclip.domain.vectors import Picture
from weavclip.journal.database import Database
from weavclip.pictures.decoding import greys
from weavclip.pipeline.comparing import COMPARE_AT_ONCE, PICTURES_AT_ONCE, Comparing

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from uuid import UUID

    from weavclip.domain.seen import Greys
    from weavclip.journal.store import SqliteJournal


class PillowDecoder(FirstByteDecoder):
    """Decodes thumbnails in this process."""

    def greys(self, encoded: bytes) -> Greys:
        return greys(encoded, max_pixels=10**6)


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[SqliteJournal]:
    with opened(tmp_path / "journal") as found:
        yield found


@pytest.fixture
def comparing(journal: SqliteJournal) -> Comparing:
    return Comparing(journal, PillowDecoder())


def drawn(name: str, *, side_px: int = 256) -> Image.Image:
    encoded = drawings.png(drawings.named(name), seed=1, side_px=256)
    return Image.open(io.BytesIO(encoded)).convert("RGB").resize((side_px, side_px))


def as_jpeg(found: Image.Image) -> bytes:
    out = io.BytesIO()
    found.save(out, "JPEG", quality=80)
    return out.getvalue()


def kept(journal: SqliteJournal, name: str, thumbnail: bytes) -> UUID:
    """A picture that is embedded."""
    clip = journal.add(picture_draft(name.encode())).id
    made = Picture(
        square=np.zeros((2, 2, 3), np.uint8),
        width_px=640,
        height_px=640,
        pixel_digest=name.encode().ljust(32),
        thumbnail=thumbnail,
    )
    journal.embedded(clip, MODEL, {Space.IMAGE: embedding(1)}, picture=made)
    return clip


def test_a_text_is_told_from_its_copy_with_other_white_space(
    journal: SqliteJournal, comparing: Comparing
) -> None:
    one, same, other = (
        journal.add(text_draft(text)).id for text in ("ls -l", " ls  -l\n", "ls -a")
    )

    step = comparing.step()

    assert step.done == 3
    assert journal.stand_ins([one, same, other]) == {one: one, same: one, other: other}
    assert not comparing.step()


def test_a_later_text_is_compared_with_those_that_were_there(
    journal: SqliteJournal, comparing: Comparing
) -> None:
    one = journal.add(text_draft("ls -l")).id
    comparing.step()
    same = journal.add(text_draft("ls -l\n")).id

    comparing.step()

    assert journal.stand_ins([same]) == {same: one}


def test_a_picture_is_told_from_its_copy_at_another_size(
    journal: SqliteJournal, comparing: Comparing
) -> None:
    one = kept(journal, "a", as_jpeg(drawn("a map")))
    other = kept(journal, "b", as_jpeg(drawn("a chat")))
    comparing.step()
    small = kept(journal, "c", as_jpeg(drawn("a map", side_px=190)))

    comparing.step()
    again = Comparing(journal, PillowDecoder())
    smaller = kept(journal, "d", as_jpeg(drawn("a map", side_px=180)))
    again.step()

    found = journal.stand_ins([one, other, small, smaller])
    assert found == {one: one, other: other, small: one, smaller: one}


def test_without_what_stood_for_them_the_others_find_each_other(
    journal: SqliteJournal, comparing: Comparing
) -> None:
    one, two, three = (
        kept(journal, name, as_jpeg(drawn("a map", side_px=side_px)))
        for name, side_px in (("a", 256), ("b", 240), ("c", 220))
    )
    comparing.step()

    journal.forget([one])
    comparing.step()

    assert journal.stand_ins([two, three]) == {two: two, three: two}


@pytest.mark.parametrize(
    "thumbnail", [b"no picture", as_jpeg(Image.new("RGB", (64, 64), "white"))]
)
def test_a_picture_that_shows_nothing_stands_for_itself(
    journal: SqliteJournal, comparing: Comparing, thumbnail: bytes
) -> None:
    clips = [kept(journal, name, thumbnail) for name in ("a", "b")]

    comparing.step()

    assert journal.stand_ins(clips) == {clip: clip for clip in clips}
    assert journal.count_uncompared() == 0


def test_nothing_is_written_where_nothing_is_to_be_compared(
    comparing: Comparing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(Database, "writing")  # on a full disk, or beside a long write

    assert not comparing.step()


def test_many_clips_are_compared_in_portions(journal: SqliteJournal, comparing: Comparing) -> None:
    for number in range(COMPARE_AT_ONCE + 1):
        journal.add(text_draft(f"text {number}"))

    steps = [comparing.step().done for _ in range(3)]

    assert steps == [COMPARE_AT_ONCE, 1, 0]


def test_pictures_are_compared_in_smaller_portions(
    journal: SqliteJournal, comparing: Comparing
) -> None:
    for number in range(PICTURES_AT_ONCE + 1):
        kept(journal, f"picture {number}", b"no picture")

    steps = [comparing.step().done for _ in range(3)]

    assert steps == [PICTURES_AT_ONCE, 1, 0]
