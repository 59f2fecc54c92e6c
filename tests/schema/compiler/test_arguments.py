"""What do arguments ask for: written, by variable, by default, null or not given at all?"""

from __future__ import annotations

from typing import Any

import pytest

from schema.compiler.documents import InvalidRequest
from schema.compiler.faults import BadOrder, BadText, NullGiven
from tests.make import made_id
from tests.schema.compiler.asking import Asker, grants_of

_SEARCH = """
query($filter: DwellingFilter, $order: [DwellingOrder!], $first: Int = 2) {
  dwellings(filter: $filter, orderBy: $order, first: $first) { totalCount nodes { address } }
}
"""


async def _search(ask: Asker, **variables: object) -> tuple[int, list[str]]:
    told = await ask.tell(_SEARCH, variables=variables)
    found = told.data["dwellings"]
    return found["totalCount"], [row["address"] for row in found["nodes"]]


async def test_takes_defaults_for_what_is_not_given(ask: Asker) -> None:
    assert await _search(ask) == (16, ["1号楼1单元101室", "1号楼1单元102室"])
    assert await _search(ask, first=1) == (16, ["1号楼1单元101室"])


async def test_takes_null_for_nothing_asked(ask: Asker) -> None:
    assert (await _search(ask, filter=None, order=None))[0] == 16
    assert (await _search(ask, filter={"gridId": None, "tenure": None}))[0] == 16
    # A null page size is the usual one, not the variable's default.
    assert len((await _search(ask, first=None))[1]) == 16
    assert (await ask.tell("{ dwellings(filter: null, orderBy: null, first: null) { totalCount } }")).data == {
        "dwellings": {"totalCount": 16}
    }


async def test_asks_for_every_condition_that_is_given(ask: Asker) -> None:
    world = ask.world
    grid, estate = world.id("grd", "qingcheng/第二网格"), world.id("est", "qingcheng/新村小区")

    assert (await _search(ask, filter={"gridId": grid}))[0] == 6
    assert (await _search(ask, filter={"gridId": grid, "estateId": estate}))[0] == 4
    assert (await _search(ask, filter={"gridId": grid, "tenure": "PUBLIC"}))[0] == 2
    assert await _search(ask, filter={"unitId": world.id("unt", "qingcheng/2号楼2单元")}) == (
        2,
        ["2号楼2单元201室", "2号楼2单元202室"],
    )
    assert (await _search(ask, filter={"buildingId": world.id("bld", "qingcheng/2号楼")}))[0] == 4


async def test_matches_numbers_in_addresses_whole(ask: Asker) -> None:
    assert (await _search(ask, filter={"addressContains": "3号楼"}))[0] == 0
    assert (await _search(ask, filter={"addressContains": "13号楼"}))[0] == 2
    assert (await _search(ask, filter={"addressContains": "１０号楼 1单元"}))[0] == 4


async def test_reads_objects_with_variables_inside(ask: Asker) -> None:
    document = """
    query($grid: ID, $tenure: Tenure, $order: DwellingOrder!) {
      dwellings(filter: { gridId: $grid, tenure: $tenure }, orderBy: [$order], first: 1) {
        totalCount nodes { address } }
    }
    """
    grid = ask.world.id("grd", "qingcheng/第十网格")

    one = await ask.tell(document, variables={"grid": grid, "order": "ADDRESS_DESC"})
    two = await ask.tell(document, variables={"tenure": "REFORMED", "order": "ADDRESS_ASC"})

    assert one.data == {"dwellings": {"totalCount": 2, "nodes": [{"address": "13号楼1单元201室"}]}}
    assert two.data == {"dwellings": {"totalCount": 4, "nodes": [{"address": "1号楼2单元101室"}]}}


async def test_orders_by_one_key_at_most(ask: Asker) -> None:
    last = "13号楼1单元201室"

    assert (await _search(ask, order=["ADDRESS_DESC"], first=1))[1] == [last]
    assert (await _search(ask, order="ADDRESS_DESC", first=1))[1] == [last]
    assert (await _search(ask, order=[], first=1))[1] == ["1号楼1单元101室"]
    with pytest.raises(BadOrder):
        await _search(ask, order=["ADDRESS_DESC", "ADDRESS_ASC"])


@pytest.mark.parametrize(
    ("document", "variables"),
    [
        ('query($x: ID = "x") { building(id: $x) { id } }', {"x": None}),
        ('query($x: String = "x") { placeSearch(text: $x) { totalCount } }', {"x": None}),
        ("query($x: Boolean = true) { me @include(if: $x) { account { id } } }", {"x": None}),
        ("query($x: Boolean = true) { me { ... @skip(if: $x) { account { id } } } }", {"x": None}),
        ("query($x: DwellingOrder = ADDRESS_ASC) { dwellings(orderBy: [$x]) { totalCount } }", {"x": None}),
    ],
)
async def test_refuses_null_where_none_may_stand(ask: Asker, document: str, variables: dict[str, Any]) -> None:
    with pytest.raises(NullGiven):
        await ask.tell(document, variables=variables)

    assert (await ask.tell(document)).data is not None


@pytest.mark.parametrize(
    ("document", "variables"),
    [
        ("query($x: ID!) { building(id: $x) { id } }", {}),
        ("query($x: ID!) { building(id: $x) { id } }", {"x": None}),
        ("query($x: ID!) { building(id: $x) { id } }", {"x": {"a": 1}}),
        ("query($x: ID!) { building(id: $x) { id } }", {"x": 1.5}),
        ("query($x: Int) { communities(first: $x) { totalCount } }", {"x": "1"}),
        ("query($x: Int) { communities(first: $x) { totalCount } }", {"x": 2**31}),
        ("query($x: Int) { communities(first: $x) { totalCount } }", {"x": True}),
        ("query($x: Boolean!) { me @skip(if: $x) { account { id } } }", {"x": "true"}),
        ("query($x: DwellingFilter) { dwellings(filter: $x) { totalCount } }", {"x": {"nope": 1}}),
        ("query($x: DwellingFilter) { dwellings(filter: $x) { totalCount } }", {"x": {"tenure": "public"}}),
        ("query($x: DwellingFilter) { dwellings(filter: $x) { totalCount } }", {"x": [[[]]]}),
        ("query($x: [DwellingOrder!]) { dwellings(orderBy: $x) { totalCount } }", {"x": [None]}),
    ],
)
async def test_refuses_variables_of_another_type(ask: Asker, document: str, variables: dict[str, Any]) -> None:
    with pytest.raises(InvalidRequest):
        await ask.tell(document, variables=variables)


async def test_takes_a_whole_number_for_an_id(ask: Asker) -> None:
    told = await ask.tell("query($x: ID!) { a: building(id: $x) { id } b: building(id: 7) { id } }", variables={"x": 5})

    assert told.data == {"a": None, "b": None}


_OF_A_GRID = """
query($id: ID!) {
  node(id: $id) { id } place(id: $id) { id } body(id: $id) { id } grid(id: $id) { id } building(id: $id) { id }
  dwellings(filter: { gridId: $id }) { totalCount }
}
"""


async def test_reads_an_id_by_its_type(ask: Asker) -> None:
    grid = ask.world.id("grd", "qingcheng/第一网格")

    told = await ask.tell(_OF_A_GRID, variables={"id": grid})

    assert told.data == {
        "node": {"id": grid},
        "place": {"id": grid},
        "body": None,
        "grid": {"id": grid},
        "building": None,
        "dwellings": {"totalCount": 8},
    }


# The same row id stands for a grid of 庆城 in every community of the world: only the tenant tells them apart.
_GRID_ROW = made_id(0x1002)


@pytest.mark.parametrize(
    "text",
    [
        f"grd_5_{_GRID_ROW}",
        f"grd_6_{_GRID_ROW}",
        f"grd_7_{_GRID_ROW}",
        f"grd_0_{_GRID_ROW}",
        f"grd_999999999_{_GRID_ROW}",
        f"grd_9999999999_{_GRID_ROW}",
        f"grd_-4_{_GRID_ROW}",
        f"grd_04_{_GRID_ROW}",
        f"grd_４_{_GRID_ROW}",
        f"bld_4_{_GRID_ROW}",
        f"per_4_{_GRID_ROW}",
        f"xxx_4_{_GRID_ROW}",
        f"GRD_4_{_GRID_ROW}",
        f"grd_4_{_GRID_ROW}\n",
        f"grd_4_{_GRID_ROW} ",
        f"grd_4_{made_id(0xFFFF)}",
        "grd_4_",
        "",
        "x" * 100_000,
        "'; drop table places; --",
        "\0",
    ],
)
async def test_reads_what_is_no_id_or_no_grid_of_ours_as_null(ask: Asker, text: str) -> None:
    told = await ask.tell(_OF_A_GRID, variables={"id": text})

    assert told.data == {
        "node": None,
        "place": None,
        "body": None,
        "grid": None,
        "building": None,
        "dwellings": {"totalCount": 0},
    }
    assert told.refusals == ()


async def test_says_clearly_that_a_text_cannot_be_held(ask: Asker) -> None:
    for document in (
        "query($x: String!) { placeSearch(text: $x) { totalCount } }",
        "query($x: String!) { dwellings(filter: { addressContains: $x }) { totalCount } }",
    ):
        with pytest.raises(BadText):
            await ask.tell(document, variables={"x": "1号\0楼"})

    # And the connection goes on serving.
    assert (await ask.tell('{ placeSearch(text: "1号楼") { totalCount } }')).data["placeSearch"]["totalCount"] == 3


async def test_finds_people_by_their_own_tenants_index_only(ask: Asker) -> None:
    document = "query($f: DwellingFilter!) { dwellings(filter: $f) { nodes { address } } }"

    told = await ask.tell(document, variables={"f": {"name": "周某"}})
    other = await ask.tell(document, grants_of(ask.world, "zhongshan"), {"f": {"name": "周某"}})

    addresses = [row["address"] for row in told.data["dwellings"]["nodes"]]
    assert addresses == ["2号楼2单元201室", "13号楼1单元101室"]
    there = [row["address"] for row in other.data["dwellings"]["nodes"]]
    assert there == [f"中山里{address}" for address in addresses]
    assert (await ask.tell(document, variables={"f": {"name": "周"}})).data["dwellings"]["nodes"] == []
