from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import numpy as np
import pytest

from tests.unit.journal.drafts import (
    MODEL,
    embedding,
    opened,
    picture,
    picture_draft,
    text_draft,
)
from weavclip.domain.query import Filter, Space

if TYPE_CHECKING:
    from pathlib import Path
    from uuid import UUID

    from weavclip.journal.store import SqliteJournal

SHORT = "Xylophon-Zitronenfalter"
LONG = "Quittenbaum "
IN_PICTURE = "Wolkenkuckucksheim"
SMALL = bytes(range(97, 123)) * 40
LARGE = np.random.default_rng(5).bytes(150_000)


def _everything(data_dir: Path) -> bytes:
    return b"\n".join(each.read_bytes() for each in data_dir.rglob("*") if each.is_file())


def _fill(journal: SqliteJournal) -> None:
    for number in range(300):
        journal.add(text_draft(f"ordinary words number {number} " * 9))


def _needles() -> dict[str, bytes]:
    vector = embedding(1, dim=64).tobytes()
    return {
        "text": SHORT.encode(),
        "half of the text": SHORT[3:12].encode(),
        "word as FTS5 keeps it": SHORT.lower()[:8].encode(),
        "second word": b"zitronenfalter",
        "long text": LONG.strip().encode(),
        "long text's word": LONG.strip().lower().encode(),
        "OCR text": IN_PICTURE.encode(),
        "OCR word": IN_PICTURE.lower().encode(),
        "small picture": SMALL[:60],
        "large picture": LARGE[70_000:70_060],
        "thumbnail": b"jpeg of secret",
        "vector": vector[:24],
        "application": b"Geheimdienst",
        "digest": hashlib.sha256(b"words " + SHORT.encode()).digest(),
    }


def _add_secrets(journal: SqliteJournal) -> list[UUID]:
    texts = [text_draft(SHORT, app="Geheimdienst"), text_draft(LONG * 20_000)]
    ids = [journal.add(each).id for each in texts]
    for number, content in enumerate((SMALL, LARGE)):
        ids.append(journal.add(picture_draft(content)).id)
        vectors = {Space.IMAGE: embedding(number, dim=64)}
        journal.embedded(ids[-1], MODEL, vectors, picture=picture(f"secret {number}"))
    journal.read_in_picture(ids[-1], f"{IN_PICTURE} one")
    journal.read_in_picture(ids[-1], f"{IN_PICTURE} two")
    return ids


def test_nothing_of_what_was_forgotten_is_on_the_disk_after_a_scrub(tmp_path: Path) -> None:
    with opened(tmp_path) as journal, opened(tmp_path) as another:
        _fill(journal)
        ids = _add_secrets(journal)
        journal.add(text_draft(SHORT))
        _fill(another)
        journal.index_words()
        before = _everything(tmp_path)
        assert [name for name, needle in _needles().items() if needle not in before] == []

        assert another.forget(ids) == len(ids)
        another.scrub()

        after = _everything(tmp_path)
        assert [name for name, needle in _needles().items() if needle in after] == []
        assert journal.count() == 300
        assert journal.match_words("ordinary", limit=1000, where=Filter())
        assert journal.containing("number 299", limit=9, where=Filter())


def test_a_blob_that_two_clips_need_stays_until_the_last_is_forgotten(tmp_path: Path) -> None:
    shared = bytes(100_000)
    with opened(tmp_path) as journal:
        drafts = [text_draft("one"), text_draft("two")]
        for draft in drafts:
            draft.representations["image/png"] = shared  # type: ignore[index]
        ids = [journal.add(draft).id for draft in drafts]
        blobs = tmp_path / "blobs"

        journal.forget(ids[:1])
        assert journal.representations(ids[1])["image/png"] == shared
        assert len([each for each in blobs.rglob("*") if each.is_file()]) == 1

        journal.forget(ids[1:])
        assert [each for each in blobs.rglob("*") if each.is_file()] == []


def test_a_merged_picture_leaves_no_blob(tmp_path: Path) -> None:
    with opened(tmp_path) as journal:
        kept, gone = (
            journal.add(picture_draft(bytes(100_000) + each)).id for each in (b"1", b"2")
        )
        batch = [(each, {Space.IMAGE: embedding(0)}, picture("same")) for each in (kept, gone)]

        journal.embedded_many(batch, MODEL)

        assert len([each for each in (tmp_path / "blobs").rglob("*") if each.is_file()]) == 1
        assert journal.representations(gone)["image/png"] == bytes(100_000) + b"1"


def test_files_that_a_crash_left_are_collected(tmp_path: Path) -> None:
    with opened(tmp_path) as journal:
        kept = journal.add(picture_draft(bytes(100_000))).id
        orphan = tmp_path / "blobs" / "ab" / ("ab" * 32)
        orphan.parent.mkdir(exist_ok=True)
        orphan.write_bytes(b"left by a crash")

        assert journal.collect() == 1

        assert not orphan.exists()
        assert journal.representations(kept)


def test_what_a_crash_left_in_a_vector_file_is_blanked(tmp_path: Path) -> None:
    with opened(tmp_path) as journal:
        clip_id = journal.add(text_draft("text")).id
        journal.embedded(clip_id, MODEL, {Space.TEXT: embedding(0)})
        path = tmp_path / "vectors" / "1-ViT-B-32" / "text.f32"
        with path.open("ab") as file:
            file.write(embedding(1).tobytes())

        journal.scrub()

        assert path.read_bytes() == embedding(0).tobytes()


def test_a_text_left_in_a_torn_picture_is_written_anew(tmp_path: Path) -> None:
    content = bytes(100_000)
    name = hashlib.sha256(content).hexdigest()
    with opened(tmp_path) as journal:
        torn = tmp_path / "blobs" / name[:2] / name
        torn.parent.mkdir(parents=True)
        torn.write_bytes(content[:500])

        added = journal.add(picture_draft(content))

        assert journal.representations(added.id)["image/png"] == content


def test_a_blob_that_somebody_deleted_is_an_error_in_our_words(tmp_path: Path) -> None:
    from weavclip.domain.errors import JournalError

    with opened(tmp_path) as journal:
        clip_id = journal.add(picture_draft(bytes(100_000))).id
        next(each for each in (tmp_path / "blobs").rglob("*") if each.is_file()).unlink()

        with pytest.raises(JournalError, match="No such file"):
            journal.representations(clip_id)
