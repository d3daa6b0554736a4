"""Version 3: clips that expire, and what retention goes by."""

from __future__ import annotations

# expires_us is when a clip is to be forgotten by itself, NULL for never; what such a clip holds
# is no part of the database (see ExpiringFolder). kept_bytes is the size of everything that was
# captured of a clip, whatever the rows share. Both follow what a filter looks at: listing,
# counting and retention read the index only.
THIRD = (
    "ALTER TABLE clips ADD COLUMN expires_us INTEGER",
    "ALTER TABLE clips ADD COLUMN kept_bytes INTEGER NOT NULL DEFAULT 0",
    # length() of a blob reads its row's header only, that of a text the whole text.
    """
    UPDATE clips SET kept_bytes = (
        SELECT coalesce(sum(CASE
            WHEN content IS NOT NULL THEN length(content)
            WHEN blob IS NOT NULL THEN blob_bytes(blob)
            ELSE coalesce((SELECT length(CAST(text AS BLOB)) FROM words WHERE seq = clips.seq), 0)
        END), 0)
        FROM representations WHERE representations.seq = clips.seq
    )
    """,
    "DROP INDEX clips_by_time",
    """
    CREATE INDEX clips_by_time ON clips (
        last_us, id, captured_us, kind, app_folded, pinned, size_bytes, expires_us, kept_bytes
    )
    """,
    "CREATE INDEX clips_expiring ON clips (expires_us) WHERE expires_us IS NOT NULL",
    # Else each step of a long removal would look at all the rows that were blanked before.
    """
    CREATE INDEX vectors_to_blank ON vectors (model, space) WHERE seq IS NULL AND NOT is_blank
    """,
)
