"""Two clips with the same pixels become one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from weavclip.domain.clip import Kind
from weavclip.journal.removal import outdate_words, remove_clip
from weavclip.journal.rows import changed, labels_of, labels_text, to_compare

if TYPE_CHECKING:
    import sqlite3

    from weavclip.domain.vectors import Picture


@dataclass(frozen=True, slots=True)
class Merge:
    """What became of a clip when its pixels were known.

    Attributes:
        kept: The clip that stands for it now; itself when no other has its pixels.
        gone: The clip that leads to it; None without a merge.
        blobs: What the one that is gone had.
    """

    kept: int
    gone: int | None = None
    blobs: tuple[str, ...] = ()


def merged_by_pixels(connection: sqlite3.Connection, seq: int, picture: Picture) -> Merge:
    """Note what decoding found out, and merge with a clip of the same pixels.

    A list of files is no picture: it gets a thumbnail, and stays itself.
    """
    connection.execute("INSERT OR REPLACE INTO thumbnails VALUES (?, ?)", (seq, picture.thumbnail))
    to_compare(connection, seq)
    (kind,) = connection.execute("SELECT kind FROM clips WHERE seq = ?", (seq,)).fetchone()
    if kind == Kind.FILES:
        return Merge(seq)
    connection.execute(
        "UPDATE clips SET width_px = ?, height_px = ?, pixel_digest = ? WHERE seq = ?",
        (picture.width_px, picture.height_px, picture.pixel_digest, seq),
    )
    same = connection.execute(
        "SELECT seq FROM clips WHERE pixel_digest = ? ORDER BY id LIMIT 2",
        (picture.pixel_digest,),
    ).fetchall()
    if len(same) == 1:
        return Merge(seq)
    kept, gone = (row[0] for row in same)
    return Merge(kept, gone, tuple(_merge(connection, kept=kept, gone=gone)))


def _merge(connection: sqlite3.Connection, *, kept: int, gone: int) -> list[str]:
    _add_up(connection, kept=kept, gone=gone)
    both = {"kept": kept, "gone": gone}
    connection.execute("UPDATE redirects SET seq = :kept WHERE seq = :gone", both)
    connection.execute("UPDATE digests SET seq = :kept WHERE seq = :gone", both)
    connection.execute(
        "INSERT INTO redirects SELECT id, tail, :kept FROM clips WHERE seq = :gone", both
    )
    connection.execute("UPDATE OR IGNORE corrections SET seq = :kept WHERE seq = :gone", both)
    connection.execute("UPDATE clips SET labelled = 0 WHERE seq = :kept", both)
    read = connection.execute(
        "INSERT INTO words (seq, ocr_text) SELECT :kept, ocr_text FROM words"
        " WHERE seq = :gone AND ocr_text != '' AND NOT EXISTS"
        " (SELECT 1 FROM words WHERE seq = :kept)",
        both,
    )
    changed(connection, kept)
    if read.rowcount:
        outdate_words(connection, kept)
    return remove_clip(connection, gone)


def _add_up(connection: sqlite3.Connection, *, kept: int, gone: int) -> None:
    labels = connection.execute(
        "SELECT labels FROM clips WHERE seq IN (?, ?)", (kept, gone)
    ).fetchall()
    connection.execute(
        "UPDATE clips SET copies = clips.copies + gone.copies,"
        " captured_us = min(clips.captured_us, gone.captured_us),"
        " last_us = max(clips.last_us, gone.last_us),"
        " pinned = max(clips.pinned, gone.pinned), labels = :labels"
        " FROM clips AS gone WHERE clips.seq = :kept AND gone.seq = :gone",
        {
            "kept": kept,
            "gone": gone,
            "labels": labels_text([label for (text,) in labels for label in labels_of(text)]),
        },
    )
