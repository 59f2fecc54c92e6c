"""Lists of who holds which post."""
