"""Tests of working days, office hours and due times."""
