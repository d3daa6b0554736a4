"""Turns a question into one list of hits."""
