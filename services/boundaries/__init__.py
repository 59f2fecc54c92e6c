"""The outlines of grids on the map, and which grid a point lies in."""
