"""How do the cases of a city come into its database? Batch by batch, in memory that does not grow with their number."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, time
from itertools import pairwise
from random import Random
from typing import NamedTuple
from zoneinfo import ZoneInfo

import asyncpg

from deploy.simulate.case_year import lines
from deploy.simulate.city import statements
from deploy.simulate.city.bare_tables import bare
from deploy.simulate.city.days import days_before, lines_by_month, moments, storms, weigh
from deploy.simulate.city.plan import CityPlan
from deploy.simulate.city.ways import numbered, parts_of, slots, steps, ways
from deploy.simulate.rows import BulkConnection
from services.case_counts.tables import CASES
from services.rollups.checking import rebuild

ZONE = ZoneInfo("Asia/Shanghai")
_CASES_AT_ONCE = 20_000
# Who waits to hear back, and who found it themselves; as often as they are named.
_SOURCES = {
    True: ("SNAPSHOT", "SNAPSHOT", "SNAPSHOT", "SNAPSHOT", "HOTLINE", "WINDOW"),
    False: ("PATROL", "PATROL", "PATROL", "VISIT", "PROPERTY", "MEETING"),
}
_TABLES = (
    "cases",
    "case_details",
    "case_steps",
    "case_step_texts",
    "case_shares",
    "case_requests",
    "case_days",
    "case_counts",
    "case_sums",
)


_LINE_COLUMNS = "number integer, code text, kinds text[], title text, description text, settled text"
_STEP_COLUMNS = """
    way integer, ordinal integer, part float, action text, from_status text, to_status text, actor text,
    is_with_department boolean, clock integer, rework_count integer, verdict text, is_handling boolean,
    accepted float, dispatched float, resolved float, closed float, heard float, heard_verdict text
"""


class _Given(NamedTuple):
    """A table of what the cases are drawn from, and its rows."""

    name: str
    columns: str
    rows: Sequence[tuple[object, ...]]


async def load_city_cases(
    bulk: BulkConnection, plan: CityPlan, *, cases: Mapping[str, int], progress: Callable[[str, int], None]
) -> int:
    """Make so many cases for each community, by slug, in the open transaction, and count them; tell how many.

    Progress is told in `cases` made, and then in `tenants counted`.
    """
    driver = bulk.driver
    await driver.execute("set local work_mem = '64MB'")
    for given in await _given(driver, plan, cases):
        await driver.execute(f"create temp table {given.name} ({given.columns}) on commit drop")
        await driver.copy_records_to_table(given.name, records=given.rows)
        await driver.execute(f"analyze {given.name}")
    await driver.execute(statements.CAST.format(seed=int(plan.seed), batch=_CASES_AT_ONCE))
    for statement in (statements.PLACES, statements.CATEGORIES):
        await driver.execute(statement)
    await driver.execute(f"create temp table city_drawn ({statements.DRAWN_COLUMNS}) on commit drop")
    await driver.execute(f"create temp table city_made ({statements.MADE_COLUMNS}) on commit drop")
    await driver.execute("create index on city_places (tenant_id, id)")
    await driver.execute("analyze city_cast, city_places, city_categories")
    async with bare(driver, _TABLES):
        count = await _make_all(driver, plan, progress)
        await driver.execute("analyze cases, case_steps")
        await rebuild(bulk.connection, CASES, progress=lambda done: progress("tenants counted", done))
    return count


async def _make_all(
    driver: asyncpg.Connection[asyncpg.Record], plan: CityPlan, progress: Callable[[str, int], None]
) -> int:
    now = datetime.combine(plan.today, time.min, ZONE)
    made = statements.MADE.format(merged=numbered("merged"), excluded=numbered("excluded"))
    told = [statements.CASES, statements.DETAILS, statements.STEPS, statements.SHARES, statements.REQUESTS]
    told += [statements.TEXTS, statements.DAYS] if plan.has_texts else [statements.DAYS]
    count = 0
    for row in await driver.fetch("select distinct batch from city_cast order by batch"):
        await driver.execute("truncate city_drawn, city_made")
        await driver.execute(statements.DRAWN, row["batch"])
        await driver.execute("analyze city_drawn")
        await driver.execute(made, now)
        await driver.execute("analyze city_made")
        for statement in told:
            await driver.execute(statement)
        count += await driver.fetchval("select count(*) from city_made")
        progress("cases", count)
    return count


async def _given(driver: asyncpg.Connection[asyncpg.Record], plan: CityPlan, cases: Mapping[str, int]) -> list[_Given]:
    random = Random(f"{plan.seed} storms")  # noqa: S311 - what is invented is no secret.
    found = await driver.fetch(
        "select distinct street_id from tenants where slug = any($1::text[]) and street_id is not null order by 1",
        [*cases],
    )
    days = days_before(plan.today, years=plan.years)
    struck = storms(days, [row["street_id"] for row in found], years=plan.years, random=random)
    seconds = enumerate(pairwise(moments()))
    told = enumerate(lines())
    kinds = [(number, one.code, list(one.kinds), one.title, one.description, one.settled) for number, one in told]
    known = [(way.number, way.calls_back, _SOURCES[way.calls_back], parts_of(way.number)) for way in ways()]
    return [
        _Given("city_wanted", "slug text, cases integer", list(cases.items())),
        _Given("city_days", "day date, weight float, number integer", weigh(days)),
        _Given("city_storms", "street_id integer, day date, factor float", struck),
        _Given(
            "city_moments",
            "slot integer, second integer, seconds integer",
            [(slot, begin, end - begin) for slot, (begin, end) in seconds],
        ),
        _Given("city_lines", _LINE_COLUMNS, kinds),
        _Given("city_line_slots", "month integer, slot integer, line integer", list(lines_by_month())),
        _Given("city_ways", "number integer, calls_back boolean, sources text[], parts float[]", known),
        _Given("city_way_slots", "slot integer, way integer", list(enumerate(slots()))),
        _Given("city_steps", _STEP_COLUMNS, steps()),
    ]
