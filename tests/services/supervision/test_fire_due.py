"""Does a deadline fire once, tell whom the case waits for, and leave alone what somebody is working on?"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from deploy.settings import sqlalchemy_url
from services.supervision.commands import fire_due
from tests.fixtures.world import WorldDatabase
from tests.make_cases import case_id

# The first case of the world waits for the worker, in both tenants under the same id.
CASE = case_id(0)
NOW = datetime(2098, 1, 1, 4, tzinfo=UTC)
_MARK = """
    insert into case_marks (tenant_id, id, case_id, mark, at, due_at)
    select tenant_id, $2, id, $3, $4, due_at from cases where tenant_id = $1 and id = $5
"""
# As many cases like it, each with four marks that are due.
_MANY = 500
_ALIKE = """
    insert into cases (tenant_id, id, street_id, district_id, number, kind, source, category_id, status, grid_id,
        coordinator_body_id, accountable_body_id, reported_at, due_at, needs_call_back)
    select tenant_id, gen_random_uuid(), street_id, district_id, '20990101-' || n, kind, source, category_id, status,
        grid_id, coordinator_body_id, accountable_body_id, reported_at, due_at, false
    from cases cross join generate_series(1, $2) n where tenant_id = $1 and number = '20260520-0001'
"""
_ALL_DUE = """
    insert into case_marks (tenant_id, id, case_id, mark, at, due_at)
    select tenant_id, gen_random_uuid(), id, 'URGE', $1::timestamptz - interval '1 second' * n, due_at
    from cases cross join generate_series(1, 4) n where number like '20990101-%'
"""
_ROWS_READ = "select seq_tup_read + coalesce(idx_tup_fetch, 0) from pg_stat_xact_user_tables where relname = $1"


@pytest.fixture
async def owner(made: WorldDatabase) -> AsyncIterator[asyncpg.Connection]:
    """The owner's connection; no mark is there before a test."""
    connection = await asyncpg.connect(made.database.owner_url)
    await connection.execute("delete from case_marks; delete from notifications; delete from events")
    await connection.execute("update cases set color = 'GREEN', stop_reason = null")
    yield connection
    await connection.close()


@pytest.fixture
async def worker(made: WorldDatabase) -> AsyncIterator[AsyncEngine]:
    engine = create_async_engine(sqlalchemy_url(made.database.worker_url))
    yield engine
    await engine.dispose()


async def mark(
    owner: asyncpg.Connection, made: WorldDatabase, kind: str, *, minutes: float = 0, slug: str = "qingcheng"
) -> uuid.UUID:
    mark_id = uuid.uuid4()
    at = NOW + timedelta(minutes=minutes)
    await owner.execute(_MARK, made.world.tenants[slug].id, mark_id, kind, at, CASE)
    return mark_id


async def fire(worker: AsyncEngine, now: datetime = NOW) -> int:
    async with worker.begin() as connection:
        return await fire_due(connection, now=now)


async def rows(owner: asyncpg.Connection, query: str, *arguments: object) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in await owner.fetch(query, *arguments)]


async def test_fires_once_and_tells_whom_the_case_waits_for(
    owner: asyncpg.Connection, worker: AsyncEngine, made: WorldDatabase
) -> None:
    tenant_id = made.world.tenants["qingcheng"].id
    await mark(owner, made, "YELLOW")

    fired = [await fire(worker, NOW - timedelta(seconds=1)), await fire(worker), await fire(worker)]

    assert fired == [0, 1, 0]
    assert await rows(owner, "select tenant_id, color from cases where color <> 'GREEN'") == [(tenant_id, "YELLOW")]
    told = "select tenant_id, account_id, case_id, kind, number, subject, at from notifications"
    worker_account = made.world.accounts["worker"]
    assert await rows(owner, told) == [
        (tenant_id, worker_account, CASE, "YELLOW", "20260520-0001", "楼道积水（qingcheng）", NOW)
    ]
    event = "select tenant_id, action, at, ordinal, before->>'color', after->>'color' from events"
    assert await rows(owner, event) == [(tenant_id, "YELLOW", NOW, 1, "GREEN", "YELLOW")]


async def test_fires_what_has_piled_up_of_a_case_one_after_the_other(
    owner: asyncpg.Connection, worker: AsyncEngine, made: WorldDatabase
) -> None:
    for kind in ("RED", "YELLOW", "URGE"):
        await mark(owner, made, kind)

    fired = [await fire(worker, NOW + timedelta(seconds=second)) for second in range(4)]

    assert fired == [1, 1, 1, 0]
    assert await rows(owner, "select action from events order by at") == [("URGE",), ("YELLOW",), ("RED",)]
    assert await owner.fetchval("select color from cases where color <> 'GREEN'") == "RED"


async def test_keeps_tenants_apart_whose_cases_bear_the_same_id(
    owner: asyncpg.Connection, worker: AsyncEngine, made: WorldDatabase
) -> None:
    await mark(owner, made, "RED", slug="zhongshan")
    await mark(owner, made, "RED", minutes=1)

    assert await fire(worker) == 1

    there = made.world.tenants["zhongshan"].id
    for table in ("cases where color <> 'GREEN'", "notifications", "events"):
        assert await rows(owner, f"select tenant_id from {table}") == [(there,)]


async def test_passes_by_a_case_in_hand_and_what_another_worker_fires(
    owner: asyncpg.Connection, worker: AsyncEngine, made: WorldDatabase
) -> None:
    await mark(owner, made, "RED")
    await mark(owner, made, "RED", slug="zhongshan")
    here = made.world.tenants["qingcheng"].id

    async with owner.transaction():
        # As a step holds it.
        await owner.execute("select from cases where tenant_id = $1 and id = $2 for update", here, CASE)
        # Nobody waits: whoever did would wait for this very test.
        async with asyncio.timeout(10), worker.connect() as other:
            assert await fire_due(other, now=NOW) == 1
            assert await fire(worker) == 0
            await other.rollback()

    assert await fire(worker) == 2
    assert await owner.fetchval("select count(*) from notifications") == 2


@pytest.mark.parametrize(
    "change",
    ["due_at = due_at + interval '1 day'", "status = 'EXCLUDED'"],
)
async def test_fires_nothing_of_a_case_that_has_moved(
    owner: asyncpg.Connection, worker: AsyncEngine, made: WorldDatabase, change: str
) -> None:
    await mark(owner, made, "RED")
    await owner.execute(f"update cases set {change} where id = $1", CASE)
    try:
        assert await fire(worker) == 0
    finally:
        await owner.execute(
            "update cases set due_at = due_at - interval '1 day' where id = $1 and due_at > '2099-01-01 20:00+00'", CASE
        )
        await owner.execute("update cases set stop_reason = null, status = 'REPORTED' where id = $1", CASE)


async def test_tells_nobody_whose_post_has_ended(
    owner: asyncpg.Connection, worker: AsyncEngine, made: WorldDatabase
) -> None:
    await mark(owner, made, "RED")
    await owner.execute("update work_items set until = '2026-06-01'")
    try:
        assert await fire(worker) == 1
    finally:
        await owner.execute("update work_items set until = null")

    assert await owner.fetchval("select count(*) from notifications") == 0


async def test_reads_as_much_as_it_fires_however_much_is_late(owner: asyncpg.Connection, made: WorldDatabase) -> None:
    # A worker that started while nothing waited, and a table that nobody has looked after since it filled.
    await owner.execute("alter table case_marks set (autovacuum_enabled = off)")
    worker = await asyncpg.connect(made.database.worker_url)
    for _ in range(10):
        await worker.fetchval("select app.fire_due($1, 50)", NOW)
    await owner.execute(_ALIKE, made.world.tenants["qingcheng"].id, _MANY)
    await owner.execute(_ALL_DUE, NOW)

    async with worker.transaction():
        assert await worker.fetchval("select app.fire_due($1, 50)", NOW) == 50
        # Each mark as it is found, as one that is before itself, as it is locked and as it is written; hardly more.
        assert await worker.fetchval(_ROWS_READ, "case_marks") < 10 * 50

    await worker.close()
    await owner.execute("delete from notifications; delete from events; delete from case_marks")
    await owner.execute("delete from cases where number like '20990101-%'")


async def test_is_the_workers_alone(made: WorldDatabase) -> None:
    gateway = await asyncpg.connect(made.database.gateway_url)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await gateway.execute("select app.fire_due(now(), 10)")
    await gateway.close()
