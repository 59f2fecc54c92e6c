"""How does an operator serve requests?"""

from __future__ import annotations


def serve() -> None:
    """Serve requests on JINLIN_HOST:JINLIN_PORT from the database of JINLIN_DATABASE_URL."""
