"""Posts and the duty board, as clients see them."""
