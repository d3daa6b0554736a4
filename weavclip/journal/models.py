"""What the journal notes of models and sets of them: a number, and every clip's step."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3

CAPTURED, EMBEDDED, INDEXED = range(3)
"""The column ``stages.stage``: the last step that was done."""


def model_of(connection: sqlite3.Connection, model_id: str) -> int | None:
    """The number of a model or of a set; None when the journal has not heard of it."""
    found = connection.execute("SELECT model FROM models WHERE id = ?", (model_id,)).fetchone()
    return None if found is None else int(found[0])


def set_of(connection: sqlite3.Connection, set_id: str) -> int | None:
    """A set's number; None while no step is noted for it."""
    found = connection.execute(
        "SELECT model FROM models WHERE id = ? AND has_steps", (set_id,)
    ).fetchone()
    return None if found is None else int(found[0])


def registered(connection: sqlite3.Connection, set_id: str) -> int:
    """A set's number; a new one gets one, and every clip as captured.

    An expiring clip has no stages: no step is ever taken with it.
    """
    known = set_of(connection, set_id)
    if known is not None:
        return known
    made = maker(connection, set_id)
    connection.execute("UPDATE models SET has_steps = 1 WHERE model = ?", (made,))
    connection.execute(
        "INSERT INTO stages (seq, model) SELECT seq, ? FROM clips WHERE expires_us IS NULL",
        (made,),
    )
    return made


def maker(connection: sqlite3.Connection, model_id: str) -> int:
    """The number of a model that vectors are kept of; a new one gets one, and no steps."""
    known = model_of(connection, model_id)
    if known is not None:
        return known
    made = connection.execute(
        "INSERT INTO models (id, has_steps) VALUES (?, 0)", (model_id,)
    ).lastrowid
    assert made is not None
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
