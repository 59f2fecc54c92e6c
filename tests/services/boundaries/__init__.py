"""Tests of the outlines of grids."""
