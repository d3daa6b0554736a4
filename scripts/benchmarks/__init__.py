"""What scripts/bench measures: a module a subject, each with ``rows()``."""
