"""Version 7: which clips are nearly equal."""

from __future__ import annotations

# Every clip that can be compared has a row in alike: a picture once it has a thumbnail, an
# expiring clip never. leader is the clip that stands for it, itself when it is like none, and
# NULL while it is to be compared, as it is again when its leader is gone. Only leaders have
# marks or an outline.
SEVENTH = (
    """
    CREATE TABLE alike (
        seq INTEGER PRIMARY KEY REFERENCES clips ON DELETE CASCADE,
        leader INTEGER REFERENCES clips (seq) ON DELETE SET NULL
    )
    """,
    "CREATE INDEX alike_by_leader ON alike (leader, seq)",
    """
    CREATE TABLE text_marks (
        mark INTEGER NOT NULL,
        seq INTEGER NOT NULL REFERENCES clips ON DELETE CASCADE,
        PRIMARY KEY (mark, seq)
    ) WITHOUT ROWID
    """,
    "CREATE INDEX text_marks_by_clip ON text_marks (seq)",
    """
    CREATE TABLE outlines (
        seq INTEGER PRIMARY KEY REFERENCES clips ON DELETE CASCADE,
        shape REAL NOT NULL,
        outline BLOB NOT NULL
    )
    """,
    """
    INSERT INTO alike (seq) SELECT seq FROM clips WHERE expires_us IS NULL
        AND (kind != 'image' OR seq IN (SELECT seq FROM thumbnails))
    """,
)
