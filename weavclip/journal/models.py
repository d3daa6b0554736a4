"""What the journal notes of each model: a number, and every clip's step."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3

CAPTURED, EMBEDDED, INDEXED = range(3)
"""The column ``stages.stage``: the last step that was done."""


def model_of(connection: sqlite3.Connection, model_id: str) -> int | None:
    """A model's number; None when the journal has not heard of it."""
    found = connection.execute("SELECT model FROM models WHERE id = ?", (model_id,)).fetchone()
    return None if found is None else int(found[0])


def registered(connection: sqlite3.Connection, model_id: str) -> int:
    """A model's number; a new model gets one, and every clip as captured.

    An expiring clip has no stages: no step is ever taken with it.
    """
    known = model_of(connection, model_id)
    if known is not None:
        return known
    made = connection.execute("INSERT INTO models (id) VALUES (?)", (model_id,)).lastrowid
    assert made is not None
    connection.execute(
        "INSERT INTO stages (seq, model) SELECT seq, ? FROM clips WHERE expires_us IS NULL",
        (made,),
    )
    return made


def stage_of(connection: sqlite3.Connection, seq: int, model: int) -> int | None:
    """The last step that was done with a clip; None when none is ever to be."""
    found = connection.execute(
        "SELECT stage FROM stages WHERE seq = ? AND model = ?", (seq, model)
    ).fetchone()
    return None if found is None else int(found[0])


def next_version(connection: sqlite3.Connection, model: int) -> int:
    """Count one change of a model's vectors."""
    connection.execute("UPDATE models SET version = version + 1 WHERE model = ?", (model,))
    wanted = "SELECT version FROM models WHERE model = ?"
    (found,) = connection.execute(wanted, (model,)).fetchone()
    return int(found)
