from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from tests.unit.journal.drafts import AT, expiring_draft, opened, picture_draft, text_draft
from weavclip.domain.clip import Draft, Kind
from weavclip.domain.query import Filter

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from weavclip.journal.store import SqliteJournal

LARGE = 100_000


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[SqliteJournal]:
    with opened(tmp_path) as found:
        yield found


def html_draft(words: str, markup: bytes) -> Draft:
    return Draft(
        kind=Kind.HTML,
        mime_type="text/html",
        representations={"text/html": markup, "text/plain": words.encode()},
        text=words,
        digest_source=words.encode(),
        at=AT,
    )


def test_a_text_is_found_wherever_it_may_be(journal: SqliteJournal) -> None:
    in_text = journal.add(text_draft("one NEEDLE in hay")).id
    in_name = journal.add(text_draft("/home/needle.txt", kind=Kind.FILES)).id
    in_link = journal.add(text_draft("https://a.example/?needle=1", kind=Kind.LINK)).id
    in_markup = journal.add(html_draft("a link", b"<a href='?Needle'>a link</a>")).id
    in_blob = journal.add(html_draft("long", b" " * LARGE + b"needle")).id
    in_picture = journal.add(picture_draft(b"pixels")).id
    journal.read_in_picture(in_picture, "seen: Needle")
    expiring = journal.add(expiring_draft("a needle for a while")).id
    journal.add(text_draft("hay"))

    found = journal.selected(Filter(), matching="needle")

    wanted = {in_text, in_name, in_link, in_markup, in_blob, in_picture, expiring}
    assert set(found) == wanted
    assert len(found) == len(wanted)


def test_letter_case_does_not_count_in_any_script(journal: SqliteJournal) -> None:
    clip_id = journal.add(text_draft("STRASSE und Größe ΣΊΣΥΦΟΣ")).id

    for typed in ("straße", "GRÖSSE", "σίσυφος"):
        assert journal.selected(Filter(), matching=typed) == [clip_id]


def test_conditions_are_combined_and_the_last_copied_come_first(journal: SqliteJournal) -> None:
    ids = [
        journal.add(text_draft(f"pear {n}", at=AT + timedelta(hours=n), app="Slack")).id
        for n in range(5)
    ]
    journal.add(text_draft("pear of another", at=AT + timedelta(hours=9)))
    of_slack = Filter(apps=frozenset({"slack"}))

    assert journal.selected(of_slack, last=2) == [ids[4], ids[3]]
    assert journal.selected(of_slack, matching="pear 1") == [ids[1]]
    assert journal.selected(of_slack, among=ids[:3], last=1) == [ids[2]]
    assert journal.selected(Filter(), among=[]) == []
    before = AT + timedelta(hours=2)
    assert journal.selected(Filter(), copied_before=before) == [ids[1], ids[0]]


def test_what_was_copied_again_since_was_not_last_copied_before(journal: SqliteJournal) -> None:
    draft = text_draft("in use")
    journal.add(draft)
    journal.add(replace(draft, at=datetime.now(UTC)))

    assert journal.selected(Filter(before=AT + timedelta(days=1))) != []
    assert journal.selected(Filter(), copied_before=AT + timedelta(days=1)) == []
