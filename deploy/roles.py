"""Who connects to PostgreSQL, and how do these roles and their database come to be?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import asyncpg

if TYPE_CHECKING:
    from asyncpg.pool import PoolConnectionProxy

OWNER = "jinlin_owner"
GATEWAY = "jinlin_gateway"
WORKER = "jinlin_worker"

# A connection of its own or one lent by a pool.
Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record] | PoolConnectionProxy[asyncpg.Record]"

_SQL = Path(__file__).with_name("roles.sql")


async def ensure_roles(superuser_url: str, *, passwords: dict[str, str] | None = None) -> None:
    """Make the three roles where they are missing, with the given passwords."""
    connection = await asyncpg.connect(superuser_url)
    try:
        await connection.execute(_SQL.read_text())
        for role, password in (passwords or {}).items():
            quoted = await connection.fetchval("select quote_literal($1)", password)
            await connection.execute(f"alter role {_known(role)} password {quoted}")
    finally:
        await connection.close()


async def ensure_database(superuser_url: str, name: str, *, template: str = "template0") -> bool:
    """Have a database that belongs to the owner and lets only our roles in; tell whether it was made."""
    connection = await asyncpg.connect(superuser_url)
    try:
        quoted = await connection.fetchval("select quote_ident($1)", name)
        is_missing = not await connection.fetchval("select exists (select from pg_database where datname = $1)", name)
        if is_missing:
            # Copied file by file: quicker than through the log for the small templates that we use.
            await connection.execute(f"create database {quoted} owner {OWNER} template {template} strategy file_copy")
        else:
            await connection.execute(f"alter database {quoted} owner to {OWNER}")
        await connection.execute(f"revoke all on database {quoted} from public")
        await connection.execute(f"grant connect on database {quoted} to {GATEWAY}, {WORKER}")
        return is_missing
    finally:
        await connection.close()


async def find_role_fault(connection: Connection) -> str | None:
    """Say why the connection's role may not serve requests: row-level security would not bind it."""
    row = await connection.fetchrow(
        """select current_user as name, rolsuper, rolbypassrls,
                  exists (select from pg_class where relowner = pg_roles.oid)
                  or exists (select from pg_database
                             where datname = current_database() and datdba = pg_roles.oid) as is_owner
           from pg_roles where rolname = current_user"""
    )
    if row is None:
        return "the connection's role is not known to the server"
    faults = (
        (row["rolsuper"], "is a superuser"),
        (row["rolbypassrls"], "may bypass row-level security"),
        (row["is_owner"], "owns tables or the database"),
    )
    return next((f"the role {row['name']} {fault}" for holds, fault in faults if holds), None)


def _known(role: str) -> str:
    if role not in {OWNER, GATEWAY, WORKER}:
        raise ValueError(role)
    return role
