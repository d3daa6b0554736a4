"""Version 2: words are indexed after the commit, pictures known by their blobs."""

from __future__ import annotations

from weavclip.journal.migrations.first import LONG_TEXT_CHARS

# A copy is committed without a word in FTS5, which cost as much again as all the rest of it:
# WordIndex follows in batches. The triggers answer for the rows up to the position that it noted,
# and leave the later ones alone: to take a row out that is not in would damage the index.
_POSITION = "(SELECT last_seq FROM words_indexed)"
_WORDS_FOLLOW = (
    "CREATE TABLE words_indexed (last_seq INTEGER NOT NULL)",
    "INSERT INTO words_indexed SELECT coalesce(max(seq), 0) FROM words",
    "DROP TRIGGER words_inserted",
    "DROP TRIGGER words_deleted",
    "DROP TRIGGER words_updated",
    "DROP TRIGGER trigrams_inserted",
    "DROP TRIGGER trigrams_deleted",
    # A picture's words are found long after it was added, and a forgotten clip's number is given
    # to the next: a row can be new and yet behind the position.
    f"""
    CREATE TRIGGER words_inserted AFTER INSERT ON words WHEN new.seq <= {_POSITION} BEGIN
        INSERT INTO words_index (rowid, text, ocr_text) VALUES (new.seq, new.text, new.ocr_text);
    END
    """,  # noqa: S608 - a constant
    f"""
    CREATE TRIGGER words_deleted AFTER DELETE ON words WHEN old.seq <= {_POSITION} BEGIN
        INSERT INTO words_index (words_index, rowid, text, ocr_text)
            VALUES ('delete', old.seq, old.text, old.ocr_text);
    END
    """,  # noqa: S608 - a constant
    # A clip's text never changes: the trigrams stay as they are.
    f"""
    CREATE TRIGGER words_updated AFTER UPDATE OF ocr_text ON words
    WHEN old.seq <= {_POSITION} BEGIN
        INSERT INTO words_index (words_index, rowid, text, ocr_text)
            VALUES ('delete', old.seq, old.text, old.ocr_text);
        INSERT INTO words_index (rowid, text, ocr_text) VALUES (new.seq, new.text, new.ocr_text);
    END
    """,  # noqa: S608 - a constant
    f"""
    CREATE TRIGGER trigrams_inserted AFTER INSERT ON words
    WHEN length(new.text) BETWEEN 3 AND {LONG_TEXT_CHARS} AND new.seq <= {_POSITION} BEGIN
        INSERT INTO trigrams (rowid, text) VALUES (new.seq, new.text);
    END
    """,  # noqa: S608 - constants
    f"""
    CREATE TRIGGER trigrams_deleted AFTER DELETE ON words
    WHEN length(old.text) BETWEEN 3 AND {LONG_TEXT_CHARS} AND old.seq <= {_POSITION} BEGIN
        INSERT INTO trigrams (trigrams, rowid, text) VALUES ('delete', old.seq, old.text);
    END
    """,  # noqa: S608 - constants
)

# A picture's digest is the one that its blob is named by. What was merged keeps the one before:
# its bytes are gone; copied again, it is merged again by its pixels.
_PICTURES_BY_BLOB = (
    """
    INSERT OR IGNORE INTO digests
    SELECT stored_picture_digest(content, blob), seq
        FROM clips JOIN representations USING (seq, mime_type) WHERE kind = 'image'
    """,
)

SECOND = (*_WORDS_FOLLOW, *_PICTURES_BY_BLOB)
