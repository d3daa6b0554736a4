"""Taking a clip's rows away, for forgetting it and for merging it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from weavclip.domain.models import ModelSet
from weavclip.domain.query import Space
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
        " (SELECT 1 FROM vectors WHERE vectors.seq = :seq))",
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


def free_rows(
    connection: sqlite3.Connection, seq: int, model: int, *, space: Space | None = None
) -> None:
    """Let go of a clip's rows in a model's vector files; their bytes are still there."""
    connection.execute(
        "UPDATE vectors SET seq = NULL, is_blank = 0, version = ?1"
        " WHERE seq = ?2 AND model = ?3 AND space = coalesce(?4, space)",
        (next_version(connection, model), seq, model, space),
    )


def outdate_words(connection: sqlite3.Connection, seq: int) -> None:
    """A clip has other words than a text model was given: let go of what it made of them.

    Sets with a text model embed the clip again, which makes no more than is missing.
    """
    makers = connection.execute(
        "SELECT model FROM vectors WHERE seq = ? AND space = ?", (seq, Space.SENTENCE)
    ).fetchall()
    for (model,) in makers:
        free_rows(connection, seq, model, space=Space.SENTENCE)
    sets = connection.execute("SELECT model, id FROM models WHERE has_steps").fetchall()
    connection.executemany(
        "UPDATE stages SET stage = 0, due_us = 0, tries = 0, reason = ''"
        " WHERE seq = ? AND model = ?",
        [(seq, number) for number, set_id in sets if ModelSet.parse(set_id).text],
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
        "vectors", "spaces", "forgotten", "stages", "readings", "alike", "text_marks", "outlines",
        "hidden", "shown", "thumbnails", "words", "representations", "digests", "redirects",
        "clips",
    ):  # fmt: skip
        connection.execute(f"DELETE FROM {table}")  # noqa: S608 - a constant
    connection.execute("UPDATE words_indexed SET last_seq = 0")
    connection.execute(
        "UPDATE models SET model = model + (SELECT max(model) FROM models), version = version + 1"
    )
