"""What happens to a copy, and the processes in which it happens."""
