"""The truth on disk: clips, blobs, vectors and words."""
