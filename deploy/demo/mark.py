"""Is this database the demo's own, and is the demo in it whole?"""

from __future__ import annotations

import asyncpg

from deploy.settings import SettingsError

_BEGUN = "Jinlin demo: invented people, may be deleted at any time"
_WHOLE = f"{_BEGUN}. Whole."


async def ensure_mark(superuser_url: str) -> None:
    """Mark an empty database as the demo's. Raises SettingsError for one that has tables and no mark."""
    connection = await asyncpg.connect(superuser_url)
    try:
        if await _mark(connection) is not None:
            return
        if await connection.fetchval(
            """select exists (
                   select from pg_class c join pg_namespace n on n.oid = c.relnamespace
                   where c.relkind in ('r', 'p', 'v', 'm', 'S', 'f')
                   and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
               )"""
        ):
            raise SettingsError(
                "The database of JINLIN_DEMO_DATABASE_URL holds tables and does not bear the demo's mark. "
                "The demo works only in a database of its own: name an empty one."
            )
        await _set_mark(connection, _BEGUN)
    finally:
        await connection.close()


async def is_whole(url: str) -> bool:
    """Tell whether the demo was created to its end."""
    connection = await asyncpg.connect(url)
    try:
        return await _mark(connection) == _WHOLE
    finally:
        await connection.close()


async def mark_whole(owner_url: str) -> None:
    """Note that the demo was created to its end."""
    connection = await asyncpg.connect(owner_url)
    try:
        await _set_mark(connection, _WHOLE)
    finally:
        await connection.close()


async def clear(owner_url: str) -> None:
    """Empty the demo's database. Raises SettingsError for one without the mark."""
    connection = await asyncpg.connect(owner_url)
    try:
        if await _mark(connection) is None:
            raise SettingsError("This database does not bear the demo's mark, so nothing in it is deleted.")
        await connection.execute("drop owned by current_user cascade")
        await connection.execute("create schema if not exists public")
        await _set_mark(connection, _BEGUN)
    finally:
        await connection.close()


async def _mark(connection: asyncpg.Connection) -> str | None:
    comment: str | None = await connection.fetchval(
        "select shobj_description(oid, 'pg_database') from pg_database where datname = current_database()"
    )
    return comment if comment in {_BEGUN, _WHOLE} else None


async def _set_mark(connection: asyncpg.Connection, mark: str) -> None:
    name = await connection.fetchval("select quote_ident(current_database())")
    await connection.execute(f"comment on database {name} is '{mark}'")
