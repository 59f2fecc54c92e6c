"""Is what has happened put in order once, whatever dies or runs twice, and forgotten only after its day?"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from deploy.settings import sqlalchemy_url
from services.outbox.commands import (
    CHANNEL,
    Ordered,
    is_anything_waiting,
    order_events,
    read_notification,
    sweep_events,
)
from tests.fixtures.world import WorldDatabase

_NOW = datetime(2026, 6, 1, 4, tzinfo=UTC)
_INSERT = """
    insert into events (tenant_id, id, street_id, district_id, at, action, case_id, ordinal, after)
    values ($1, $2, $3, $4, $5, 'ACCEPT', $6, $7, '{}')
"""


@pytest.fixture
async def owner(made: WorldDatabase) -> AsyncIterator[asyncpg.Connection]:
    """The owner's connection; nothing has happened before a test."""
    connection = await asyncpg.connect(made.database.owner_url)
    yield connection
    await connection.execute("delete from events")
    await connection.close()


@pytest.fixture
async def worker(made: WorldDatabase) -> AsyncIterator[AsyncEngine]:
    engine = create_async_engine(sqlalchemy_url(made.database.worker_url))
    yield engine
    await engine.dispose()


async def happen(owner: asyncpg.Connection, made: WorldDatabase, *places: tuple[int, int, float]) -> None:
    """Let steps happen: each of a case, with its ordinal, so many seconds later."""
    tenant = made.world.tenants["qingcheng"]
    await owner.executemany(
        _INSERT,
        [
            (
                tenant.id,
                uuid.uuid4(),
                tenant.street_id,
                tenant.district_id,
                _NOW + timedelta(seconds=seconds),
                uuid.UUID(int=case),
                ordinal,
            )
            for case, ordinal, seconds in places
        ],
    )


async def order(worker: AsyncEngine) -> int:
    async with worker.begin() as connection:
        return await order_events(connection)


async def ordered(owner: asyncpg.Connection) -> list[tuple[int, int]]:
    rows = await owner.fetch("select case_id, ordinal from events where sequence is not null order by sequence")
    return [(row["case_id"].int, row["ordinal"]) for row in rows]


async def test_orders_by_the_instant_and_each_case_by_its_steps(
    owner: asyncpg.Connection, worker: AsyncEngine, made: WorldDatabase
) -> None:
    # The second step of the first case was taken where a clock is slow, the third at the very instant of another's.
    await happen(owner, made, (1, 3, 5), (2, 1, 1), (1, 2, -60), (3, 1, 5), (1, 1, 0))

    count = await order(worker)

    assert count == 5
    assert await ordered(owner) == [(1, 1), (1, 2), (2, 1), (1, 3), (3, 1)]


async def test_loses_nothing_when_a_worker_dies_before_its_commit(
    owner: asyncpg.Connection, worker: AsyncEngine, made: WorldDatabase
) -> None:
    await happen(owner, made, *((case, 1, case) for case in range(10)))
    async with worker.connect() as dying:
        assert await order_events(dying) == 10
        # It holds the lock: nobody else numbers anything in the meantime.
        other = asyncio.create_task(order(worker))
        await asyncio.sleep(0.1)
        assert not other.done()
        assert await ordered(owner) == []
        await dying.rollback()

    assert await other == 10
    assert await ordered(owner) == [(case, 1) for case in range(10)]


async def test_two_workers_number_each_event_once(
    owner: asyncpg.Connection, worker: AsyncEngine, made: WorldDatabase
) -> None:
    counts: list[int] = []
    for start in range(0, 100, 10):
        await happen(owner, made, *((case, 1, case) for case in range(start, start + 10)))
        counts += await asyncio.gather(order(worker), order(worker), order(worker))

    numbers = await owner.fetch("select sequence from events")

    assert sum(counts) == 100
    assert len({row["sequence"] for row in numbers}) == 100
    assert await ordered(owner) == [(case, 1) for case in range(100)]
    async with worker.connect() as connection:
        assert not await is_anything_waiting(connection)


async def test_tells_all_processes_once_a_batch_for_whom_it_is(
    owner: asyncpg.Connection, worker: AsyncEngine, made: WorldDatabase
) -> None:
    told: asyncio.Queue[str] = asyncio.Queue()
    await owner.add_listener(CHANNEL, lambda *heard: told.put_nowait(str(heard[-1])))
    await happen(owner, made, *((case, 1, case) for case in range(30)))

    await order(worker)
    await order(worker)

    heard = await asyncio.wait_for(told.get(), 5)
    tenants = made.world.tenants
    assert read_notification(heard) == frozenset(tenants[slug].id for slug in ("qingcheng", "gudong", "gulou"))
    assert told.empty()


def test_tells_everybody_when_too_many_are_concerned() -> None:
    few, many = Ordered(7, frozenset({3, 1})), Ordered(7, frozenset(range(100_000, 102_000)))

    assert (few.told(), many.told()) == ("[7,[1,3]]", '[7,"*"]')
    assert read_notification(few.told()) == frozenset({1, 3})
    assert read_notification(many.told()) is None


async def test_forgets_what_is_older_than_a_day_and_an_hour(
    owner: asyncpg.Connection, worker: AsyncEngine, made: WorldDatabase
) -> None:
    hour = 3600
    await happen(owner, made, (1, 1, -26 * hour), (2, 1, -24.5 * hour), (3, 1, 0))
    await order(worker)
    await happen(owner, made, (4, 1, -30 * hour))

    async with worker.begin() as connection:
        swept = await sweep_events(connection, now=_NOW)

    assert swept == 1
    assert await ordered(owner) == [(2, 1), (3, 1)]
    assert await owner.fetchval("select count(*) from events where sequence is null") == 1
