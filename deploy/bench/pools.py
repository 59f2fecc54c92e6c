"""How do the references connect to PostgreSQL? As the gateway does, so that it makes no difference."""

from __future__ import annotations

from typing import Any

import asyncpg

# As many connections as `open_read_pool` of schema/compiler/reading.py opens.
POOL_SIZE = 10


async def open_pool(dsn: str, *, json_as_bytes: bool) -> asyncpg.Pool:
    """Open a pool with the gateway's settings; whoever decodes JSON does not want it as bytes."""

    async def prepare(connection: Any) -> None:  # noqa: ANN401 - a proxy of the pool, which has no type.
        if json_as_bytes:
            await connection.set_type_codec(
                "json", schema="pg_catalog", format="binary", encoder=_unchanged, decoder=_unchanged
            )

    async def keep(_: Any) -> None:  # noqa: ANN401
        """Leave the connection as it is after each use."""

    return await asyncpg.create_pool(
        dsn,
        min_size=2,
        max_size=POOL_SIZE,
        init=prepare,
        reset=keep,
        statement_cache_size=1000,
        max_cached_statement_lifetime=0,
        max_cacheable_statement_size=0,
        server_settings={"jit": "off", "statement_timeout": "10000", "application_name": "jinlin bench"},
    )


def _unchanged(raw: bytes) -> bytes:
    return raw
