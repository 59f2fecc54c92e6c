"""Do a building and a unit go to another grid with all that is in them?"""

from __future__ import annotations

import asyncpg

from tests.fixtures.gateway import GatewayClient
from tests.fixtures.world import WorldDatabase
from tests.make import World

_MOVE_UNIT = """
mutation ($unit: ID!, $grid: ID!) {
  moveUnit(unitId: $unit, gridId: $grid, reason: "网格调整") {
    unit { name grid { name } dwellings { nodes { grid { name } } } }
    errors { code message field }
  }
}
"""
_MOVE_BUILDING = """
mutation ($building: ID!, $grid: ID!) {
  moveBuilding(buildingId: $building, gridId: $grid) {
    building { name grid { name } units { nodes { name grid { name } } } }
    errors { code field }
  }
}
"""
_COUNTS = """
query ($grid: ID!) { grid(id: $grid) { dwellingCount householdCount buildings { nodes { name dwellingCount } } } }
"""


async def _counts(gateway: GatewayClient, world: World, grid: str) -> dict[str, object]:
    answer = await gateway.ask(_COUNTS, {"grid": world.id("grd", f"qingcheng/{grid}")})
    found: dict[str, object] = answer.json()["data"]["grid"]
    return found


async def test_moves_a_unit_with_its_dwellings_counts_and_history(
    gateway: GatewayClient, world: World, made: WorldDatabase
) -> None:
    unit, grid = world.id("unt", "qingcheng/1号楼1单元"), world.id("grd", "qingcheng/第十网格")
    before = await _counts(gateway, world, "第十网格")

    answer = await gateway.ask(_MOVE_UNIT, {"unit": unit, "grid": grid})

    payload = answer.json()["data"]["moveUnit"]
    assert payload["errors"] == []
    assert payload["unit"]["grid"] == {"name": "庆城社区第十网格"}
    assert payload["unit"]["dwellings"]["nodes"] == [{"grid": {"name": "庆城社区第十网格"}}] * 3
    after = await _counts(gateway, world, "第十网格")
    assert after["dwellingCount"] == before["dwellingCount"] + 3  # type: ignore[operator]
    assert {"name": "1号楼", "dwellingCount": 3} in after["buildings"]["nodes"]  # type: ignore[index]
    assert await _moves(made, tenant_id=world.tenants["qingcheng"].id) == ["网格调整"]
    assert await _moves(made, tenant_id=world.tenants["zhongshan"].id) == []


async def _moves(made: WorldDatabase, *, tenant_id: int) -> list[str | None]:
    connection = await asyncpg.connect(made.database.owner_url)
    try:
        rows = await connection.fetch("select reason from grid_moves where tenant_id = $1 order by id", tenant_id)
    finally:
        await connection.close()
    return [row["reason"] for row in rows if row["reason"] is not None]


async def test_moves_with_a_building_only_the_units_of_its_former_grid(gateway: GatewayClient, world: World) -> None:
    building, grid = world.id("bld", "qingcheng/2号楼"), world.id("grd", "qingcheng/第十网格")

    answer = await gateway.ask(_MOVE_BUILDING, {"building": building, "grid": grid})

    moved = answer.json()["data"]["moveBuilding"]["building"]
    assert moved["grid"] == {"name": "庆城社区第十网格"}
    assert moved["units"]["nodes"] == [
        {"name": "1单元", "grid": {"name": "庆城社区第十网格"}},
        {"name": "2单元", "grid": {"name": "庆城社区第二网格"}},
    ]


async def test_refuses_the_grid_it_lies_in(gateway: GatewayClient, world: World) -> None:
    building, grid = world.id("bld", "qingcheng/10号楼"), world.id("grd", "qingcheng/第二网格")

    answer = await gateway.ask(_MOVE_BUILDING, {"building": building, "grid": grid})

    assert answer.json()["data"]["moveBuilding"] == {
        "building": None,
        "errors": [{"code": "ALREADY_IN_GRID", "field": "gridId"}],
    }


async def test_refuses_another_tenants_building_and_grid_as_if_they_were_not_there(
    gateway: GatewayClient, world: World
) -> None:
    own, foreign = world.id("bld", "qingcheng/10号楼"), world.id("bld", "zhongshan/10号楼")
    own_grid, foreign_grid = world.id("grd", "qingcheng/第一网格"), world.id("grd", "zhongshan/第一网格")
    missing = own_grid[:-4] + "ffff"

    answers = [
        (await gateway.ask(_MOVE_BUILDING, {"building": building, "grid": grid})).json()["data"]["moveBuilding"]
        for building, grid in ((foreign, own_grid), (own, foreign_grid), (own, missing), (own, own))
    ]

    assert [answer["errors"][0]["code"] for answer in answers] == ["NOT_FOUND"] * 4
    assert all(answer["building"] is None for answer in answers)


async def test_refuses_a_grid_worker(gateway: GatewayClient, world: World) -> None:
    building, grid = world.id("bld", "qingcheng/10号楼"), world.id("grd", "qingcheng/第一网格")

    answer = await gateway.ask(_MOVE_BUILDING, {"building": building, "grid": grid}, account="grid-worker")

    assert answer.json()["data"]["moveBuilding"]["errors"] == [{"code": "FORBIDDEN", "field": None}]
