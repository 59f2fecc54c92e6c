"""How does something inside a tenant get read outside a unit of work and a compiled operation?"""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnectionFree

from tenants.errors import STALE_GRANTS, TENANT_GONE, StaleGrants, TenantGone, TryAgain

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession

    from tenants.grants import Grants

_ENTER = text("select app.enter(:tenant, :account, :version)")


@asynccontextmanager
async def entered(engine: AsyncEngine, *, grants: Grants) -> AsyncIterator[AsyncConnection]:
    """Open a transaction inside the caller's tenant that leaves nothing behind.

    Raises StaleGrants, TenantGone, TryAgain.
    """
    try:
        connection = await engine.connect()
    except NoConnectionFree as error:
        raise TryAgain from error
    try:
        await enter(connection, grants=grants)
        yield connection
    finally:
        await connection.close()


async def connection_of(session: AsyncSession) -> AsyncConnection:
    """Get the session's connection. Raises TryAgain when none came free in time."""
    try:
        return await session.connection()
    except NoConnectionFree as error:
        raise TryAgain from error


async def enter(connection: AsyncConnection, *, grants: Grants) -> None:
    """Enter the caller's tenant, as the first thing in a transaction.

    Raises StaleGrants, TenantGone.
    """
    tenant = grants.tenant
    values = {
        "tenant": tenant.id if tenant else None,
        "account": grants.account_id,
        "version": tenant.grants_version if tenant else None,
    }
    try:
        await connection.execute(_ENTER, values)
    except DBAPIError as error:
        state = getattr(error.orig, "sqlstate", None)
        if state == STALE_GRANTS:
            raise StaleGrants from error
        if state == TENANT_GONE:
            raise TenantGone from error
        raise
