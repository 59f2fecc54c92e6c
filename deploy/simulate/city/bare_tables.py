"""How do millions of rows come into a table at once? Without its indexes and links, which are made anew afterwards.

Links are then checked all together. Nobody else can use the tables until the transaction ends.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import asyncpg

_LINKS = """
    select conrelid::regclass::text as table_name, conname as name, pg_get_constraintdef(oid) as told
    from pg_constraint where contype = 'f' and conrelid = any($1::regclass[]) order by conrelid::regclass::text, conname
"""
# Those that keep something unique stay.
_INDEXES = """
    select i.indexrelid::regclass::text as name, pg_get_indexdef(i.indexrelid) as told
    from pg_index i where i.indrelid = any($1::regclass[]) and not i.indisunique order by 1
"""
# What an index is sorted in, and what links are checked in.
_MEMORY = "256MB"


@asynccontextmanager
async def bare(driver: asyncpg.Connection[asyncpg.Record], tables: Sequence[str]) -> AsyncIterator[None]:
    """Take indexes and links off some tables while the block runs, within the open transaction of their owner."""
    links = await driver.fetch(_LINKS, tables)
    indexes = await driver.fetch(_INDEXES, tables)
    for link in links:
        await driver.execute(f"alter table {link['table_name']} drop constraint {link['name']}")
    for index in indexes:
        await driver.execute(f"drop index {index['name']}")
    yield
    await driver.execute(f"set local maintenance_work_mem = '{_MEMORY}'")
    for index in indexes:
        await driver.execute(index["told"])
    for link in links:
        await driver.execute(f"alter table {link['table_name']} add constraint {link['name']} {link['told']}")
