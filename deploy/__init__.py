"""Wiring and running: the top floor, where everything is put together."""
