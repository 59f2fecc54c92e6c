"""Does a district's year take longer when ten times as much has happened? And how long does counting it take?"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import asyncpg

from deploy.bench.children import Child, running
from deploy.bench.cities import Scale
from deploy.bench.counting import measure_counting
from deploy.bench.direct_count import count_directly
from deploy.bench.exporting import measure_exporting
from deploy.bench.figures import Figure
from deploy.bench.loading import Load, apply_load
from deploy.bench.questions import write_post
from deploy.bench.rounds import ROUNDS, AnswersDifferError
from deploy.bench.servers import GATEWAY_COMMAND, OURS
from deploy.bench.world import Ground, World
from deploy.roles import OWNER

_DOCUMENT = Path(__file__).with_name("summaries.graphql")
_OPERATION = "DistrictSummary"
# One after the other, so that the time is that of one summary and not of a queue.
_ASKED_A_TURN, _SECONDS_AT_MOST = 5, 60.0
_TARGET = 1.3
# The district with the most communities, which is the slowest to sum up.
_LARGEST = """
    select d.slug from tenants d join tenants c on c.district_id = d.id and c.kind = 'community'
    group by d.id order by count(*) desc, d.id limit 1
"""


@dataclass(frozen=True, slots=True)
class Summed:
    """A period that is summed up."""

    name: str
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Served:
    """A city and the gateway that serves it."""

    world: World
    child: Child

    async def ask(self, period: Summed) -> float:
        """Ask for a summary some times; tell the milliseconds that each took on average."""
        load = Load(
            self.child.port,
            [write_post(asked(period), self.world.caller.headers)],
            _SECONDS_AT_MOST,
            most=_ASKED_A_TURN,
            connections=1,
        )
        answered = await apply_load(load)
        if answered.faults:
            raise AnswersDifferError(f"{answered.faults} bad answers to {period.name}")
        return answered.seconds / answered.count * 1000


async def measure_summaries(ground: Ground, scale: Scale) -> list[Figure]:
    """Measure a district's year with many cases and with few, and beside counting it.

    Then a community's reads beside its district's exports, and writers of one grid.
    """
    names = {count: await ground.city(scale.city(count)) for count in (scale.few, scale.many)}
    async with AsyncExitStack() as stack:
        cities: dict[int, Served] = {}
        for count, name in names.items():
            world = await look_at_largest(ground, name)
            child = await stack.enter_async_context(running(OURS, GATEWAY_COMMAND, environment=world.environment))
            cities[count] = Served(world, child)
        figures = [figure for period in _periods() for figure in await _measure(cities, period)]
    async with ground.copy_of(names[scale.few], purpose="exports") as name:
        world = await look_at_largest(ground, name)
        figures += await measure_exporting(ground, name, world, seconds=scale.seconds)
    async with ground.copy_of(names[scale.few], purpose="writers") as name:
        return [*figures, *await measure_counting(ground, name, seconds=scale.seconds)]


async def look_at_largest(ground: Ground, name: str) -> World:
    """Look at a city as an officer of the district with the most communities."""
    owner = await asyncpg.connect(ground.server.url(name, user=OWNER))
    try:
        slug = await owner.fetchval(_LARGEST)
    finally:
        await owner.close()
    return await ground.look_at(name, account=f"officer@{slug}")


def _periods() -> list[Summed]:
    today = datetime.now(UTC).date()
    new_year = today.replace(month=1, day=1)
    past = Summed("past year", new_year.replace(year=new_year.year - 1), new_year - timedelta(days=1))
    # The cities' cases end with the last month, so here alone a part of a month is as full as any other.
    within = today.replace(day=1) - timedelta(days=4)
    cut = Summed("year that ends within a month", within.replace(month=1, day=1), within)
    return [past, Summed("year to date", new_year, today), cut]


async def _measure(cities: Mapping[int, Served], period: Summed) -> list[Figure]:
    few, many = sorted(cities)
    for city in cities.values():
        await city.ask(period)
    rounds, beside = [], []
    for _ in range(ROUNDS):
        reference, ours = [await cities[count].ask(period) for count in (few, many)]
        rounds.append((ours, reference))
        beside.append((ours, await count_directly(cities[many].world, period.first, period.last)))
    what = f"a district's {period.name}"
    return [
        Figure(f"{what}: {many:,} cases against {few:,}", "ms a summary", rounds, at_most=_TARGET),
        Figure(f"{what}, {many:,} cases: against counting them", "ms", beside),
    ]


def asked(period: Summed) -> dict[str, object]:
    """Write what the gateway is asked for a period."""
    variables = {"from": period.first.isoformat(), "to": period.last.isoformat()}
    return {"query": _DOCUMENT.read_text(), "operationName": _OPERATION, "variables": variables}
