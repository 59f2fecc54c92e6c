"""What is every test of posts given?"""

from __future__ import annotations

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.fixtures.database import Database
from tests.services.positions.town import Town, make_town


@pytest.fixture
async def town(database: Database, owner_engine: AsyncEngine, gateway_engine: AsyncEngine) -> Town:
    """Two communities under a street and a district, in an empty database."""
    assert database.name
    return await make_town(owner_engine, gateway_engine)
