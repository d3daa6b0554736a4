"""Version 1: clips and all that is kept of them."""

from __future__ import annotations

LONG_TEXT_CHARS = 65_536
"""Longer texts have no trigrams. A part of version 1: another number needs a migration."""

TOKENIZER = "unicode61 remove_diacritics 2"
"""How FTS5 parts a text into words. A part of version 1, too."""

FIRST = (
    "CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
    # Times are microseconds since the epoch; tail is the id's hex digits from the last to the
    # first, so that an id can be found by its end; revision counts changes after the first write.
    """
    CREATE TABLE clips (
        seq INTEGER PRIMARY KEY,
        id BLOB NOT NULL UNIQUE,
        tail TEXT NOT NULL,
        kind TEXT NOT NULL,
        mime_type TEXT NOT NULL,
        preview TEXT NOT NULL,
        captured_us INTEGER NOT NULL,
        last_us INTEGER NOT NULL,
        copies INTEGER NOT NULL DEFAULT 1,
        source_app TEXT NOT NULL,
        app_folded TEXT NOT NULL,
        device TEXT NOT NULL,
        width_px INTEGER,
        height_px INTEGER,
        size_bytes INTEGER NOT NULL,
        labels TEXT NOT NULL DEFAULT '[]',
        pinned INTEGER NOT NULL DEFAULT 0,
        pixel_digest BLOB,
        revision INTEGER NOT NULL DEFAULT 0
    )
    """,
    "CREATE INDEX clips_by_tail ON clips (tail)",
    # All that a filter looks at but labels: counting and listing need not read the clips.
    """
    CREATE INDEX clips_by_time
        ON clips (last_us, id, captured_us, kind, app_folded, pinned, size_bytes)
    """,
    "CREATE INDEX clips_by_pixels ON clips (pixel_digest) WHERE pixel_digest IS NOT NULL",
    # Ids of clips that were merged into another one.
    """
    CREATE TABLE redirects (
        id BLOB PRIMARY KEY,
        tail TEXT NOT NULL,
        seq INTEGER NOT NULL REFERENCES clips ON DELETE CASCADE
    ) WITHOUT ROWID
    """,
    "CREATE INDEX redirects_by_tail ON redirects (tail)",
    "CREATE INDEX redirects_by_clip ON redirects (seq)",
    """
    CREATE VIEW names AS
        SELECT id, tail, seq FROM clips UNION ALL SELECT id, tail, seq FROM redirects
    """,
    # A merged clip's digest stays, so that its bytes are known when they are copied again.
    """
    CREATE TABLE digests (
        digest BLOB PRIMARY KEY,
        seq INTEGER NOT NULL REFERENCES clips ON DELETE CASCADE
    ) WITHOUT ROWID
    """,
    "CREATE INDEX digests_by_clip ON digests (seq)",
    # Without content and blob the bytes are those of words.text in UTF-8.
    """
    CREATE TABLE representations (
        seq INTEGER NOT NULL REFERENCES clips ON DELETE CASCADE,
        mime_type TEXT NOT NULL,
        content BLOB,
        blob TEXT,
        UNIQUE (seq, mime_type)
    )
    """,
    "CREATE INDEX representations_by_blob ON representations (blob) WHERE blob IS NOT NULL",
    """
    CREATE TABLE words (
        seq INTEGER PRIMARY KEY REFERENCES clips ON DELETE CASCADE,
        text TEXT NOT NULL DEFAULT '',
        ocr_text TEXT NOT NULL DEFAULT ''
    )
    """,
    f"""
    CREATE VIRTUAL TABLE words_index USING fts5 (
        text, ocr_text, content = 'words', content_rowid = 'seq', tokenize = '{TOKENIZER}'
    )
    """,
    # Every three characters in a row, for exact strings. Over 100,000 texts of 205 characters a
    # phrase takes 4 ms (p95 20), reading all of them through 65 (p95 92). Which texts have them,
    # not where: 20 MB instead of 68. Long texts are left out, they would hold up the copy that
    # brings them (0.13 s a megabyte), and are read through.
    """
    CREATE VIRTUAL TABLE trigrams USING fts5 (
        text, content = '', columnsize = 0, detail = 'none', tokenize = 'trigram'
    )
    """,
    f"CREATE INDEX words_long ON words (seq) WHERE length(text) > {LONG_TEXT_CHARS}",
    """
    CREATE TRIGGER words_inserted AFTER INSERT ON words BEGIN
        INSERT INTO words_index (rowid, text, ocr_text) VALUES (new.seq, new.text, new.ocr_text);
    END
    """,
    f"""
    CREATE TRIGGER trigrams_inserted AFTER INSERT ON words
    WHEN length(new.text) BETWEEN 3 AND {LONG_TEXT_CHARS} BEGIN
        INSERT INTO trigrams (rowid, text) VALUES (new.seq, new.text);
    END
    """,  # noqa: S608 - a constant
    """
    CREATE TRIGGER words_deleted AFTER DELETE ON words BEGIN
        INSERT INTO words_index (words_index, rowid, text, ocr_text)
            VALUES ('delete', old.seq, old.text, old.ocr_text);
    END
    """,
    f"""
    CREATE TRIGGER trigrams_deleted AFTER DELETE ON words
    WHEN length(old.text) BETWEEN 3 AND {LONG_TEXT_CHARS} BEGIN
        INSERT INTO trigrams (trigrams, rowid, text) VALUES ('delete', old.seq, old.text);
    END
    """,  # noqa: S608 - a constant
    # A clip's text never changes: the trigrams stay as they are.
    """
    CREATE TRIGGER words_updated AFTER UPDATE OF ocr_text ON words BEGIN
        INSERT INTO words_index (words_index, rowid, text, ocr_text)
            VALUES ('delete', old.seq, old.text, old.ocr_text);
        INSERT INTO words_index (rowid, text, ocr_text) VALUES (new.seq, new.text, new.ocr_text);
    END
    """,
    """
    CREATE TABLE thumbnails (
        seq INTEGER PRIMARY KEY REFERENCES clips ON DELETE CASCADE,
        jpeg BLOB NOT NULL
    )
    """,
    # version counts the changes of a model's vectors.
    """
    CREATE TABLE models (
        model INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        version INTEGER NOT NULL DEFAULT 0
    )
    """,
    # stage is the last step that was done: 0 captured, 1 embedded, 2 indexed. due_us is 0 unless
    # the next step failed: then it says when to try again.
    """
    CREATE TABLE stages (
        model INTEGER NOT NULL REFERENCES models,
        seq INTEGER NOT NULL REFERENCES clips ON DELETE CASCADE,
        stage INTEGER NOT NULL DEFAULT 0,
        due_us INTEGER NOT NULL DEFAULT 0,
        tries INTEGER NOT NULL DEFAULT 0,
        reason TEXT NOT NULL DEFAULT '',
        PRIMARY KEY (seq, model)
    ) WITHOUT ROWID
    """,
    "CREATE INDEX stages_by_step ON stages (model, stage, seq, due_us)",
    "CREATE INDEX stages_failed ON stages (model, seq) WHERE due_us > 0",
    """
    CREATE TABLE spaces (
        model INTEGER NOT NULL REFERENCES models,
        space TEXT NOT NULL,
        dim INTEGER NOT NULL,
        row_count INTEGER NOT NULL DEFAULT 0,
        PRIMARY KEY (model, space)
    ) WITHOUT ROWID
    """,
    # A row without a clip is free; is_blank says that its bytes in the file are zero.
    """
    CREATE TABLE vectors (
        model INTEGER NOT NULL,
        space TEXT NOT NULL,
        position INTEGER NOT NULL,
        seq INTEGER REFERENCES clips ON DELETE RESTRICT,
        is_blank INTEGER NOT NULL DEFAULT 0,
        version INTEGER NOT NULL,
        PRIMARY KEY (model, space, position),
        FOREIGN KEY (model, space) REFERENCES spaces
    ) WITHOUT ROWID
    """,
    "CREATE INDEX vectors_by_clip ON vectors (seq, model) WHERE seq IS NOT NULL",
    "CREATE INDEX vectors_free ON vectors (model, space) WHERE seq IS NULL",
    "CREATE INDEX vectors_by_version ON vectors (model, space, version)",
    # What an index still has to delete.
    """
    CREATE TABLE forgotten (
        model INTEGER NOT NULL REFERENCES models,
        id BLOB NOT NULL,
        PRIMARY KEY (model, id)
    ) WITHOUT ROWID
    """,
)
