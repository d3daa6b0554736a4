"""Decides what may be kept before anything is written."""
