"""Limited child processes: what is hostile or large costs one child, never the engine."""
