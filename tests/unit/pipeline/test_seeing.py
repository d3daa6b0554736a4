from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from tests.unit.journal.drafts import picture_draft
from tests.unit.pipeline.fakes import FirstByteDecoder
from weavclip.domain.errors import NoModelError, PictureError
from weavclip.domain.seen import Box, Pixels, Seen, SeenLine
from weavclip.pipeline.seeing import MOST_TRIES, PictureReading

if TYPE_CHECKING:
    from collections.abc import Callable

    from weavclip.journal.store import SqliteJournal


@dataclass
class ByteReader:
    """A picture's words are its first byte as a letter; it can fail."""

    error: Exception | None = None
    read_in_all: int = 0
    closed: int = 0
    seen: list[str] = field(default_factory=list)

    def read(self, pixels: Pixels) -> Seen:
        self.read_in_all += 1
        if self.error:
            raise self.error
        return Seen((SeenLine((chr(pixels.rgb[0]),), (Box(0, 0, 1, 1),)),))

    def close(self) -> None:
        self.closed += 1


@pytest.fixture
def reader() -> ByteReader:
    return ByteReader()


@pytest.fixture
def make(journal: SqliteJournal, reader: ByteReader) -> Callable[..., PictureReading]:
    def made(harmless: Callable[[Seen], Seen] = lambda seen: seen) -> PictureReading:
        return PictureReading(journal, FirstByteDecoder(), reader, harmless=harmless)

    return made


def test_pictures_are_read_one_by_one_and_the_memory_is_given_back(
    journal: SqliteJournal, reader: ByteReader, make: Callable[..., PictureReading]
) -> None:
    first, second = (journal.add(picture_draft(each)).id for each in (b"a", b"b"))
    reading = make()

    done = [reading.step().done, reading.step().done]
    before = reader.closed

    assert (done, before) == ([1, 1], 0)
    assert not reading.step()
    assert reader.closed == 1
    assert (journal.ocr_text(first), journal.ocr_text(second)) == ("a", "b")


def test_what_may_not_be_kept_is_not(
    journal: SqliteJournal, make: Callable[..., PictureReading]
) -> None:
    picture = journal.add(picture_draft(b"a")).id

    make(lambda _: Seen()).step()

    assert journal.ocr_text(picture) == ""
    assert journal.count_unread() == 0


def test_a_damaged_picture_fails_alone(
    journal: SqliteJournal, make: Callable[..., PictureReading]
) -> None:
    broken, good = (journal.add(picture_draft(each)).id for each in (b"a!", b"b"))
    reading = make()

    steps = [reading.step(), reading.step()]

    assert [(step.done, step.failed) for step in steps] == [(0, 1), (1, 0)]
    assert journal.ocr_text(good) == "b"
    assert [(clip.id, why) for clip, why in journal.reading_failures()] == [
        (broken, "it is damaged")
    ]


def test_a_picture_that_fails_again_and_again_is_left_alone(
    journal: SqliteJournal, reader: ByteReader, make: Callable[..., PictureReading]
) -> None:
    picture = journal.add(picture_draft(b"a")).id
    reader.error = PictureError("it took too long")
    for _ in range(MOST_TRIES - 1):
        journal.unreadable(picture, "it took too long", retry_at=journal.get(picture).captured_at)

    make().step()

    assert journal.count_unread() == 0
    assert journal.reading_tries(picture) == MOST_TRIES


def test_without_the_library_nothing_fails_and_nobody_asks_twice(
    journal: SqliteJournal, reader: ByteReader, make: Callable[..., PictureReading]
) -> None:
    journal.add(picture_draft(b"a"))
    reader.error = NoModelError("rapidocr is not installed")
    reading = make()

    steps = [reading.step(), reading.step()]

    assert not any(steps)
    assert reader.read_in_all == 1
    assert journal.reading_failures() == []
    assert journal.count_unread() == 1


def test_a_picture_that_is_cut_short_is_no_failure(
    monkeypatch: pytest.MonkeyPatch,
    journal: SqliteJournal,
    reader: ByteReader,
    make: Callable[..., PictureReading],
) -> None:
    journal.add(picture_draft(b"a"))
    reading = make()

    class KilledError(PictureError):
        def __init__(self) -> None:
            reading.close()
            super().__init__("it was killed")

    def read(_: Pixels) -> Seen:
        raise KilledError

    monkeypatch.setattr(reader, "read", read)

    assert not reading.step()
    assert journal.reading_failures() == []
    assert journal.count_unread() == 1
