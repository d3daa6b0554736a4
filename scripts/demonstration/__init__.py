"""What scripts/demo does."""
