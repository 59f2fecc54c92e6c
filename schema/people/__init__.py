"""Residents, masked, and how to reach them, as clients see them."""
