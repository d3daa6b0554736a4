"""A memory that sorts itself: labels, near-duplicates, topics, orders by words."""
