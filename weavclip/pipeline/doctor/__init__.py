"""Looks for what keeps weavclip from working, and says what mends it. Nothing is changed."""
