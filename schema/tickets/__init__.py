"""Imports of tickets and their problems, as clients see them."""
