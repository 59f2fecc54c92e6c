"""Departments called to the spot, and whether they came."""
