"""Organisations and contracts, as clients see them."""
