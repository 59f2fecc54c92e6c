"""Endpoints of other systems, as clients see and set them."""
