"""Taking a clip's rows away, for forgetting it and for merging it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from weavclip.journal.models import CAPTURED, next_version

if TYPE_CHECKING:
    import sqlite3


def remove_clip(connection: sqlite3.Connection, seq: int) -> list[str]:
    """Remove a clip's rows, its vectors' too, and note the indexes that have to follow.

    Returns:
        The blobs that it had; the caller deletes the unused ones after the commit.
    """
    connection.execute(
        "INSERT OR IGNORE INTO forgotten SELECT model, clips.id FROM stages JOIN clips USING (seq)"
        " WHERE seq = :seq AND (stage > :captured OR EXISTS"
        " (SELECT 1 FROM vectors WHERE vectors.seq = :seq AND vectors.model = stages.model))",
        {"seq": seq, "captured": CAPTURED},
    )
    blobs = connection.execute(
        "SELECT blob FROM representations WHERE seq = ? AND blob IS NOT NULL", (seq,)
    ).fetchall()
    models = connection.execute(
        "SELECT DISTINCT model FROM vectors WHERE seq = ?", (seq,)
    ).fetchall()
    for (model,) in models:
        free_rows(connection, seq, model)
    # Before the clip: the trigger has to read the words that it takes out of the word index.
    connection.execute("DELETE FROM words WHERE seq = ?", (seq,))
    connection.execute("DELETE FROM clips WHERE seq = ?", (seq,))
    return [blob for (blob,) in blobs]


def free_rows(connection: sqlite3.Connection, seq: int, model: int) -> None:
    """Let go of a clip's rows in a model's vector files; their bytes are still there."""
    connection.execute(
        "UPDATE vectors SET seq = NULL, is_blank = 0, version = ? WHERE seq = ? AND model = ?",
        (next_version(connection, model), seq, model),
    )


def remove_all_clips(connection: sqlite3.Connection) -> None:
    """Empty every table that knows of clips, without looking at each.

    Models get new numbers, and with them new files: what another process has mapped or remembers
    of the old ones is never asked for again.
    """
    # No trigger answers for rows behind the position: the word indexes are emptied as a whole.
    connection.execute("UPDATE words_indexed SET last_seq = -1")
    connection.execute("INSERT INTO words_index (words_index) VALUES ('delete-all')")
    connection.execute("INSERT INTO trigrams (trigrams) VALUES ('delete-all')")
    # In this order: nothing is looked for by foreign keys that is not there any more.
    for table in (
        "vectors", "spaces", "forgotten", "stages", "thumbnails", "words", "representations",
        "digests", "redirects", "clips",
    ):  # fmt: skip
        connection.execute(f"DELETE FROM {table}")  # noqa: S608 - a constant
    connection.execute("UPDATE words_indexed SET last_seq = 0")
    connection.execute(
        "UPDATE models SET model = model + (SELECT max(model) FROM models), version = version + 1"
    )
