"""What does a simulated city leave in the database, and is it what commands would have left?"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import date
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from deploy.settings import sqlalchemy_url
from deploy.simulate.city.making import City, let_city_wait, make_city, settle_city
from deploy.simulate.city.plan import CityPlan, NoCommunities, plan_city
from deploy.simulate.plan import TooFewDwellings
from deploy.simulate.rows import bulk_transaction
from services.case_counts.tables import CASES
from services.divisions.reading import read_divisions
from services.rollups.checking import find_differences, find_sum_differences
from tenants.sealing.keyring import Keyring
from tenants.sealing.master_key import LocalKeyService
from tests.deploy.simulate.small_city import FILE, cut
from tests.fixtures.database import Database

TODAY = date(2026, 11, 26)
PLAN = CityPlan(cut(), dwelling_count=400, case_count=3_000, today=TODAY)


async def make(engine: AsyncEngine, plan: CityPlan = PLAN) -> City:
    """Make a city."""
    async with bulk_transaction(engine) as bulk:
        keyring = Keyring(LocalKeyService([b"k" * 32]))
        made = await make_city(bulk, keyring=keyring, plan=plan, progress=lambda _, __: None)
    await settle_city(engine)
    return made


@pytest.fixture(scope="module")
async def engine(new_database: Callable[[], Awaitable[Database]]) -> AsyncIterator[AsyncEngine]:
    """A database with a small city."""
    database = await new_database()
    made = create_async_engine(sqlalchemy_url(database.owner_url))
    city = await make(made)
    await let_city_wait(made, city, progress=lambda _, __: None)
    yield made
    await made.dispose()


async def rows(engine: AsyncEngine, sql: str) -> list[tuple[Any, ...]]:
    """Run a query as the owner."""
    async with engine.connect() as connection:
        return [tuple(row) for row in await connection.execute(text(sql))]


async def test_makes_a_tenant_of_each_division_under_its_parent(engine: AsyncEngine) -> None:
    found = await rows(
        engine,
        "select t.code, t.kind, t.name, p.code, t.code_system from tenants t left join tenants p on p.id = t.parent_id",
    )

    expected = {
        (row.code, row.level, row.name, row.parent_code if row.level != "district" else None, "statistics")
        for row in PLAN.divisions
    }
    assert set(found) == expected
    assert len(found) == 26


async def test_makes_as_many_cases_as_was_asked_and_numbers_them_without_gaps(engine: AsyncEngine) -> None:
    assert await rows(engine, "select count(*) from cases") == [(3_000,)]
    numbered = """
        select count(*) from (
            select number, to_char(reported_at at time zone 'Asia/Shanghai', 'YYYYMMDD') || '-' || to_char(row_number()
                over (partition by tenant_id, (reported_at at time zone 'Asia/Shanghai')::date order by number),
                'FM0000') as expected,
                lag(reported_at) over (partition by tenant_id order by number) > reported_at as is_unordered
            from cases
        ) n where number <> expected or is_unordered
    """
    assert await rows(engine, numbered) == [(0,)]
    days = """
        select count(*) from case_days d full join (
            select tenant_id, (reported_at at time zone 'Asia/Shanghai')::date as day, count(*) as cases
            from cases group by 1, 2
        ) c using (tenant_id, day) where d.last_number is distinct from c.cases
    """
    assert await rows(engine, days) == [(0,)]


async def test_counts_exactly(engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        assert await find_differences(connection, CASES) == []
        assert await find_sum_differences(connection, CASES) == []
    (told,) = await rows(
        engine,
        """select sum(reported), sum(accepted) > 2000, sum(closed) > 2000, sum(extended) > 0, sum(reworked) > 0,
               sum(due_to_close) > sum(closed_on_time), sum(called_back) > sum(contacted)
           from case_sums where dimension = 'ALL' and grain = 'MONTH' and basis = 'OPENED'
               and tenant_id in (select id from tenants where kind = 'district')""",
    )
    assert told == (3_000, True, True, True, True, True, True)


async def test_leaves_cases_as_their_last_steps_say(engine: AsyncEngine) -> None:
    astray = """
        select c.id from cases c
        left join lateral (
            select * from case_steps s where s.tenant_id = c.tenant_id and s.case_id = c.id
            order by ordinal desc limit 1
        ) s on true
        left join lateral (
            select max(at) filter (where action = 'CLOSE') as closed_at, count(*) as steps, max(ordinal) as last
            from case_steps s where s.tenant_id = c.tenant_id and s.case_id = c.id
        ) a on true
        where (c.status, c.due_at, c.accountable_body_id, c.rework_count)
                is distinct from (s.to_status, s.due_at, s.accountable_body_id, s.rework_count)
            or (c.status = 'CLOSED' and c.closed_at <> a.closed_at) or a.steps <> a.last
            or (c.status = 'CLOSED' and c.needs_call_back and c.called_back_at is null)
    """
    assert await rows(engine, astray) == []
    statuses = {row[0] for row in await rows(engine, "select distinct status from cases")}
    assert {"CLOSED", "EXCLUDED", "MERGED", "HANDLING"} <= statuses
    merged = "select count(*) from cases c join cases d on d.id = c.duplicate_of_id where d.status = 'MERGED'"
    assert await rows(engine, merged) == [(0,)]
    unordered = """
        select count(*) from (
            select at < lag(at) over (partition by tenant_id, case_id order by ordinal) as is_before,
                from_status is distinct from lag(to_status) over (partition by tenant_id, case_id order by ordinal)
                    as is_elsewhere
            from case_steps
        ) s where is_before or is_elsewhere
    """
    assert await rows(engine, unordered) == [(0,)]
    departments = """
        select count(*) > 100, bool_and(b.home_tenant_id = c.district_id)
        from cases c join bodies b on b.id = c.accountable_body_id where b.kind = 'department'
    """
    assert await rows(engine, departments) == [(True, True)]


async def test_lets_open_cases_wait_for_somebody(engine: AsyncEngine) -> None:
    idle = """
        select count(*) from cases c where c.status = 'ACCEPTED' and not exists (
            select from work_items w where w.tenant_id = c.tenant_id and w.case_id = c.id
        )
    """
    assert await rows(engine, idle) == [(0,)]


async def test_takes_its_indexes_and_links_back(
    engine: AsyncEngine, new_database: Callable[[], Awaitable[Database]]
) -> None:
    untouched = create_async_engine(sqlalchemy_url((await new_database()).owner_url))
    told = """
        select pg_get_indexdef(indexrelid) from pg_index where indrelid::regclass::text ~ '^case'
        union all select conname || conrelid::regclass || pg_get_constraintdef(oid) || convalidated
        from pg_constraint where conrelid::regclass::text ~ '^case' order by 1
    """

    assert await rows(engine, told) == await rows(untouched, told)
    await untouched.dispose()


async def test_makes_the_same_again_from_the_same_seed(
    engine: AsyncEngine, new_database: Callable[[], Awaitable[Database]]
) -> None:
    other = create_async_engine(sqlalchemy_url((await new_database()).owner_url))
    await make(other)

    told = """
        select c.id, t.slug, c.number, c.status, c.reported_at, c.closed_at, c.due_at, c.source, p.name
        from cases c
        join tenants t on t.id = c.tenant_id
        join places p on p.tenant_id = c.tenant_id and p.id = c.grid_id
        order by c.id
    """
    assert await rows(engine, told) == await rows(other, told)
    steps = "select id, case_id, ordinal, at, action from case_steps order by id"
    assert await rows(engine, steps) == await rows(other, steps)
    await other.dispose()


def test_shares_out_unevenly_with_a_few_giants() -> None:
    whole = CityPlan(read_divisions(FILE.read_bytes()).rows, 60_000, 2_000_000, today=TODAY)

    planned = plan_city(whole)

    kinds = [one.new.kind for one in planned.tenants]
    assert [kinds.count(kind) for kind in ("district", "street", "community")] == [13, 186, 3_022]
    dwellings = sorted(one.dwelling_count for one in planned.tenants if one.new.kind == "community")
    cases = sorted(planned.cases.values())
    assert (sum(dwellings), sum(cases)) == (60_000, 2_000_000)
    middle = cases[len(cases) // 2]
    assert 300 < middle < 700
    assert cases[-1] > 10 * middle
    assert 5 <= sum(count > 8 * middle for count in cases) <= 40
    assert plan_city(whole).cases == planned.cases


def test_needs_communities_and_a_few_dwellings_in_each() -> None:
    with pytest.raises(NoCommunities):
        plan_city(CityPlan((), today=TODAY))
    with pytest.raises(TooFewDwellings):
        plan_city(CityPlan(cut(), dwelling_count=10, today=TODAY))


async def test_has_seasons_weekdays_and_storms(engine: AsyncEngine) -> None:
    found = await rows(
        engine,
        "select extract(isodow from reported_at at time zone 'Asia/Shanghai')::int, count(*) from cases group by 1",
    )
    by_weekday = {row[0]: row[1] for row in found}
    assert by_weekday[1] > by_weekday[7]
    ((most, mean),) = await rows(
        engine,
        """select max(n), avg(n)::float from (
               select count(*) as n from cases group by street_id, (reported_at at time zone 'Asia/Shanghai')::date
           ) d""",
    )
    assert most > 6 * mean
