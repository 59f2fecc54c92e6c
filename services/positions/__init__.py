"""Posts: who holds which, where, from when to when."""
