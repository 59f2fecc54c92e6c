"""Tests of tickets of other systems."""
