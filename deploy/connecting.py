"""How does a command come by connections to a database that is at this version?"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import cast

from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from deploy.health import check_version
from deploy.roles import Connection
from deploy.settings import sqlalchemy_url


@asynccontextmanager
async def open_engine(url: str, *, pool_size: int = 5) -> AsyncIterator[AsyncEngine]:
    """Open connections to a database of ours. Raises NotFitToServeError for one that is not migrated to this version.

    Names and phone numbers are parameters of statements: they stay out of the texts of errors.
    """
    engine = create_async_engine(sqlalchemy_url(url), hide_parameters=True, pool_size=pool_size)
    try:
        async with engine.connect() as connection:
            raw = await connection.get_raw_connection()
            await check_version(cast("Connection", raw.driver_connection))
        yield engine
    finally:
        await engine.dispose()
