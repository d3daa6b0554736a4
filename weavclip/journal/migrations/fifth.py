"""Version 5: labels that are found, and what a person says of them."""

from __future__ import annotations

# clips.labels is what was found, less and more what the person said; labelled is the number of
# the way in which they were found last (see LabelTable), 0 for not yet.
FIFTH = (
    """
    CREATE TABLE corrections (
        seq INTEGER NOT NULL REFERENCES clips ON DELETE CASCADE,
        label TEXT NOT NULL,
        applies INTEGER NOT NULL,
        PRIMARY KEY (seq, label)
    ) WITHOUT ROWID
    """,
    "ALTER TABLE clips ADD COLUMN labelled INTEGER NOT NULL DEFAULT 0",
    "CREATE INDEX clips_by_labelled ON clips (labelled)",
)
