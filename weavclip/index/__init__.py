"""Finds clips by vector and by words: Weaviate, or exactly over the journal."""
