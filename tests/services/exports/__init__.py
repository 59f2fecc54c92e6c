"""Exports: rules and writers."""
