"""What is a summary compared with? The same sums counted from the cases themselves, by hand and in one statement."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import asyncpg

from deploy.bench.world import World

_ZONE = ZoneInfo("Asia/Shanghai")
# What can be told from the index of cases, once for all, each street, each community and each month; without the
# periods compared with, categories and handlers, which a summary tells besides.
_COUNT = """
    select c.street_id, c.tenant_id, date_trunc('month', e.at at time zone 'Asia/Shanghai') as month,
        count(*) filter (where e.what = 'reported') as reported,
        count(*) filter (where e.what = 'accepted') as accepted,
        count(*) filter (where e.what = 'dispatched') as dispatched,
        count(*) filter (where e.what = 'closed') as closed,
        count(*) filter (where e.what = 'due') as due_to_close,
        count(*) filter (where e.what = 'due' and c.closed_at is not null) as closed_of_due,
        count(*) filter (where e.what = 'due' and c.closed_at <= c.due_at) as closed_on_time,
        count(*) filter (where e.what = 'called back') as called_back,
        count(*) filter (where e.what = 'called back' and c.is_contacted) as contacted,
        count(*) filter (where e.what = 'called back' and c.is_solved) as solved,
        count(*) filter (where e.what = 'called back' and c.satisfaction = 'SATISFIED') as satisfied
    from cases c
    cross join lateral (values ('reported', c.reported_at), ('accepted', c.accepted_at),
        ('dispatched', c.dispatched_at), ('closed', c.closed_at), ('called back', c.called_back_at),
        ('due', case when c.status not in ('EXCLUDED', 'MERGED') then c.due_at end)) e (what, at)
    where c.district_id = $1 and c.reported_at < $3 and e.at >= $2 and e.at < $3
    group by grouping sets ((), (c.street_id), (c.tenant_id),
        (date_trunc('month', e.at at time zone 'Asia/Shanghai')))
"""


async def count_directly(world: World, first: date, last: date) -> float:
    """Count a district's period as the gateway's role; tell the milliseconds it takes."""
    async with _entered(world) as connection:
        started = time.perf_counter()
        await connection.fetch(_COUNT, *_days(world, first, last))
        return (time.perf_counter() - started) * 1000


async def count_sums(world: World, first: date, last: date) -> dict[str, int]:
    """Count a district's period, and tell its sums by the names that clients know them by."""
    async with _entered(world) as connection:
        rows = await connection.fetch(_COUNT, *_days(world, first, last))
    (whole,) = [row for row in rows if row["street_id"] is row["tenant_id"] is row["month"] is None]
    return {
        name: whole[column]
        for name, column in {
            "reported": "reported",
            "accepted": "accepted",
            "closed": "closed",
            "dueToClose": "due_to_close",
            "closedOnTime": "closed_on_time",
        }.items()
    }


def _days(world: World, first: date, last: date) -> tuple[int, datetime, datetime]:
    begin, end = (datetime.combine(day, datetime.min.time(), _ZONE) for day in (first, last + timedelta(days=1)))
    return world.caller.tenant_id, begin, end


@asynccontextmanager
async def _entered(world: World) -> AsyncIterator[asyncpg.Connection[asyncpg.Record]]:
    grants = world.caller.grants
    version = grants.tenant.grants_version if grants.tenant else 0
    connection = await asyncpg.connect(world.gateway_url)
    try:
        async with connection.transaction():
            await connection.execute("select app.enter($1, $2, $3)", world.caller.tenant_id, grants.account_id, version)
            yield connection
    finally:
        await connection.close()
