"""Does a connection that goes back to its pool forget the tenant it was in, however its transaction ended?

A statement that sets `app.tenant` by hand would enter any tenant: row-level security holds against statements of ours
that forget the tenant, not against statements of somebody else's. So clients bring nothing but bind values, and what a
connection was last set to must never be what the next request finds.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date

import asyncpg
import pytest
from graphql import build_schema as build_plain_schema
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from deploy.settings import sqlalchemy_url
from schema.compiler.context import RequestContext
from schema.compiler.model import build_model
from schema.compiler.plan import Cost, Plan
from schema.compiler.reading import Reader, open_read_pool
from tenants.entrance import entered
from tenants.errors import StaleGrants, TenantGone
from tenants.grants import ActingTenant, Grants
from tenants.work import Workshop
from tests.fixtures.rows import HERE, Rows

# What a request would find that did not enter anywhere.
_LEFT = """
    select coalesce(current_setting('app.tenant', true), '') || '|'
        || coalesce(current_setting('app.account', true), '') || '|'
        || coalesce(current_setting('app.offices', true), '') || '|' || current_setting('transaction_read_only') || '|'
        || current_setting('timezone') || '|' || (select count(*) from places) || '|' || (select count(*) from tenants)
"""


def _grants(rows: Rows) -> Grants:
    tenant = ActingTenant(
        id=HERE.id,
        uid=uuid.uuid4(),
        slug=HERE.slug,
        kind=HERE.kind,
        name=HERE.slug,
        street_id=HERE.street_id,
        district_id=HERE.district_id,
        status="open",
        time_zone="Asia/Shanghai",
        grants_version=1,
    )
    return Grants(tenant, rows.account_of(HERE))


def _changed(grants: Grants, **change: object) -> Grants:
    assert grants.tenant is not None
    return replace(grants, tenant=replace(grants.tenant, **change))  # type: ignore[arg-type]


async def _fresh(rows: Rows) -> str:
    """Tell what a connection finds that was never used."""
    connection = await asyncpg.connect(rows.database.gateway_url)
    found: str = await connection.fetchval(_LEFT)
    await connection.close()
    assert found.startswith("|||off|")
    assert found.endswith("|0|0")
    return found


# --- the pool of compiled reads --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
async def reader(rows: Rows) -> AsyncIterator[Reader]:
    """A reader with a single connection: whoever comes next gets the same one."""
    pool = await open_read_pool(rows.database.gateway_url, size=1)
    yield Reader(build_model(build_plain_schema("scalar Nothing")), pool)
    await pool.close()


async def _read(reader: Reader, sql: str, grants: Grants) -> object:
    plan = Plan(sql, (), (), Cost(), (), {}, (), needs_tenant=True)
    return await reader.run(plan, {}, RequestContext(grants, date(2026, 6, 1), "secret"))


async def test_forgets_after_a_read(reader: Reader, rows: Rows) -> None:
    for _ in range(3):
        assert await _read(reader, "select current_setting('app.tenant')", _grants(rows)) == str(HERE.id)
        assert await reader.pool.fetchval(_LEFT) == await _fresh(rows)


async def test_forgets_after_a_read_that_failed(reader: Reader, rows: Rows) -> None:
    with pytest.raises(asyncpg.DivisionByZeroError):
        await _read(reader, "select 1 / 0", _grants(rows))

    assert await reader.pool.fetchval(_LEFT) == await _fresh(rows)


async def test_forgets_after_an_entrance_that_was_refused(reader: Reader, rows: Rows) -> None:
    with pytest.raises(StaleGrants):
        await _read(reader, "select 1", _changed(_grants(rows), grants_version=7))
    with pytest.raises(TenantGone):
        await _read(reader, "select 1", _changed(_grants(rows), id=999))

    assert await reader.pool.fetchval(_LEFT) == await _fresh(rows)


@pytest.mark.parametrize("patience", [0.0, 0.001, 0.05])
async def test_forgets_after_a_client_that_left(reader: Reader, rows: Rows, patience: float) -> None:
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(patience):
            await _read(reader, "select pg_sleep(5)", _grants(rows))

    assert await reader.pool.fetchval(_LEFT) == await _fresh(rows)


# --- the engine of writes and of everything else ---------------------------------------------------------------------


@pytest.fixture(scope="module")
async def engine(rows: Rows) -> AsyncIterator[AsyncEngine]:
    """An engine with a single connection."""
    engine = create_async_engine(sqlalchemy_url(rows.database.gateway_url), pool_size=1, max_overflow=0)
    yield engine
    await engine.dispose()


async def _left(engine: AsyncEngine) -> str:
    async with engine.connect() as connection:
        found: str = (await connection.execute(text(_LEFT))).scalar_one()
    return found


async def test_forgets_after_work_was_committed(engine: AsyncEngine, rows: Rows) -> None:
    async with Workshop(engine).work(_grants(rows)) as work:
        changed = await work.session.execute(text("update people set name_masked = name_masked"))
        assert changed.rowcount == 1  # type: ignore[attr-defined]

    assert await _left(engine) == await _fresh(rows)


async def test_forgets_after_work_was_rolled_back(engine: AsyncEngine, rows: Rows) -> None:
    with pytest.raises(DBAPIError):
        async with Workshop(engine).work(_grants(rows)) as work:
            await work.session.execute(text("select 1 / 0"))
    with pytest.raises(StaleGrants):
        async with Workshop(engine).work(_changed(_grants(rows), grants_version=7)):
            pass
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05), Workshop(engine).work(_grants(rows)) as work:
            await work.session.execute(text("select pg_sleep(5)"))

    assert await _left(engine) == await _fresh(rows)


async def test_forgets_after_something_was_only_looked_at(engine: AsyncEngine, rows: Rows) -> None:
    async with entered(engine, grants=_grants(rows)) as connection:
        assert (await connection.execute(text("select app.tenant()"))).scalar_one() == HERE.id

    assert await _left(engine) == await _fresh(rows)
