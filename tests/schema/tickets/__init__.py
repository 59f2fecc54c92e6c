"""Imports of tickets over HTTP."""
