"""Roster imports and their problems, as clients see them."""
