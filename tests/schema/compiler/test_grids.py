"""Does a grid show of its buildings what lies in it, and no more?"""

from __future__ import annotations

from typing import Any

from tests.schema.compiler.asking import Asker, all_rows, grants_of

_COUNTS = "name dwellingCount householdCount units { totalCount nodes { name grid { name } dwellingCount } }"
_OF_GRID = f"""
query($id: ID!) {{ grid(id: $id) {{ dwellingCount householdCount buildings {{ totalCount nodes {{ {_COUNTS} }} }} }} }}
"""


def _unit(number: int, grid: str, dwellings: int) -> dict[str, Any]:
    return {"name": f"{number}单元", "grid": {"name": f"庆城社区{grid}"}, "dwellingCount": dwellings}


def _building(name: str, dwellings: int, households: int, *units: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": name,
        "dwellingCount": dwellings,
        "householdCount": households,
        "units": {"totalCount": len(units), "nodes": list(units)},
    }


async def test_shows_of_a_building_the_units_in_the_grid(ask: Asker) -> None:
    first = await ask.tell(_OF_GRID, variables={"id": ask.world.id("grd", "qingcheng/第一网格")})
    second = await ask.tell(_OF_GRID, variables={"id": ask.world.id("grd", "qingcheng/第二网格")})

    assert first.data["grid"] == {
        "dwellingCount": 8,
        "householdCount": 4,
        "buildings": {
            "totalCount": 2,
            "nodes": [
                _building("1号楼", 6, 3, _unit(1, "第一网格", 3), _unit(2, "第一网格", 3)),
                _building("2号楼", 2, 1, _unit(1, "第一网格", 2)),
            ],
        },
    }
    assert second.data["grid"] == {
        "dwellingCount": 6,
        "householdCount": 2,
        "buildings": {
            "totalCount": 3,
            "nodes": [
                _building("2号楼", 2, 1, _unit(2, "第二网格", 2)),
                _building("3号楼", 0, 0),
                _building("10号楼", 4, 1, _unit(1, "第二网格", 4)),
            ],
        },
    }


async def test_shows_the_whole_building_elsewhere(ask: Asker) -> None:
    document = f"""
    query($building: ID!, $estate: ID!, $unit: ID!) {{
      building(id: $building) {{ {_COUNTS} }}
      estate(id: $estate) {{ dwellingCount buildings(first: 3) {{ nodes {{ {_COUNTS} }} }} }}
      unit(id: $unit) {{ building {{ {_COUNTS} }} }}
    }}
    """
    world = ask.world

    told = await ask.tell(
        document,
        variables={
            "building": world.id("bld", "qingcheng/2号楼"),
            "estate": world.id("est", "qingcheng/花园小区"),
            "unit": world.id("unt", "qingcheng/2号楼2单元"),
        },
    )

    whole = _building("2号楼", 4, 2, _unit(1, "第一网格", 2), _unit(2, "第二网格", 2))
    assert told.data["building"] == whole
    assert told.data["unit"]["building"] == whole
    assert told.data["estate"]["dwellingCount"] == 10
    assert told.data["estate"]["buildings"]["nodes"][1] == whole


async def test_keeps_what_it_was_seen_from_in_edges_and_pages(ask: Asker) -> None:
    document = f"""
    query($id: ID!, $after: String) {{ grid(id: $id) {{
      buildings(first: 1, after: $after) {{ pageInfo {{ endCursor hasNextPage }}
        edges {{ cursor node {{ {_COUNTS} }} }} }}
    }} }}
    """
    seen: list[Any] = []
    page: dict[str, Any] = {}
    after = None
    for _ in range(3):
        told = await ask.tell(document, variables={"id": ask.world.id("grd", "qingcheng/第二网格"), "after": after})
        page = told.data["grid"]["buildings"]
        seen += [edge["node"] for edge in page["edges"]]
        after = page["pageInfo"]["endCursor"]

    assert seen[0] == _building("2号楼", 2, 1, _unit(2, "第二网格", 2))
    assert [building["name"] for building in seen] == ["2号楼", "3号楼", "10号楼"]
    assert page["pageInfo"]["hasNextPage"] is False


async def test_forgets_the_grid_one_step_further(ask: Asker) -> None:
    document = """
    query($id: ID!) { grid(id: $id) { buildings(first: 1) { nodes { name dwellingCount
      estate { buildings { nodes { name dwellingCount } } } } } } }
    """

    told = await ask.tell(document, variables={"id": ask.world.id("grd", "qingcheng/第二网格")})

    building = told.data["grid"]["buildings"]["nodes"][0]
    assert (building["name"], building["dwellingCount"]) == ("2号楼", 2)
    assert building["estate"]["buildings"]["nodes"][1] == {"name": "2号楼", "dwellingCount": 4}


async def test_adds_up_the_same_for_offices(ask: Asker) -> None:
    grants = grants_of(ask.world, "gudong", all_rows("place:read", "dwelling:read", tenants="subtree"))
    document = """
    query($id: ID!) { grid(id: $id) { buildings { nodes { name dwellingCount } } }
      communities { nodes { name dwellingCount householdCount } } }
    """

    told = await ask.tell(document, grants, {"id": ask.world.id("grd", "zhongshan/第二网格")})

    counts = [{"name": "2号楼", "dwellingCount": 2}, {"name": "3号楼", "dwellingCount": 0}]
    assert told.data["grid"]["buildings"]["nodes"] == [*counts, {"name": "10号楼", "dwellingCount": 4}]
    assert told.data["communities"]["nodes"] == [
        {"name": "中山社区", "dwellingCount": 16, "householdCount": 6},
        {"name": "庆城社区", "dwellingCount": 16, "householdCount": 6},
    ]
