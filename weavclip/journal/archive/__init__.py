"""Clips and whole journals as one file, and back."""
