"""How does the operator put a tenant under another office, while everybody else goes on working?"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import cast

from sqlalchemy import Table as SqlTable
from sqlalchemy.ext.asyncio import AsyncEngine

from deploy.rollups import ROLLUPS
from deploy.tables import load_tables
from services.onboarding.moving import Stopped, move_tenant, open_transactions, start_tenants, stop_tenant
from services.onboarding.rules import Move
from services.rollups.declaring import CountTable
from services.rollups.moving import move_counts
from tenants.database import OfficeTable, Table

_SECONDS_BETWEEN_LOOKS = 0.2
_LOOKS_BETWEEN_TELLINGS = 50


async def move(engine: AsyncEngine, wanted: Move, *, tell: Callable[[str], None]) -> int:
    """Move a tenant with all that it has, as the owner; tell how many tenants have moved.

    They can be read but not changed as long as it lasts, and are as before if it fails. Raises what stop_tenant raises.
    """
    async with engine.begin() as connection:
        stopped = await stop_tenant(connection, move=wanted)
    try:
        await _wait_for_writers(engine, tell)
        async with engine.begin() as connection:
            await move_tenant(connection, move=wanted, tables=_office_tables())
            for rollup in ROLLUPS:
                await move_counts(connection, rollup, tenant_ids=stopped.tenant_ids)
    finally:
        await _start(engine, stopped)
    return len(stopped.tenant_ids)


def _office_tables() -> list[SqlTable]:
    """List the tables whose rows bear the offices of today: all that do but the ledgers."""
    load_tables()
    mapped = (mapper for mapper in Table.registry.mappers if issubclass(mapper.class_, OfficeTable))
    return [cast("SqlTable", one.local_table) for one in mapped if not issubclass(one.class_, CountTable)]


async def _wait_for_writers(engine: AsyncEngine, tell: Callable[[str], None]) -> None:
    """Wait until everybody is done who may have entered a tenant while it could be written to."""
    looks = 0
    async with engine.connect() as connection:
        # A look is no transaction to be waited for by another that moves.
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        waited_for = await open_transactions(connection)
        while waited_for:
            if looks % _LOOKS_BETWEEN_TELLINGS == _LOOKS_BETWEEN_TELLINGS - 1:
                tell(f"waits for {len(waited_for)} transactions that began before")
            await asyncio.sleep(_SECONDS_BETWEEN_LOOKS)
            waited_for &= await open_transactions(connection)
            looks += 1


async def _start(engine: AsyncEngine, stopped: Stopped) -> None:
    async with engine.begin() as connection:
        await start_tenants(connection, stopped=stopped)
