"""Do writers wait for each other when all of them report in one grid? What they report is folded meanwhile."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

import asyncpg
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from deploy.bench.figures import Figure
from deploy.bench.rounds import ROUNDS
from deploy.bench.world import Ground
from deploy.roles import GATEWAY, OWNER, WORKER
from deploy.settings import sqlalchemy_url
from services.case_counts.tables import CASES
from services.cases.commands.report import Report, report_case
from services.rollups.checking import fold
from tenants.grants import Grants
from tenants.work import Workshop

WRITERS = 64
_SECONDS_BETWEEN_FOLDS, _FOLDED_AT_ONCE = 0.5, 1000
_TITLE, _DESCRIPTION, _CATEGORY = "路灯不亮", "小区门口的路灯有几天不亮，晚上看不清路。", "0203"
# A place in each of so many grids of the community with the most.
_IN_ONE_COMMUNITY = """
    select t.slug, min(p.id::text)::uuid as place_id from places p join tenants t on t.id = p.tenant_id
    where p.kind = 'site' and t.id = (
        select tenant_id from places where kind = 'grid' group by tenant_id order by count(*) desc, tenant_id limit 1
    )
    group by t.slug, p.grid_id order by p.grid_id limit $1
"""
# And in one grid of each of so many communities.
_IN_MANY = """
    select t.slug, min(p.id::text)::uuid as place_id from places p join tenants t on t.id = p.tenant_id
    where p.kind = 'site' group by t.id order by t.id limit $1
"""


@dataclass(frozen=True, slots=True)
class Desk:
    """Who reports, and where."""

    grants: Grants
    place_id: uuid.UUID

    async def report(self, workshop: Workshop) -> None:
        """Report a case, and commit."""
        told = Report(_TITLE, _DESCRIPTION, _CATEGORY, kind="HELP", source="PATROL", at=self.place_id)
        async with workshop.work(self.grants) as work:
            await report_case(work, report=told)


async def measure_counting(ground: Ground, database: str, *, seconds: float) -> list[Figure]:
    """Measure the commits of as many writers on one grid, on as many grids of its community, and on as many tenants."""
    grids = await _desks(ground, database, _IN_ONE_COMMUNITY)
    tenants = await _desks(ground, database, _IN_MANY)
    beside_grids, beside_tenants = [], []
    async with _folding(ground, database), _connected(ground, database, GATEWAY) as engine:
        workshop = Workshop(engine)
        for _ in range(ROUNDS):
            one = await _commits(workshop, [grids[0]] * WRITERS, seconds)
            beside_grids.append((one, await _commits(workshop, _as_many(grids), seconds)))
            beside_tenants.append((one, await _commits(workshop, _as_many(tenants), seconds)))
    return [
        Figure(
            f"{WRITERS} writers on one grid against {WRITERS} on {len(grids)} grids of it", "commits/s", beside_grids
        ),
        Figure(
            f"{WRITERS} writers on one grid against {WRITERS} in {len(tenants)} communities",
            "commits/s",
            beside_tenants,
        ),
    ]


def _as_many(desks: Sequence[Desk]) -> list[Desk]:
    return [desks[number % len(desks)] for number in range(WRITERS)]


async def _desks(ground: Ground, database: str, places: str) -> list[Desk]:
    owner = await asyncpg.connect(ground.server.url(database, user=OWNER))
    try:
        found = await owner.fetch(places, WRITERS)
    finally:
        await owner.close()
    url = ground.server.url(database, user=GATEWAY)
    grants = {
        slug: (await ground.caller(url, account=f"worker@{slug}")).grants for slug in {row["slug"] for row in found}
    }
    return [Desk(grants[row["slug"]], row["place_id"]) for row in found]


async def _commits(workshop: Workshop, desks: Sequence[Desk], seconds: float) -> float:
    """Tell the commits a second of all desks together."""
    end = time.perf_counter() + seconds
    counts = await asyncio.gather(*(_report_until(workshop, desk, end) for desk in desks))
    return sum(counts) / (seconds + time.perf_counter() - end)


async def _report_until(workshop: Workshop, desk: Desk, end: float) -> int:
    count = 0
    while time.perf_counter() < end:
        await desk.report(workshop)
        count += 1
    return count


@asynccontextmanager
async def _connected(ground: Ground, database: str, role: str) -> AsyncIterator[AsyncEngine]:
    url = sqlalchemy_url(ground.server.url(database, user=role))
    engine = create_async_engine(url, pool_size=WRITERS, hide_parameters=True)
    try:
        yield engine
    finally:
        await engine.dispose()


@asynccontextmanager
async def _folding(ground: Ground, database: str) -> AsyncIterator[None]:
    """Fold what is counted as the worker does while the block runs."""
    async with _connected(ground, database, WORKER) as engine:
        folding = asyncio.create_task(_fold_again(engine))
        try:
            yield
        finally:
            folding.cancel()
            await asyncio.wait([folding])


async def _fold_again(engine: AsyncEngine) -> None:
    while True:
        async with engine.begin() as connection:
            folded = await fold(connection, CASES, most=_FOLDED_AT_ONCE)
        if folded < _FOLDED_AT_ONCE:
            await asyncio.sleep(_SECONDS_BETWEEN_FOLDS)
