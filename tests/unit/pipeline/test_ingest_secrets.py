"""Secrets on their way into a journal: what is kept, what is said."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from tests.unit.pipeline.fakes import HintlessGate, text_offer
from weavclip.domain.clip import Offer
from weavclip.pipeline.ingest import Ingest, Verdict
from weavclip.pipeline.reading import Limits
from weavclip.privacy.inspector import ContentInspector
from weavclip.privacy.secrets import SecretFinder

if TYPE_CHECKING:
    from pathlib import Path

    from weavclip.journal.store import SqliteJournal

NOW = datetime.now(UTC)
TOKEN = "gh" + "p_" + "a1B2c3" * 6
REASON = "looks like a secret (GitHub token)"
PNG = b"\x89PNG\r\n\x1a\n rest"


@pytest.fixture(scope="module")
def finder() -> SecretFinder:
    return SecretFinder()


@pytest.fixture
def ingest(journal: SqliteJournal, finder: SecretFinder) -> Ingest:
    return Ingest(journal, HintlessGate(), inspector=ContentInspector(finder), limits=Limits())


def offer(**content: bytes) -> Offer:
    named = {"text": "text/plain", "html": "text/html", "png": "image/png"}
    found = {named[name]: value for name, value in content.items()}
    return Offer(types=tuple(found), representations=found, at=NOW)


SPLIT = f"<b>{TOKEN[:9]}</b><i>{TOKEN[9:]}</i>".encode()


@pytest.mark.parametrize(
    "copied",
    [
        text_offer(TOKEN),
        text_offer(f"https://a.test/?x={TOKEN.replace('_', '%5F')}"),
        offer(text=b"harmless", html=f"<a title='{TOKEN}'>harmless</a>".encode()),
        offer(html=SPLIT),
        offer(text=b"harmless", html=SPLIT),
        offer(png=PNG, html=f"<img src='https://a.test/?t={TOKEN}'>".encode()),
    ],
    ids=["text", "escaped link", "attribute", "split by tags", "split beside text", "picture"],
)
def test_a_secret_in_any_representation_keeps_the_whole_copy_out(
    ingest: Ingest, journal: SqliteJournal, copied: Offer, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        outcome = ingest.take(copied)

    assert (outcome.verdict, outcome.clip_id, outcome.reason) == (Verdict.SKIPPED, None, REASON)
    assert journal.count() == 0
    assert [record.getMessage() for record in caplog.records] == [f"skipped a copy: {REASON}"]


def test_a_text_without_a_secret_is_kept_unchanged(ingest: Ingest, journal: SqliteJournal) -> None:
    copied = offer(text="naïve ☃\r\n".encode(), html=b"<p class='x'>na\xc3\xafve &#9731;</p>")

    outcome = ingest.take(copied)

    assert outcome.clip_id is not None
    assert journal.representations(outcome.clip_id) == dict(copied.representations)


def test_a_secret_that_expires_is_stored_with_its_end_and_logged_without_its_length(
    journal: SqliteJournal, finder: SecretFinder, caplog: pytest.LogCaptureFixture
) -> None:
    inspector = ContentInspector(finder, keep_secrets_for=timedelta(minutes=10))
    ingest = Ingest(journal, HintlessGate(), inspector=inspector, limits=Limits())
    copied = text_offer(TOKEN)

    with caplog.at_level(logging.DEBUG):
        outcome = ingest.take(copied)

    assert outcome.clip_id is not None
    assert journal.get(outcome.clip_id).expires_at == copied.at + timedelta(minutes=10)
    assert REASON in caplog.text
    assert TOKEN not in caplog.text
    assert "bytes" not in caplog.text


def test_a_file_with_a_secret_is_skipped_unless_secrets_are_wanted(
    ingest: Ingest, journal: SqliteJournal, tmp_path: Path
) -> None:
    wanting = Ingest(journal, HintlessGate(), inspector=ContentInspector(None), limits=Limits())
    path = tmp_path / ".env"
    path.write_text(f"TOKEN={TOKEN}\n")

    assert ingest.take_file(path).reason == REASON
    assert wanting.take_file(path).verdict is Verdict.STORED
