"""Taking clips in as they were handed out: by an export, or another journal."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING
from uuid import UUID

from weavclip.domain.clip import Draft, Kind
from weavclip.domain.equality import identity_of
from weavclip.domain.query import Space
from weavclip.journal.digests import digest_of
from weavclip.journal.handing_out import FLOAT32, HandingOut
from weavclip.journal.labels import add_corrections
from weavclip.journal.models import model_of
from weavclip.journal.rows import (
    changed,
    labels_of,
    labels_text,
    microseconds,
    seq_of,
    to_compare,
)

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Mapping, Sequence

    from weavclip.domain.clip import Clip
    from weavclip.domain.vectors import Embedding
    from weavclip.journal.archive.records import Kept

_PLAIN = "text/plain"


class Adopted(StrEnum):
    """What became of a clip that was taken in.

    ADDED: it is new here. MERGED: an equal clip was here, and counts it. KNOWN: it was here.
    """

    ADDED = "added"
    MERGED = "merged"
    KNOWN = "known"


@dataclass(frozen=True, slots=True)
class _Row:
    """What taking in can change of a clip that is there."""

    captured_us: int
    last_us: int
    copies: int
    labels: str
    pinned: int


class Archiving(HandingOut):
    """Clips as a whole, out of the journal and into it."""

    def equal_to(self, draft: Draft) -> Clip | None:
        """The clip that a copy would be counted for; None where it would be a new one."""
        wanted = "SELECT id FROM digests JOIN clips USING (seq) WHERE digest = ?"
        with self._db.reading() as connection:
            found = connection.execute(wanted, (digest_of(draft),)).fetchone()
        return None if found is None else self.get(UUID(bytes=found[0]))

    def adopt(self, batch: Sequence[Kept]) -> list[Adopted]:
        """Take clips in, in one transaction, under the ids that they had.

        An id that is here is not added again, also when its clip was merged: its times widen,
        its count is the larger one, labels and pins add up. An equal clip under another id counts
        both, as when it is copied again, and from then on stands for the other id.

        Returns:
            What became of each.

        Raises:
            DiskReserveError: If free space would fall under the reserve; nothing was taken.
            ValueError: If a vector's length is not that of the model's others; the clips stay.
        """
        self._require_space(sum(each.size_bytes for each in batch))
        with self._db.writing() as connection:
            outcomes = [self._adopt(connection, each) for each in batch]
        self._adopt_vectors(batch)
        return outcomes

    def _adopt(self, connection: sqlite3.Connection, kept: Kept) -> Adopted:
        draft = _draft(kept)
        digest = digest_of(draft)
        seq, is_own = _known(connection, kept.clip.id)
        if seq is not None:
            if is_own:
                _settle(connection, seq, kept, copies=max)
            add_corrections(connection, seq, kept.said)
            return Adopted.KNOWN
        seq = self._equal(connection, digest)
        if seq is None:
            clip_id = self._insert(connection, draft, digest, clip_id=kept.clip.id)
            seq, outcome = seq_of(connection, clip_id), Adopted.ADDED
            _describe(connection, seq, kept)
        else:
            outcome = Adopted.MERGED
            self._insert_missing(connection, seq, draft, digest)
            _settle(connection, seq, kept, copies=lambda one, other: one + other)
            _lead(connection, kept.clip.id, seq)
        for merged in kept.merged_ids:
            _lead(connection, merged, seq)
        _add_findings(connection, seq, kept)
        add_corrections(connection, seq, kept.said)
        return outcome

    def _equal(self, connection: sqlite3.Connection, digest: bytes) -> int | None:
        """The clip of this digest; one that was to expire stays from now on."""
        wanted = "SELECT seq FROM digests WHERE digest = ?"
        found = connection.execute(wanted, (digest,)).fetchone()
        if found is not None:
            return int(found[0])
        expiring = self._expiring_equal_to(connection, digest)
        if expiring is None:
            return None
        self._make_permanent(connection, *expiring)
        return expiring[0]

    def _adopt_vectors(self, batch: Sequence[Kept]) -> None:
        for model in sorted({model for kept in batch for model in kept.vectors}):
            with self._db.reading() as connection:
                lacking = [
                    (kept.clip.id, _arrays(kept.vectors[model]))
                    for kept in batch
                    if model in kept.vectors and _lacks(connection, kept.clip.id, model)
                ]
            if any(rows.keys() - {Space.SENTENCE} for _, rows in lacking):
                self.embedded_many([(*each, None) for each in lacking], model)
            elif lacking:  # a text model's: it takes no steps by itself
                self.keep_vectors(lacking, model)


def _draft(kept: Kept) -> Draft:
    clip = kept.clip
    return Draft(
        kind=clip.kind,
        mime_type=clip.mime_type,
        representations=kept.representations,
        text=kept.text,
        preview=clip.preview,
        digest_source=_digest_source(kept),
        at=clip.captured_at,
        source_app=clip.source_app,
        device=clip.device,
        width_px=clip.width_px,
        height_px=clip.height_px,
    )


def _digest_source(kept: Kept) -> bytes:
    kind = kept.clip.kind
    if kind is Kind.IMAGE:
        return kept.representations[kept.clip.mime_type]
    plain = kept.representations.get(_PLAIN, b"").decode(errors="replace")
    return identity_of(kind, kept.text, plain=plain).encode()


def _known(connection: sqlite3.Connection, clip_id: UUID) -> tuple[int | None, bool]:
    """The clip that an id leads to, and whether it is that clip's own."""
    found = connection.execute(
        "SELECT seq, clips.id = names.id FROM names JOIN clips USING (seq) WHERE names.id = ?",
        (clip_id.bytes,),
    ).fetchone()
    return (None, False) if found is None else (int(found[0]), bool(found[1]))


def _describe(connection: sqlite3.Connection, seq: int, kept: Kept) -> None:
    """What a new row does not get from a draft."""
    connection.execute(
        "UPDATE clips SET device = ?, last_us = ?, copies = ?, labels = ?, pinned = ?"
        " WHERE seq = ?",
        (
            kept.clip.device,
            microseconds(kept.clip.last_copied_at),
            kept.clip.copies,
            labels_text(kept.clip.labels),
            kept.clip.pinned,
            seq,
        ),
    )
    # It was forgotten here before, and is to come into the indexes again.
    connection.execute("DELETE FROM forgotten WHERE id = ?", (kept.clip.id.bytes,))


def _settle(
    connection: sqlite3.Connection, seq: int, kept: Kept, *, copies: Callable[[int, int], int]
) -> None:
    """Widen what is known of a clip that is here by what is known of it there."""
    before = _Row(
        *connection.execute(
            "SELECT captured_us, last_us, copies, labels, pinned FROM clips WHERE seq = ?", (seq,)
        ).fetchone()
    )
    after = _Row(
        min(before.captured_us, microseconds(kept.clip.captured_at)),
        max(before.last_us, microseconds(kept.clip.last_copied_at)),
        copies(before.copies, kept.clip.copies),
        labels_text([*labels_of(before.labels), *kept.clip.labels]),
        max(before.pinned, int(kept.clip.pinned)),
    )
    if after == before:
        return
    connection.execute(
        "UPDATE clips SET captured_us = ?, last_us = ?, copies = ?, labels = ?, pinned = ?"
        " WHERE seq = ?",
        (after.captured_us, after.last_us, after.copies, after.labels, after.pinned, seq),
    )
    changed(connection, seq)


def _lead(connection: sqlite3.Connection, clip_id: UUID, seq: int) -> None:
    """Let an id that nobody has lead to a clip."""
    if _known(connection, clip_id)[0] is None:
        connection.execute(
            "INSERT INTO redirects VALUES (?, ?, ?)", (clip_id.bytes, clip_id.hex[::-1], seq)
        )


def _add_findings(connection: sqlite3.Connection, seq: int, kept: Kept) -> None:
    """Words and a thumbnail that were found in a picture, where there are none yet."""
    if kept.ocr_text:
        connection.execute(
            "INSERT INTO words (seq, ocr_text) VALUES (?, ?) ON CONFLICT (seq)"
            " DO UPDATE SET ocr_text = excluded.ocr_text WHERE ocr_text = ''",
            (seq, kept.ocr_text),
        )
    if kept.thumbnail is not None:
        connection.execute("INSERT OR IGNORE INTO thumbnails VALUES (?, ?)", (seq, kept.thumbnail))
        to_compare(connection, seq)


def _lacks(connection: sqlite3.Connection, clip_id: UUID, model_id: str) -> bool:
    """Whether a clip has no vectors of this model yet."""
    found = connection.execute(
        "SELECT 1 FROM vectors WHERE seq = ? AND model = ? LIMIT 1",
        (seq_of(connection, clip_id), model_of(connection, model_id)),
    ).fetchone()
    return found is None


def _arrays(rows: Mapping[Space, bytes]) -> dict[Space, Embedding]:
    import numpy as np

    found = {space: np.frombuffer(row, FLOAT32).astype(np.float32) for space, row in rows.items()}
    if not all(np.isfinite(row).all() for row in found.values()):
        message = "one is not finite"
        raise ValueError(message)
    return found
