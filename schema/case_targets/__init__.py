"""Targets of sums of cases, and how they are set."""
