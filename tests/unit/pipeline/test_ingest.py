from __future__ import annotations

import logging
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from tests.unit.pipeline.fakes import HintlessGate, text_offer
from weavclip.domain.clip import Kind, Offer, Ruling, new_id
from weavclip.pipeline.ingest import Ingest, Verdict, sniff
from weavclip.pipeline.reading import Limits

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from weavclip.domain.clip import Draft
    from weavclip.journal.store import SqliteJournal

NOW = datetime.now(UTC)
PNG = b"\x89PNG\r\n\x1a\n rest"
PICTURE = Offer(types=("image/png",), representations={"image/png": PNG}, at=NOW)


def test_a_copy_is_stored_and_its_repeat_is_counted(
    ingest: Ingest, journal: SqliteJournal
) -> None:
    first = ingest.take(text_offer("two peaks"))
    second = ingest.take(text_offer(" two peaks\r\n"))

    assert (first.verdict, second.verdict) == (Verdict.STORED, Verdict.COUNTED)
    assert first.clip_id == second.clip_id
    assert first.clip_id is not None
    assert journal.get(first.clip_id).copies == 2


def test_what_lay_on_the_clipboard_and_was_kept_last_is_not_counted_again(
    ingest: Ingest, journal: SqliteJournal
) -> None:
    first = ingest.take(text_offer("two peaks"))
    again = ingest.take(replace(text_offer("two peaks"), on_start=True))
    other = ingest.take(replace(text_offer("three peaks"), on_start=True))

    assert first.clip_id is not None
    assert (again.verdict, other.verdict) == (Verdict.KNOWN, Verdict.STORED)
    assert journal.get(first.clip_id).copies == 1


@pytest.mark.parametrize(
    ("offer", "reason"),
    [
        (Offer(types=("secret",), at=NOW), "it is a secret"),
        (Offer(types=("text/plain",), at=NOW, own_id=new_id()), "our own copy"),
        (Offer(types=(), at=NOW), "nothing in it"),
        (Offer(types=("image/png",), at=NOW, problems=("image/png: no answer",)), "no answer"),
        (text_offer("x" * 1001), "1001 bytes is over max_text_bytes=1000"),
    ],
)
def test_what_is_not_kept_has_a_reason_in_the_log(
    ingest: Ingest,
    journal: SqliteJournal,
    caplog: pytest.LogCaptureFixture,
    offer: Offer,
    reason: str,
) -> None:
    with caplog.at_level(logging.INFO):
        outcome = ingest.take(offer)

    assert outcome.verdict is Verdict.SKIPPED
    assert reason in outcome.reason
    assert outcome.reason in caplog.text
    assert journal.count() == 0


def test_no_content_reaches_the_log(ingest: Ingest, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        ingest.take(text_offer("unspeakable"))
        ingest.take(text_offer("unspeakable " * 200))

    assert "unspeakable" not in caplog.text


def test_a_file_is_kept_by_its_content(
    ingest: Ingest, journal: SqliteJournal, tmp_path: Path
) -> None:
    path = tmp_path / "page.html"
    path.write_text("<p>two peaks</p>")

    outcome = ingest.take_file(path)

    assert outcome.clip_id is not None
    assert journal.get(outcome.clip_id).kind is Kind.HTML


@pytest.mark.parametrize("name", ["absent.txt", "folder"])
def test_a_file_that_cannot_be_read_is_skipped_with_its_reason(
    ingest: Ingest, tmp_path: Path, name: str
) -> None:
    (tmp_path / "folder").mkdir()

    outcome = ingest.take_file(tmp_path / name)

    assert outcome.verdict is Verdict.SKIPPED
    assert "cannot be read" in outcome.reason


@pytest.mark.parametrize(
    ("content", "name", "mime_type"),
    [
        (PNG, "a.txt", "image/png"),
        (b"\xff\xd8\xff\xe0", "a", "image/jpeg"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "a", "image/webp"),
        (b"plain", "a.png", "text/plain"),
        (b"<p>x</p>", "a.html", "text/html"),
        (b"\xff\xfe\x00binary", "a.txt", None),
        (b"nul\0inside", "a.txt", None),
    ],
)
def test_content_decides_what_a_file_is(content: bytes, name: str, mime_type: str | None) -> None:
    assert sniff(content, name=name) == mime_type


def labelling(journal: SqliteJournal, *, expires_at: datetime | None = None) -> Ingest:
    """One that calls every text by its length."""

    class Rules:
        def ruling(self, draft: Draft, texts: Iterable[str]) -> Ruling:
            del draft, texts
            return Ruling(expires_at=expires_at)

    return Ingest(
        journal,
        HintlessGate(),
        inspector=Rules(),
        limits=Limits(),
        labels_of=lambda text, kind: (f"{kind} of {1000 // len(text)}",),
    )


def test_a_text_has_its_labels_with_its_first_copy(journal: SqliteJournal) -> None:
    ingest = labelling(journal)

    text, picture = (ingest.take(each).clip_id for each in (text_offer("x" * 10), PICTURE))

    assert text is not None
    assert picture is not None
    assert journal.get(text).labels == ("text of 100",)
    assert journal.get(picture).labels == ()


def test_nothing_is_said_of_a_text_that_is_to_be_forgotten(journal: SqliteJournal) -> None:
    ingest = labelling(journal, expires_at=NOW + timedelta(hours=1))

    found = ingest.take(text_offer("x" * 10)).clip_id

    assert found is not None
    assert journal.get(found).labels == ()


def test_a_copy_is_kept_although_its_labels_fail(
    journal: SqliteJournal, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(text: str, _: Kind) -> list[str]:
        raise ValueError(text)

    ingest = labelling(journal)
    ingest._labels_of = broken

    outcome = ingest.take(text_offer("two peaks"))

    assert outcome.verdict is Verdict.STORED
    assert "ValueError" in caplog.text
    assert "peaks" not in caplog.text
