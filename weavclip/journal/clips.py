"""Keeping copies, and saying what was kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from weavclip.domain.clip import Added, Draft, new_id
from weavclip.domain.query import Filter
from weavclip.journal.base import JournalBase
from weavclip.journal.digests import blob_name, digest_of
from weavclip.journal.filters import condition
from weavclip.journal.rows import (
    CLIP_COLUMNS,
    batches,
    changed,
    clip_of,
    labels_text,
    microseconds,
    seq_of,
    unknown,
)

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Sequence

    from weavclip.domain.clip import Clip

INLINE_BYTES = 64 * 1024
"""Larger representations are files.

A row is quicker at any size (64 KiB: 5 ms against 16 ms as a file, 300 KiB: 7 against 23, one sync
instead of three), but is written twice and makes the database large for backup and VACUUM.
"""

_PAGE = 256


class ClipTable(JournalBase):
    """Clips and their content."""

    def add(self, draft: Draft) -> Added:
        """Keep a copy, or count it when an equal clip is there.

        Its blobs are on disk, file and folder, before the row is committed.

        Raises:
            DiskReserveError: If free space would fall under the reserve.
            JournalError: If it cannot be written.
        """
        size_bytes = sum(map(len, draft.representations.values())) + len(draft.text)
        self._require_space(size_bytes)
        digest = digest_of(draft)
        with self._db.writing() as connection:
            found = connection.execute(
                "SELECT seq, id FROM digests JOIN clips USING (seq) WHERE digest = ?", (digest,)
            ).fetchone()
            if found is not None:
                self._count_again(connection, found[0], draft, digest)
                return Added(UUID(bytes=found[1]), is_new=False)
            return Added(self._insert(connection, draft, digest), is_new=True)

    def _insert(self, connection: sqlite3.Connection, draft: Draft, digest: bytes) -> UUID:
        clip_id = new_id()
        seq = _insert_clip(connection, clip_id, draft, device=draft.device or self._device)
        connection.execute("INSERT INTO digests VALUES (?, ?)", (digest, seq))
        if draft.text:
            connection.execute("INSERT INTO words (seq, text) VALUES (?, ?)", (seq, draft.text))
        connection.execute("INSERT INTO stages (seq, model) SELECT ?, model FROM models", (seq,))
        self._insert_content(connection, seq, draft, digest, words=draft.text.encode())
        return clip_id

    def _insert_content(
        self,
        connection: sqlite3.Connection,
        seq: int,
        draft: Draft,
        digest: bytes,
        *,
        words: bytes,
        kept: frozenset[str] = frozenset(),
    ) -> None:
        for mime_type, content in draft.representations.items():
            if mime_type in kept:
                continue
            inline: bytes | None = content
            blob: str | None = None
            if content == words:
                inline = None
            elif len(content) > INLINE_BYTES:
                inline, blob = None, blob_name(content, draft, digest)
                self._keep_blob(connection, blob, content)
            connection.execute(
                "INSERT INTO representations VALUES (?, ?, ?, ?)", (seq, mime_type, inline, blob)
            )

    def _keep_blob(self, connection: sqlite3.Connection, name: str, content: bytes) -> None:
        known = "SELECT 1 FROM representations WHERE blob = ? LIMIT 1"
        if connection.execute(known, (name,)).fetchone() is None:
            self._blobs.write(name, content)

    def _count_again(
        self, connection: sqlite3.Connection, seq: int, draft: Draft, digest: bytes
    ) -> None:
        connection.execute(
            "UPDATE clips SET copies = copies + 1, last_us = max(last_us, ?) WHERE seq = ?",
            (microseconds(draft.at), seq),
        )
        changed(connection, seq)
        rows = connection.execute("SELECT mime_type FROM representations WHERE seq = ?", (seq,))
        kept = frozenset(mime_type for (mime_type,) in rows)
        (words,) = connection.execute(
            "SELECT coalesce((SELECT text FROM words WHERE seq = ?), '')", (seq,)
        ).fetchone()
        self._insert_content(connection, seq, draft, digest, words=words.encode(), kept=kept)

    def get(self, clip_id: UUID) -> Clip:
        """The clip with this id, or the one it was merged into.

        Raises:
            UnknownClipError: If there is none.
        """
        found = self.get_many([clip_id])
        if not found:
            raise unknown(clip_id)
        return found[clip_id]

    def get_many(self, clip_ids: Sequence[UUID]) -> dict[UUID, Clip]:
        """Those that exist, by the id that was asked for; merged ids lead to their clip."""
        found = {}
        with self._db.reading() as connection:
            for places, values in batches(clip_ids):
                wanted = (
                    f"SELECT {CLIP_COLUMNS}, names.id FROM names JOIN clips USING (seq)"  # noqa: S608
                    f" WHERE names.id IN ({places})"
                )
                for row in connection.execute(wanted, values):
                    found[UUID(bytes=row[-1])] = clip_of(row)
        return found

    def clips(
        self, *, where: Filter, limit: int | None = None, before: UUID | None = None
    ) -> Iterator[Clip]:
        """Clips that pass, the last copied first; ``before`` goes on after that clip.

        They are read page by page, so that a slow reader holds up nobody. A clip that is copied
        while they are read may be missed.
        """
        after_row = self._place_of(before) if before is not None else None
        left = limit
        while left is None or left > 0:
            page = self._page(where, _PAGE if left is None else min(left, _PAGE), after_row)
            for row in page:
                yield clip_of(row)
            if len(page) < _PAGE:
                return
            after_row = (page[-1][5], page[-1][0])
            left = left if left is None else left - len(page)

    def _place_of(self, clip_id: UUID) -> tuple[int, bytes]:
        with self._db.reading() as connection:
            seq = seq_of(connection, clip_id)
            wanted = "SELECT last_us, id FROM clips WHERE seq = ?"
            found: tuple[int, bytes] = connection.execute(wanted, (seq,)).fetchone()
        return found

    def _page(
        self, where: Filter, size: int, after_row: tuple[int, bytes] | None
    ) -> list[tuple[Any, ...]]:
        text, values = condition(where)
        if after_row is not None:
            text, values = f"{text} AND (last_us, id) < (?, ?)", [*values, *after_row]
        wanted = (
            f"SELECT {CLIP_COLUMNS} FROM clips WHERE {text}"  # noqa: S608 - condition() has no input
            " ORDER BY last_us DESC, id DESC LIMIT ?"
        )
        with self._db.reading() as connection:
            return connection.execute(wanted, (*values, size)).fetchall()

    def count(self, where: Filter | None = None) -> int:
        """How many clips pass."""
        text, values = condition(where or Filter())
        with self._db.reading() as connection:
            wanted = f"SELECT count(*) FROM clips WHERE {text}"  # noqa: S608 - as above
            (found,) = connection.execute(wanted, values).fetchone()
        return int(found)

    def representations(self, clip_id: UUID) -> dict[str, bytes]:
        """All that was kept of a clip, bytes by MIME type, exactly as they came."""
        with self._db.reading() as connection:
            rows = connection.execute(
                "SELECT mime_type, content, blob, coalesce(text, '')"
                " FROM representations LEFT JOIN words USING (seq)"
                " WHERE seq = ? ORDER BY representations.rowid",
                (seq_of(connection, clip_id),),
            ).fetchall()
            return {row[0]: self._content(*row[1:]) for row in rows}

    def _content(self, content: bytes | None, blob: str | None, words: str) -> bytes:
        if content is not None:
            return content
        return words.encode() if blob is None else self._blobs.read(blob)

    def text(self, clip_id: UUID) -> str:
        """The words that can be searched; empty for pictures."""
        return self._words(clip_id, "text")

    def ocr_text(self, clip_id: UUID) -> str:
        """The words found in the picture; empty when there are none."""
        return self._words(clip_id, "ocr_text")

    def _words(self, clip_id: UUID, column: str) -> str:
        with self._db.reading() as connection:
            seq = seq_of(connection, clip_id)
            wanted = f"SELECT {column} FROM words WHERE seq = ?"  # noqa: S608 - one of two columns
            found = connection.execute(wanted, (seq,)).fetchone()
        return found[0] if found else ""

    def thumbnail(self, clip_id: UUID) -> bytes | None:
        """A small JPEG of a picture, once it was embedded."""
        with self._db.reading() as connection:
            seq = seq_of(connection, clip_id)
            found = connection.execute(
                "SELECT jpeg FROM thumbnails WHERE seq = ?", (seq,)
            ).fetchone()
        return found[0] if found else None

    def pin(self, clip_id: UUID, *, pinned: bool) -> None:
        """Pin or unpin."""
        self._update(clip_id, "UPDATE clips SET pinned = ? WHERE seq = ?", pinned)

    def label(self, clip_id: UUID, labels: Sequence[str]) -> None:
        """Replace a clip's labels."""
        text = labels_text(labels)
        self._update(clip_id, "UPDATE clips SET labels = ? WHERE seq = ?", text)

    def read_in_picture(self, clip_id: UUID, ocr_text: str) -> None:
        """Store the words that were found in a picture, instead of those before."""
        wanted = (
            "INSERT INTO words (ocr_text, seq) VALUES (?, ?)"
            " ON CONFLICT (seq) DO UPDATE SET ocr_text = excluded.ocr_text"
        )
        self._update(clip_id, wanted, ocr_text)

    def _update(self, clip_id: UUID, statement: str, value: object) -> None:
        with self._db.writing() as connection:
            seq = seq_of(connection, clip_id)
            connection.execute(statement, (value, seq))
            changed(connection, seq)


def _insert_clip(
    connection: sqlite3.Connection, clip_id: UUID, draft: Draft, *, device: str
) -> int:
    at = microseconds(draft.at)
    size_bytes = len(draft.representations[draft.mime_type])
    inserted = connection.execute(
        "INSERT INTO clips (id, tail, kind, mime_type, preview, captured_us, last_us, source_app,"
        " app_folded, device, width_px, height_px, size_bytes)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            clip_id.bytes,
            clip_id.hex[::-1],
            str(draft.kind),
            draft.mime_type,
            draft.preview,
            at,
            at,
            draft.source_app,
            draft.source_app.casefold(),
            device,
            draft.width_px,
            draft.height_px,
            size_bytes,
        ),
    )
    assert inserted.lastrowid is not None
    return inserted.lastrowid
