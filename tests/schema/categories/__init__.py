"""Tests of the categories of cases over HTTP."""
