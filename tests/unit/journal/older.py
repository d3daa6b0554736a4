"""Journals as older versions wrote them."""

from __future__ import annotations

import hashlib
import sqlite3
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from weavclip.domain.clip import new_id
from weavclip.journal import migrations

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from uuid import UUID

    import pytest

INLINE_BYTES = 64 * 1024
AT_US = 1_700_000_000_000_000


class OlderJournal:
    """Writes rows as versions 1 and 2 did."""

    def __init__(self, connection: sqlite3.Connection, data_dir: Path) -> None:
        self._connection = connection
        self._data_dir = data_dir

    def text(self, text: str) -> UUID:
        clip_id, seq = self._clip("text", "text/plain", len(text.encode()))
        digest = hashlib.sha256(b"words " + text.encode()).digest()
        self._connection.execute("INSERT INTO digests VALUES (?, ?)", (digest, seq))
        self._connection.execute("INSERT INTO words (seq, text) VALUES (?, ?)", (seq, text))
        self._represent(seq, "text/plain", None, None)
        return clip_id

    def picture(self, content: bytes, *, seen: str) -> UUID:
        clip_id, seq = self._clip("image", "image/png", len(content))
        name = hashlib.sha256(content).hexdigest()
        digest = hashlib.sha256(b"picture " + content).digest()
        self._connection.execute("INSERT INTO digests VALUES (?, ?)", (digest, seq))
        self._connection.execute("INSERT INTO words (seq, ocr_text) VALUES (?, ?)", (seq, seen))
        if len(content) > INLINE_BYTES:
            path = self._data_dir / "blobs" / name[:2] / name
            path.parent.mkdir(parents=True)
            path.write_bytes(content)
            self._represent(seq, "image/png", None, name)
        else:
            self._represent(seq, "image/png", content, None)
        return clip_id

    def _clip(self, kind: str, mime_type: str, size_bytes: int) -> tuple[UUID, int]:
        clip_id = new_id()
        made = self._connection.execute(
            "INSERT INTO clips (id, tail, kind, mime_type, preview, captured_us, last_us,"
            " source_app, app_folded, device, size_bytes)"
            " VALUES (?, ?, ?, ?, '', ?, ?, '', '', '', ?)",
            (clip_id.bytes, clip_id.hex[::-1], kind, mime_type, AT_US, AT_US, size_bytes),
        )
        assert made.lastrowid is not None
        return clip_id, made.lastrowid

    def _represent(
        self, seq: int, mime_type: str, content: bytes | None, blob: str | None
    ) -> None:
        self._connection.execute(
            "INSERT INTO representations VALUES (?, ?, ?, ?)", (seq, mime_type, content, blob)
        )


@contextmanager
def older_journal(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch, *, version: int
) -> Iterator[OlderJournal]:
    """A journal of an older version in ``data_dir``, to be written into."""
    data_dir.mkdir(exist_ok=True)
    path = data_dir / "journal.sqlite3"
    with monkeypatch.context() as patch, closing(sqlite3.connect(path)) as connection:
        patch.setattr(migrations, "MIGRATIONS", migrations.MIGRATIONS[:version])
        connection.execute("PRAGMA journal_mode = WAL")
        migrations.migrate(connection, path)
        yield OlderJournal(connection, data_dir)
        connection.commit()
