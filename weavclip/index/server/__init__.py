"""Where a Weaviate comes from: one that weavclip manages, or one of the person's own."""
