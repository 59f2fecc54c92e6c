"""The work that waits, as clients see it."""
