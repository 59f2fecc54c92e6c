"""Residents: who owns, rents and lives where, and how to reach them."""
