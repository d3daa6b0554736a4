"""Version 8: pictures that are kept out of what is shown."""

from __future__ import annotations

# prompt is the words' vector by model, in float32; version is that of the model's vectors up to
# which pictures were looked at. shown has the clips that the words are not to hide.
EIGHTH = (
    """
    CREATE TABLE hidings (
        words TEXT PRIMARY KEY,
        threshold REAL NOT NULL,
        model TEXT NOT NULL,
        version INTEGER NOT NULL,
        prompt BLOB NOT NULL
    )
    """,
    """
    CREATE TABLE hidden (
        words TEXT NOT NULL REFERENCES hidings ON DELETE CASCADE,
        seq INTEGER NOT NULL REFERENCES clips ON DELETE CASCADE,
        PRIMARY KEY (words, seq)
    ) WITHOUT ROWID
    """,
    "CREATE INDEX hidden_clips ON hidden (seq)",
    """
    CREATE TABLE shown (
        words TEXT NOT NULL REFERENCES hidings ON DELETE CASCADE,
        seq INTEGER NOT NULL REFERENCES clips ON DELETE CASCADE,
        PRIMARY KEY (words, seq)
    ) WITHOUT ROWID
    """,
    "CREATE INDEX shown_clips ON shown (seq)",
)
