"""Endpoints over HTTP, and what becomes of messages to them."""
