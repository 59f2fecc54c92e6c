"""What is counted of a building, under which grid, and what when two change it at the same time?"""

from __future__ import annotations

import asyncio
import uuid

import pytest
from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from services.people.tables import Household
from services.places.commands import recount_buildings, recount_tenants
from services.places.tables import GridBuilding, Place
from tenants.grants import Grants
from tenants.work import TenantWork, Workshop
from tests.make import World, make_world

pytestmark = pytest.mark.usefixtures("database")

Counts = dict[tuple[str, str], tuple[int, int, int]]

FRESH: Counts = {
    ("1号楼", "第一网格"): (2, 6, 3),
    ("2号楼", "第一网格"): (1, 2, 1),
    ("2号楼", "第二网格"): (1, 2, 1),
    ("3号楼", "第二网格"): (0, 0, 0),
    ("10号楼", "第二网格"): (1, 4, 1),
    ("13号楼", "第十网格"): (1, 2, 0),
}


@pytest.fixture
async def world(owner_engine: AsyncEngine) -> World:
    """Communities whose rows bear the same ids, counted."""
    async with owner_engine.connect() as connection:
        return await make_world(connection)


@pytest.fixture
def workshop(gateway_engine: AsyncEngine) -> Workshop:
    """Units of work as the gateway."""
    return Workshop(gateway_engine)


def grants(world: World, slug: str = "qingcheng") -> Grants:
    """Act in a community; counting needs no permission of its own."""
    return Grants(world.tenants[slug], world.accounts["worker"])


async def counts(engine: AsyncEngine, world: World, slug: str = "qingcheng") -> Counts:
    """Tell units, dwellings and households by building and grid."""
    names = {row_id: name.partition("/")[2] for name, row_id in world.places.items() if name.startswith(f"{slug}/")}
    async with engine.connect() as connection:
        found = await connection.execute(select(GridBuilding).where(GridBuilding.tenant_id == world.tenants[slug].id))
        return {
            (names[row.id], names[row.grid_id]): (row.unit_count, row.dwelling_count, row.household_count)
            for row in found
        }


async def move_in(work: TenantWork, world: World, dwelling: str) -> None:
    """Add a household to a dwelling."""
    await work.session.execute(
        insert(Household).values(
            tenant_id=work.tenant.id, id=uuid.uuid4(), dwelling_id=world.places[f"qingcheng/{dwelling}"]
        )
    )


async def add_unit(work: TenantWork, world: World, name: str) -> None:
    """Add a unit to a building, whose key the foreign key holds a share of from then on."""
    tenant = work.tenant
    await work.session.execute(
        insert(Place).values(
            tenant_id=tenant.id,
            id=uuid.uuid4(),
            street_id=tenant.street_id,
            district_id=tenant.district_id,
            kind="unit",
            building_id=building(world, name),
            grid_id=world.places["qingcheng/第一网格"],
            name="9单元",
            address=f"{name}9单元",
            sort_key="",
        )
    )


def building(world: World, name: str) -> uuid.UUID:
    """Find a building of qingcheng."""
    return world.places[f"qingcheng/{name}"]


async def test_counts_units_dwellings_and_present_households_by_grid(owner_engine: AsyncEngine, world: World) -> None:
    assert await counts(owner_engine, world) == FRESH


async def test_counts_anew_what_changed_and_nothing_else(
    owner_engine: AsyncEngine, world: World, workshop: Workshop
) -> None:
    async with owner_engine.begin() as connection:
        await connection.execute(update(GridBuilding).values(household_count=99))

    async with workshop.work(grants(world)) as work:
        await move_in(work, world, "1号楼1单元101室")
        await recount_buildings(work, building_ids=[building(world, "1号楼")])

    told = await counts(owner_engine, world)
    assert told["1号楼", "第一网格"] == (2, 6, 4)
    assert told["10号楼", "第二网格"] == (1, 4, 99)
    assert {count for *_, count in (await counts(owner_engine, world, "zhongshan")).values()} == {99}


async def test_a_building_leaves_the_grid_its_last_unit_left(
    owner_engine: AsyncEngine, world: World, workshop: Workshop
) -> None:
    second = world.places["qingcheng/第二网格"]

    async with workshop.work(grants(world)) as work:
        of_building = Place.building_id == building(world, "2号楼")
        moved = update(Place).where(Place.tenant_id == work.tenant.id, of_building).values(grid_id=second)
        await work.session.execute(moved, execution_options={"synchronize_session": False})
        await recount_buildings(work, building_ids=[building(world, "2号楼")])

    told = await counts(owner_engine, world)
    assert ("2号楼", "第一网格") not in told
    assert told["2号楼", "第二网格"] == (2, 4, 2)


async def test_takes_no_heed_of_ids_that_are_no_buildings_of_the_tenant(
    owner_engine: AsyncEngine, world: World, workshop: Workshop
) -> None:
    async with workshop.work(grants(world)) as work:
        await recount_buildings(work, building_ids=[])
        await recount_buildings(work, building_ids=[uuid.uuid4(), world.places["qingcheng/第一网格"]])

    assert await counts(owner_engine, world) == FRESH


async def test_two_changes_of_one_building_are_both_counted(
    owner_engine: AsyncEngine, world: World, workshop: Workshop
) -> None:
    first_has_counted, second_has_begun = asyncio.Event(), asyncio.Event()

    async def first() -> None:
        async with workshop.work(grants(world)) as work:
            await add_unit(work, world, "1号楼")
            await recount_buildings(work, building_ids=[building(world, "1号楼")])
            first_has_counted.set()
            await second_has_begun.wait()
            # Time for the second to come to the lock; it only makes the test stricter.
            await asyncio.sleep(0.1)

    async def second() -> None:
        async with workshop.work(grants(world)) as work:
            await add_unit(work, world, "1号楼")
            await first_has_counted.wait()
            second_has_begun.set()
            await recount_buildings(work, building_ids=[building(world, "1号楼")])

    await asyncio.wait_for(asyncio.gather(first(), second()), timeout=20)

    assert (await counts(owner_engine, world))["1号楼", "第一网格"] == (4, 6, 3)


async def test_the_owner_recounts_whole_tenants(owner_engine: AsyncEngine, world: World) -> None:
    qingcheng, zhongshan = (world.tenants[slug].id for slug in ("qingcheng", "zhongshan"))
    async with owner_engine.begin() as connection:
        await connection.execute(delete(GridBuilding).where(GridBuilding.tenant_id == qingcheng))
        await connection.execute(update(GridBuilding).values(dwelling_count=99))

        await recount_tenants(connection, tenant_ids=[qingcheng])

    assert await counts(owner_engine, world) == FRESH
    async with owner_engine.connect() as connection:
        others = select(GridBuilding.dwelling_count).where(GridBuilding.tenant_id == zhongshan).distinct()
        assert (await connection.scalars(others)).all() == [99]
