"""What are the tests of the audit log given besides what all are?"""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from deploy.settings import sqlalchemy_url
from tests.fixtures.database import Database


@pytest.fixture
async def worker_engine(database: Database) -> AsyncIterator[AsyncEngine]:
    """Connections as the worker, who chains the entries of all tenants."""
    engine = create_async_engine(sqlalchemy_url(database.worker_url))
    yield engine
    await engine.dispose()


@pytest.fixture
async def meddler_engine(database: Database) -> AsyncIterator[AsyncEngine]:
    """Connections as somebody who may do anything to the database, and has no master key."""
    engine = create_async_engine(sqlalchemy_url(database.superuser_url))
    yield engine
    await engine.dispose()
