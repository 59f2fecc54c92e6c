"""Grids, buildings, units and dwellings, and their counts."""
