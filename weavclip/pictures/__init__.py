"""Decodes pictures where a hostile one can do no harm."""
