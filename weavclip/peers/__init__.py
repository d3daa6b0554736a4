"""Histories of other clipboard managers, read as offers; what may be kept is decided elsewhere."""
