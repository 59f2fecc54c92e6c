"""Grids, estates, buildings, units, dwellings and sites, and how they hang together."""
