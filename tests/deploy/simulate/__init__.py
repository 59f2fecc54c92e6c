"""Simulated tenants: seeded, whole, kept away from real ones."""
