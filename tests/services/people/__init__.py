"""Residents: who owns, rents and lives where."""
