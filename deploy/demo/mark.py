"""Is this database the demo's own? Only one that was empty when it got the mark."""

from __future__ import annotations

import asyncpg

from deploy.settings import SettingsError

_MARK = "Jinlin demo: invented people, may be deleted at any time"


async def ensure_mark(superuser_url: str) -> None:
    """Mark an empty database as the demo's. Raises SettingsError for one that has tables and no mark."""
    connection = await asyncpg.connect(superuser_url)
    try:
        if await has_mark(connection):
            return
        is_used = await connection.fetchval(
            """select exists (
                   select from pg_class
                   where relnamespace not in ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)
                   and relkind in ('r', 'p', 'v', 'm', 'S')
                   and relnamespace::regnamespace::text not like 'pg_toast%'
               )"""
        )
        if is_used:
            raise SettingsError(
                "The database of JINLIN_DEMO_DATABASE_URL holds tables and does not bear the demo's mark. "
                "The demo works only in a database of its own: name an empty one."
            )
        name = await connection.fetchval("select quote_ident(current_database())")
        await connection.execute(f"comment on database {name} is '{_MARK}'")
    finally:
        await connection.close()


async def has_mark(connection: asyncpg.Connection) -> bool:
    """Tell whether the connection's database bears the demo's mark."""
    comment = await connection.fetchval(
        """select shobj_description(oid, 'pg_database') from pg_database where datname = current_database()"""
    )
    return bool(comment == _MARK)
