"""Is every table built so that tenants stay apart, and could be spread over several machines?

The migrated database itself is asked, so that a new table is held to the rules without anyone remembering.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

import asyncpg
import pytest

from deploy.tables import load_tables
from tenants.database import TenantTable
from tests.fixtures.database import Database

# What all tenants share; nothing personal is in them.
SHARED = {"tenants", "divisions", "bodies", "accounts", "memberships"}

# What these refer to is never deleted, and nobody asks it for what refers to it: an index would only cost.
NEVER_FOLLOWED_BACK = {
    "audit_links.fk_audit_links_tenant_id_key_id",
    "grid_moves.fk_grid_moves_tenant_id_from_grid_id",
    "grid_moves.fk_grid_moves_tenant_id_to_grid_id",
    "positions.fk_positions_tenant_id_kind_code",
    "property_contracts.fk_property_contracts_body_id",
    "roster_imports.fk_roster_imports_account_id",
}

_OURS = "relnamespace = 'public'::regnamespace and relname <> 'alembic_version'"


@pytest.fixture
async def catalog(database: Database) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(database.owner_url)
    yield connection
    await connection.close()


def _tenant_tables() -> set[str]:
    return {table.name for table in load_tables().sorted_tables} - SHARED


def test_knows_each_table_as_a_tenants_or_as_shared() -> None:
    declared = _tenant_tables()
    classes = (mapper.class_ for mapper in TenantTable.registry.mappers)
    owned = {each.__tablename__ for each in classes if issubclass(each, TenantTable)}

    assert owned == declared


async def test_forces_row_level_security_on_every_table(catalog: asyncpg.Connection) -> None:
    open_tables = await catalog.fetch(
        f"""select relname from pg_class where relkind in ('r', 'p') and {_OURS}
            and not (relrowsecurity and relforcerowsecurity)"""
    )

    assert [row["relname"] for row in open_tables] == []


async def test_begins_every_key_of_a_tenants_table_with_the_tenant(catalog: asyncpg.Connection) -> None:
    keys = await catalog.fetch(
        f"""select c.relname || '.' || k.conname as key, c.relname,
                   (select attname from pg_attribute where attrelid = c.oid and attnum = k.conkey[1]) as first
            from pg_constraint k join pg_class c on c.oid = k.conrelid
            where k.contype in ('p', 'u') and {_OURS}"""
    )

    owned = _tenant_tables()
    assert [row["key"] for row in keys if row["relname"] in owned and row["first"] != "tenant_id"] == []


async def test_carries_the_tenant_in_every_reference_between_tenants_tables(catalog: asyncpg.Connection) -> None:
    references = await catalog.fetch(
        f"""select c.relname || '.' || k.conname as reference, c.relname, k.confrelid::regclass::text as target,
                   k.confdeltype::text as on_delete,
                   (select attname from pg_attribute where attrelid = c.oid and attnum = k.conkey[1]) as first
            from pg_constraint k join pg_class c on c.oid = k.conrelid
            where k.contype = 'f' and {_OURS}"""
    )

    crossing = [row["reference"] for row in references if row["target"] not in SHARED and row["first"] != "tenant_id"]
    setting_null = [row["reference"] for row in references if row["on_delete"] in {"n", "d"}]
    assert (crossing, setting_null) == ([], [])


async def test_indexes_what_every_reference_looks_up(catalog: asyncpg.Connection) -> None:
    slow = await catalog.fetch(
        f"""select c.relname || '.' || k.conname as reference
            from pg_constraint k join pg_class c on c.oid = k.conrelid
            where k.contype = 'f' and {_OURS}
            -- That a tenant is never deleted makes a look-up by it alone needless.
            and k.confrelid <> 'tenants'::regclass
            and not exists (
                select from pg_index i where i.indrelid = c.oid
                and (i.indkey::int2[])[0:cardinality(k.conkey) - 1] @> k.conkey
            )"""
    )

    assert {row["reference"] for row in slow} == NEVER_FOLLOWED_BACK


async def test_uses_nothing_that_cannot_be_spread_over_machines(catalog: asyncpg.Connection) -> None:
    triggers = await catalog.fetch("select tgname from pg_trigger where not tgisinternal")
    enums = await catalog.fetch("select typname from pg_type where typtype = 'e'")
    subqueries = await catalog.fetch("select policyname from pg_policies where concat(qual, with_check) ~* 'select'")

    assert (triggers, enums, subqueries) == ([], [], [])


async def test_gives_the_gateway_no_more_than_rows(catalog: asyncpg.Connection) -> None:
    grants = await catalog.fetch(
        """select table_name, privilege_type from information_schema.role_table_grants
           where grantee in ('jinlin_gateway', 'jinlin_worker')
           and privilege_type not in ('SELECT', 'INSERT', 'UPDATE', 'DELETE')"""
    )

    assert grants == []
