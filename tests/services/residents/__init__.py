"""Tests of how residents get in."""
