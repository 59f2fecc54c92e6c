"""Limits, marks and what fires, as commands and rules know them."""
