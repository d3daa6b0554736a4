"""What is hostile or large costs one limited child process, or time in proportion to its size."""
