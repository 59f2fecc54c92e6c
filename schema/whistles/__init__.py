"""Whistles, as clients see them."""
