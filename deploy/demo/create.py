"""What is in the demo when it is new?"""

from __future__ import annotations

from collections.abc import Callable

from deploy.databases import Databases


async def create_demo(databases: Databases, *, tell: Callable[[str], None]) -> None:
    """Fill a migrated, empty database with the demo, telling each step as it begins."""
