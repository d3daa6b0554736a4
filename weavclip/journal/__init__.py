"""The truth on disk: clips and words in SQLite, pictures as files, vectors as rows of a file."""
