"""What does a simulation leave in the database?"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from deploy.settings import sqlalchemy_url
from deploy.simulate.cases import let_cases_wait
from deploy.simulate.plan import OthersPresent, SimulationPlan, TooFewDwellings, TooFewTenants, plan_tenants
from deploy.simulate.rows import bulk_transaction
from deploy.simulate.simulating import Simulated, settle_statistics, simulate
from services.onboarding.commands import open_tenant
from services.onboarding.rules import NewTenant
from services.people.tables import Person
from services.places.tables import GridBuilding, Place
from tenants.sealing.keyring import Keyring
from tenants.sealing.master_key import LocalKeyService
from tenants.sealing.values import Purpose
from tenants.tables import Tenant
from tests.fixtures.database import Database

pytestmark = pytest.mark.usefixtures("database")

PLAN = SimulationPlan(tenant_count=6, dwelling_count=300)


def keyring() -> Keyring:
    """Make an empty ring over a master key of the tests."""
    return Keyring(LocalKeyService([b"k" * 32]))


async def simulated(engine: AsyncEngine, plan: SimulationPlan = PLAN) -> Simulated:
    """Run a simulation."""
    async with bulk_transaction(engine) as bulk:
        return await simulate(bulk, keyring=keyring(), plan=plan, progress=lambda _: None)


async def rows(engine: AsyncEngine, sql: str) -> list[tuple[Any, ...]]:
    """Run a query as the owner."""
    async with engine.connect() as connection:
        return [tuple(row) for row in await connection.execute(text(sql))]


async def test_makes_as_much_as_was_asked(owner_engine: AsyncEngine) -> None:
    done: list[int] = []
    async with bulk_transaction(owner_engine) as bulk:
        made = await simulate(bulk, keyring=keyring(), plan=PLAN, progress=done.append)
    await settle_statistics(owner_engine)

    counts = dict(await rows(owner_engine, "select kind, count(*) from places group by kind"))
    assert (made.tenants, made.dwellings) == (6, 300)
    assert done[-1] == 300
    assert (counts["district"], counts["street"], counts["community"], counts["dwelling"]) == (1, 1, 4, 300)
    assert await rows(owner_engine, "select count(*) from people") == [(made.people,)]
    spread = await rows(owner_engine, "select count(*) from places where kind = 'dwelling' group by tenant_id")
    assert spread == [(75,)] * 4


async def test_counts_every_building_under_each_of_its_grids(owner_engine: AsyncEngine) -> None:
    await simulated(owner_engine)

    told = await rows(
        owner_engine, "select sum(unit_count), sum(dwelling_count), sum(household_count) from grid_buildings"
    )
    counted = await rows(
        owner_engine,
        """select (select count(*) from places where kind = 'unit'),
                  (select count(*) from places where kind = 'dwelling'),
                  (select count(*) from households where until is null)""",
    )
    assert told == counted
    astray = await rows(
        owner_engine,
        """select d.id from places d join places u on u.tenant_id = d.tenant_id and u.id = d.unit_id
           where d.kind = 'dwelling' and (d.grid_id, d.building_id, d.estate_id)
           is distinct from (u.grid_id, u.building_id, u.estate_id)""",
    )
    assert astray == []


async def test_the_same_seed_gives_the_same_rows(
    owner_engine: AsyncEngine, new_database: Callable[[], Awaitable[Database]]
) -> None:
    other = create_async_engine(sqlalchemy_url((await new_database()).owner_url))
    sealed = "select tenant_id, id, name_masked, phone_masked from people order by tenant_id, id"
    places = "select tenant_id, id, kind, address, sort_key, floor_area from places where kind <> 'community'"

    await simulated(owner_engine)
    await simulated(other)
    first, second = [await rows(engine, sealed) for engine in (owner_engine, other)]
    built, again = [
        await rows(engine, f"{places} and kind not in ('street', 'district') order by id")
        for engine in (owner_engine, other)
    ]
    await other.dispose()

    assert first == second
    assert built == again


async def test_seals_people_with_the_key_of_their_tenant(owner_engine: AsyncEngine) -> None:
    await simulated(owner_engine)

    async with owner_engine.connect() as connection:
        person = (await connection.execute(select(Person).order_by(Person.tenant_id.desc()).limit(1))).one()
        sealer = await keyring().sealer_of(connection, tenant_id=person.tenant_id)
    assert sealer is not None
    name = sealer.open(person.name_sealed, purpose=Purpose.NAME)
    assert person.name_masked == f"{name[0]}*"
    assert person.name_index == sealer.index(name, purpose=Purpose.NAME)


async def test_gives_each_community_accounts_that_hold_posts(owner_engine: AsyncEngine) -> None:
    await simulated(owner_engine)

    subjects = [
        row[0]
        for row in await rows(
            owner_engine,
            """select a.subject from accounts a join memberships m on m.account_id = a.id
               join positions p on p.tenant_id = m.tenant_id and p.id = m.position_id and p.account_id = a.id
               where a.issuer = 'simulated' and a.subject like '%@sim-c0002' order by 1""",
        )
    ]
    assert [subject.partition("@")[0] for subject in subjects] == [
        "admin",
        "auditor",
        "building-leader",
        "committee-chair",
        "grid-leader",
        "grid-worker",
        "owners-chair",
        "party-secretary",
        "property-manager",
        "property-worker",
        "resident",
        "worker",
    ]
    wrong = await rows(
        owner_engine,
        """select p.kind_code, l.kind from positions p
           join places l on l.tenant_id = p.tenant_id and l.id = p.place_id
           join position_kinds k on k.tenant_id = p.tenant_id and k.code = p.kind_code
           left join bodies b on b.id = p.body_id
           where l.kind <> all (string_to_array(k.place_kinds, ','))
           or b.id is not null and b.kind <> all (string_to_array(k.body_kinds, ','))""",
    )
    assert wrong == []


async def test_goes_on_counting_in_a_second_simulation(owner_engine: AsyncEngine) -> None:
    await simulated(owner_engine)
    await simulated(owner_engine, SimulationPlan(tenant_count=3, dwelling_count=5))

    slugs = [row[0] for row in await rows(owner_engine, "select slug from tenants where kind = 'community' order by 1")]
    assert slugs == ["sim-c0001", "sim-c0002", "sim-c0003", "sim-c0004", "sim-c0007"]
    assert await rows(owner_engine, "select count(*) from places where kind = 'dwelling'") == [(305,)]


async def test_refuses_to_mix_with_real_tenants_unless_told(owner_engine: AsyncEngine) -> None:
    async with owner_engine.begin() as connection:
        await open_tenant(connection, new=NewTenant("qingcheng", "庆城社区", "community"))

    with pytest.raises(OthersPresent, match="qingcheng"):
        await simulated(owner_engine)
    async with owner_engine.connect() as connection:
        assert (await connection.scalars(select(Tenant.slug))).all() == ["qingcheng"]
        assert (await connection.scalars(select(GridBuilding.id))).all() == []
    made = await simulated(owner_engine, SimulationPlan(3, 10, beside_others=True))

    assert made.tenants == 3
    async with owner_engine.connect() as connection:
        own = Place.tenant_id == select(Tenant.id).where(Tenant.slug == "qingcheng").scalar_subquery()
        assert (await connection.scalars(select(Place.kind).where(own))).all() == ["community"]


@pytest.mark.parametrize(
    ("plan", "refusal"), [(SimulationPlan(2, 10), TooFewTenants), (SimulationPlan(40, 34), TooFewDwellings)]
)
def test_refuses_plans_that_make_no_whole_tree(plan: SimulationPlan, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        plan_tenants(plan)


async def test_makes_cases_of_a_year_with_work_for_those_who_are_next(owner_engine: AsyncEngine) -> None:
    told: list[int] = []
    plan = SimulationPlan(tenant_count=6, dwelling_count=300, cases_per_year=40)
    async with bulk_transaction(owner_engine) as bulk:
        made = await simulate(bulk, keyring=keyring(), plan=plan, progress=lambda _: None, case_progress=told.append)
    await let_cases_wait(owner_engine, made.caseloads)
    await settle_statistics(owner_engine)

    assert told[-1] == made.cases >= 4 * (40 + 3)
    counted = await rows(owner_engine, "select count(*), count(distinct tenant_id) from cases")
    assert counted == [(made.cases, 4)]
    waiting = """select count(*) = count(*) filter (where a.issuer = 'simulated'), count(*) > 0
                 from work_items w join accounts a on a.id = w.account_id"""
    assert await rows(owner_engine, waiting) == [(True, True)]
