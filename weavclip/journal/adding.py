"""Keeping copies."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from uuid import UUID

from weavclip.domain.clip import Added, Draft, Kind, new_id
from weavclip.journal.base import JournalBase
from weavclip.journal.digests import blob_name, digest_of
from weavclip.journal.expiring_files import held_of
from weavclip.journal.rows import changed, labels_text, microseconds, seq_of

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Collection

    from weavclip.journal.expiring_files import Held

INLINE_BYTES = 64 * 1024
"""Larger representations are files.

A row is quicker at any size (64 KiB: 5 ms against 16 ms as a file, 300 KiB: 7 against 23, one sync
instead of three), but is written twice and makes the database large for backup and VACUUM.
"""

FORGOT_THE_LAST = "forgot_the_last"
"""Of ``meta``: what was copied last was forgotten, and may be on the clipboard still.

Nothing is kept of a forgotten clip to know it by. So nothing that lies on the clipboard when
watching begins is kept, until the next copy.
"""

LAST = "SELECT seq, id, expires_us FROM clips ORDER BY last_us DESC, id DESC LIMIT 1"
"""An SQL query for the clip that was copied last."""


class Adding(JournalBase):
    """Makes clips of drafts, and counts those that are known.

    A copy that is kept for good makes a clip permanent that was to expire: alone it would have
    been kept, too. A copy that is to expire shortens no clip's life: an expiring one's it
    prolongs, one that was kept for good stays.
    """

    _tell_of_expiring: Callable[[], None] = staticmethod(lambda: None)

    def add(self, draft: Draft) -> Added:
        """Keep a copy, or count it when an equal clip is there.

        Its files are on disk, with their folder, before the row is committed.

        Raises:
            DiskReserveError: If free space would fall under the reserve.
            JournalError: If it cannot be written.
        """
        size_bytes = sum(map(len, draft.representations.values())) + len(draft.text)
        self._require_space(size_bytes)
        digest = digest_of(draft)
        with self._db.writing() as connection:
            connection.execute("DELETE FROM meta WHERE key = ?", (FORGOT_THE_LAST,))
            added = self._add(connection, draft, digest)
        if draft.expires_at is not None:
            self._tell_of_expiring()
        return added

    def _add(self, connection: sqlite3.Connection, draft: Draft, digest: bytes) -> Added:
        known = _known(connection, digest)
        if known is not None:
            self._count_again(connection, known[0], draft, digest)
            return Added(known[1], is_new=False)
        expiring = self._expiring_equal_to(connection, digest)
        if expiring is None:
            return Added(self._insert(connection, draft, digest), is_new=True)
        if draft.expires_at is None:
            self._make_permanent(connection, *expiring)
            self._count_again(connection, expiring[0], draft, digest)
        else:
            _count(connection, expiring[0], draft)
            _prolong(connection, expiring[0], draft.expires_at)
        return Added(expiring[1], is_new=False)

    def stands_last(self, draft: Draft) -> bool:
        """Whether ``draft`` is what was copied last, or may be what was forgotten then.

        So that what is on the clipboard when watching begins is not counted once more.
        """
        digest = digest_of(draft)
        with self._db.reading() as connection:
            forgot = "SELECT 1 FROM meta WHERE key = ?"
            if connection.execute(forgot, (FORGOT_THE_LAST,)).fetchone():
                return True
            last = connection.execute(LAST).fetchone()
            if last is None or last[2] is None:
                known = _known(connection, digest)
                return known is not None and known[0] == last[0]
        try:
            return self._expiring.read(UUID(bytes=last[1])).digest == digest
        except FileNotFoundError:  # swept meanwhile
            return False

    def when_expiring(self, tell: Callable[[], None]) -> None:
        """Have ``tell`` called, from any thread, when this object kept an expiring clip."""
        self._tell_of_expiring = tell

    def _insert(
        self,
        connection: sqlite3.Connection,
        draft: Draft,
        digest: bytes,
        *,
        clip_id: UUID | None = None,
    ) -> UUID:
        clip_id = clip_id or new_id()
        seq = _insert_clip(connection, clip_id, draft, device=draft.device or self._device)
        held = held_of(draft, digest)
        if draft.expires_at is None:
            self._keep(connection, seq, held)
        else:
            self._expiring.write(clip_id, held)
        return clip_id

    def _keep(self, connection: sqlite3.Connection, seq: int, held: Held) -> None:
        """Put what a clip holds into the database, where it stays, and have it taken on."""
        connection.execute("INSERT INTO digests VALUES (?, ?)", (held.digest, seq))
        if held.text:
            connection.execute("INSERT INTO words (seq, text) VALUES (?, ?)", (seq, held.text))
        steps = "INSERT INTO stages (seq, model) SELECT ?, model FROM models WHERE has_steps"
        connection.execute(steps, (seq,))
        to_read = "INSERT INTO readings (seq) SELECT seq FROM clips WHERE seq = ? AND kind = ?"
        connection.execute(to_read, (seq, Kind.IMAGE))
        # A picture is compared by its thumbnail, which comes with the embedding.
        to_compare = "INSERT INTO alike (seq) SELECT seq FROM clips WHERE seq = ? AND kind != ?"
        connection.execute(to_compare, (seq, Kind.IMAGE))
        self._insert_content(connection, seq, held)

    def _insert_content(
        self,
        connection: sqlite3.Connection,
        seq: int,
        held: Held,
        *,
        kept: Collection[str] = frozenset(),
    ) -> int:
        """Insert the types that are not kept yet; how many bytes they have."""
        words = held.text.encode()
        size_bytes = 0
        for mime_type, content in held.representations.items():
            if mime_type in kept:
                continue
            inline: bytes | None = content
            blob: str | None = None
            if content == words:
                inline = None
            elif len(content) > INLINE_BYTES:
                is_source = mime_type == held.source
                inline, blob = None, blob_name(content, digest=held.digest, is_source=is_source)
                self._keep_blob(connection, blob, content)
            connection.execute(
                "INSERT INTO representations VALUES (?, ?, ?, ?)", (seq, mime_type, inline, blob)
            )
            size_bytes += len(content)
        return size_bytes

    def _keep_blob(self, connection: sqlite3.Connection, name: str, content: bytes) -> None:
        known = "SELECT 1 FROM representations WHERE blob = ? LIMIT 1"
        if connection.execute(known, (name,)).fetchone() is None:
            self._blobs.write(name, content)

    def _count_again(
        self, connection: sqlite3.Connection, seq: int, draft: Draft, digest: bytes
    ) -> None:
        _count(connection, seq, draft)
        changed(connection, seq)
        self._insert_missing(connection, seq, draft, digest)

    def _insert_missing(
        self, connection: sqlite3.Connection, seq: int, draft: Draft, digest: bytes
    ) -> None:
        """Keep the types that an equal copy brings and the clip does not have yet."""
        rows = connection.execute("SELECT mime_type FROM representations WHERE seq = ?", (seq,))
        kept = frozenset(mime_type for (mime_type,) in rows)
        (words,) = connection.execute(
            "SELECT coalesce((SELECT text FROM words WHERE seq = ?), '')", (seq,)
        ).fetchone()
        more = replace(held_of(draft, digest), text=words)
        size_bytes = self._insert_content(connection, seq, more, kept=kept)
        if size_bytes:
            connection.execute(
                "UPDATE clips SET kept_bytes = kept_bytes + ? WHERE seq = ?", (size_bytes, seq)
            )

    def _expiring_equal_to(
        self, connection: sqlite3.Connection, digest: bytes
    ) -> tuple[int, UUID] | None:
        """The expiring clip of this digest; they are in the files, of which mostly is none."""
        found = connection.execute(
            "SELECT seq, id FROM clips WHERE expires_us > ?", (microseconds(datetime.now(UTC)),)
        ).fetchall()
        rows = ((seq, UUID(bytes=raw)) for seq, raw in found)
        return next((row for row in rows if self._expiring.read(row[1]).digest == digest), None)

    def _make_permanent(self, connection: sqlite3.Connection, seq: int, clip_id: UUID) -> None:
        # The file stays until the next sweep at the latest: a commit that fails must find it.
        held = self._expiring.read(clip_id)
        connection.execute(
            "UPDATE clips SET expires_us = NULL, preview = ? WHERE seq = ?", (held.preview, seq)
        )
        self._keep(connection, seq, held)

    def pin(self, clip_id: UUID, *, pinned: bool) -> None:
        """Pin or unpin; a clip that was to expire stays from its first pin on."""
        with self._db.writing() as connection:
            seq = seq_of(connection, clip_id)
            expiring = "SELECT id FROM clips WHERE seq = ? AND ? AND expires_us > 0"
            found = connection.execute(expiring, (seq, pinned)).fetchone()
            if found:
                self._make_permanent(connection, seq, UUID(bytes=found[0]))
            connection.execute("UPDATE clips SET pinned = ? WHERE seq = ?", (pinned, seq))
            changed(connection, seq)
        if found:
            self._remove_unused_expiring()


def _known(connection: sqlite3.Connection, digest: bytes) -> tuple[int, UUID] | None:
    found = connection.execute(
        "SELECT seq, id FROM digests JOIN clips USING (seq) WHERE digest = ?", (digest,)
    ).fetchone()
    return None if found is None else (found[0], UUID(bytes=found[1]))


def _count(connection: sqlite3.Connection, seq: int, draft: Draft) -> None:
    connection.execute(
        "UPDATE clips SET copies = copies + 1, last_us = max(last_us, ?) WHERE seq = ?",
        (microseconds(draft.at), seq),
    )


def _prolong(connection: sqlite3.Connection, seq: int, until: datetime) -> None:
    connection.execute(
        "UPDATE clips SET expires_us = max(expires_us, ?) WHERE seq = ?",
        (microseconds(until), seq),
    )


def _insert_clip(
    connection: sqlite3.Connection, clip_id: UUID, draft: Draft, *, device: str
) -> int:
    """Insert what is known of a clip; of an expiring one not a word of what it holds."""
    at = microseconds(draft.at)
    expires = draft.expires_at is not None
    inserted = connection.execute(
        "INSERT INTO clips (id, tail, kind, mime_type, preview, captured_us, last_us, source_app,"
        " app_folded, device, width_px, height_px, size_bytes, labels, expires_us, kept_bytes)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            clip_id.bytes,
            clip_id.hex[::-1],
            str(draft.kind),
            draft.mime_type,
            "" if expires else draft.preview,
            at,
            at,
            draft.source_app,
            draft.source_app.casefold(),
            device,
            draft.width_px,
            draft.height_px,
            len(draft.representations[draft.mime_type]),
            labels_text(() if expires else draft.labels),
            microseconds(draft.expires_at) if draft.expires_at else None,
            sum(map(len, draft.representations.values())),
        ),
    )
    assert inserted.lastrowid is not None
    return inserted.lastrowid
