"""Version 6: which pictures were read, and where each of their words is."""

from __future__ import annotations

# Every picture has a row but an expiring one, which is never read. due_us is when it is to be
# read: 0 for as soon as may be, the largest number for never. boxes holds 8 bytes a word of
# words.ocr_text, in its order.
SIXTH = (
    """
    CREATE TABLE readings (
        seq INTEGER PRIMARY KEY REFERENCES clips ON DELETE CASCADE,
        is_read INTEGER NOT NULL DEFAULT 0,
        due_us INTEGER NOT NULL DEFAULT 0,
        tries INTEGER NOT NULL DEFAULT 0,
        reason TEXT NOT NULL DEFAULT '',
        boxes BLOB NOT NULL DEFAULT x''
    )
    """,
    "CREATE INDEX readings_to_do ON readings (seq, due_us) WHERE NOT is_read",
    """
    INSERT INTO readings (seq) SELECT seq FROM clips
        WHERE kind = 'image' AND expires_us IS NULL
    """,
)
