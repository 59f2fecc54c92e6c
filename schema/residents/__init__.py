"""Residencies and visitors, as clients see them."""
