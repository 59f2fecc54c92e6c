"""Endpoints, and what is sent to them."""
