"""Does an answer have exactly the selected keys, in their order, under any name a client may give?"""

from __future__ import annotations

import orjson
import pytest

from schema.compiler.faults import AliasTooLong
from tests.make import World
from tests.schema.compiler.asking import Asker, all_rows, grants_of

# Names that the statement itself uses, or that mean something to PostgreSQL.
_NAMES = ("o", "o_", "l", "c", "p", "g", "n__", "cursor__", "key__", "id__", "c1__", "t1", "select", "user", "_", "A")


def _building(world: World, name: str = "qingcheng/2号楼") -> str:
    return world.id("bld", name)


@pytest.mark.parametrize("name", _NAMES)
async def test_takes_any_name_as_an_alias(ask: Asker, name: str) -> None:
    document = """
    { NAME: me { NAME: account { NAME: displayName } NAME_: grants { NAME: permission } }
      NAME_: communities { NAME: nodes { NAME: name } NAME_: edges { NAME: node { NAME: name } } NAME__: pageInfo {
        NAME: hasNextPage } NAME___: totalCount }
      NAME__: communities { NAME: nodes { NAME: grids(first: 1) { NAME: nodes { NAME: name } } } } }
    """

    told = await ask.tell(document.replace("NAME", name))

    grant = [{name: permission} for permission in ("dwelling:read", "place:read", "resident:read")]
    assert told.data == {
        name: {name: {name: "worker的账号"}, f"{name}_": grant},
        f"{name}_": {
            name: [{name: "庆城社区"}],
            f"{name}_": [{name: {name: "庆城社区"}}],
            f"{name}__": {name: False},
            f"{name}___": 1,
        },
        f"{name}__": {name: [{name: {name: [{name: "庆城社区第一网格"}]}}]},
    }


async def test_refuses_an_alias_that_postgresql_would_cut(ask: Asker) -> None:
    longest = "a" * 63

    told = await ask.tell(f"{{ {longest}: me {{ {longest}: account {{ id }} }} }}")

    assert list(told.data[longest]) == [longest]
    with pytest.raises(AliasTooLong):
        await ask.tell(f"{{ me {{ {longest}b: account {{ id }} }} }}")
    with pytest.raises(AliasTooLong):
        await ask.tell(f"{{ communities {{ pageInfo {{ {longest}b: endCursor }} }} }}")


async def test_keeps_the_order_of_the_selection(ask: Asker) -> None:
    told = await ask.tell(
        "{ b: me { account { displayName id } } __typename communities { totalCount nodes { code z: name a: id } } }"
    )

    assert list(told.data) == ["b", "__typename", "communities"]
    assert list(told.data["b"]["account"]) == ["displayName", "id"]
    assert list(told.data["communities"]) == ["totalCount", "nodes"]
    assert list(told.data["communities"]["nodes"][0]) == ["code", "z", "a"]


async def test_merges_a_field_selected_several_times(ask: Asker) -> None:
    document = """
    query($id: ID!) {
      building(id: $id) { name estate { name } ...More ... on Building { estate { ...Code } } }
      building(id: $id) { estate { dwellingCount } }
    }
    fragment More on Building { name floorCount ...More2 estate { address } }
    fragment More2 on Place { address ...More3 }
    fragment More3 on Node { id }
    fragment Code on Estate { id }
    """

    told = await ask.tell(document, variables={"id": _building(ask.world)})

    estate = {
        "name": "庆城社区花园小区",
        "address": "花园小区",
        "id": ask.world.id("est", "qingcheng/花园小区"),
        "dwellingCount": 10,
    }
    assert told.data["building"] == {
        "name": "2号楼",
        "estate": estate,
        "floorCount": 7,
        "address": "2号楼",
        "id": _building(ask.world),
    }
    assert list(told.data["building"]["estate"]) == ["name", "address", "id", "dwellingCount"]


async def test_reads_fragments_on_interfaces_and_types(ask: Asker) -> None:
    document = """
    query($building: ID!, $body: ID!) {
      node(id: $building) { __typename ...Named ... on Grid { code } ... on Building { floorCount ...Named } }
      body(id: $body) { __typename ... { name } ... on Node { id } ... on Department { no: __typename } }
    }
    fragment Named on Place { name ... on Building { kind: __typename } ... on Dwelling { roomNumber } }
    """
    body = f"rsc_0_{ask.world.bodies['qingcheng/residents_committee']}"

    told = await ask.tell(document, variables={"building": _building(ask.world), "body": body})

    assert told.data == {
        "node": {"__typename": "Building", "name": "2号楼", "kind": "Building", "floorCount": 7},
        "body": {"__typename": "ResidentsCommittee", "name": "庆城社区居委会", "id": body},
    }


@pytest.mark.parametrize(
    ("skipped", "included", "keys"),
    [
        (False, True, ["a", "b", "c", "d"]),
        (True, True, ["b", "c", "d"]),
        (False, False, ["a", "d"]),
        (True, False, ["d"]),
    ],
)
async def test_skips_and_includes_by_variables(ask: Asker, skipped: bool, included: bool, keys: list[str]) -> None:  # noqa: FBT001
    document = """
    query($skipped: Boolean!, $included: Boolean = true) {
      a: communities @skip(if: $skipped) { totalCount }
      ...B @include(if: $included)
      ... @include(if: $included) { c: __typename }
      d: __typename
      never: __typename @skip(if: $skipped) @include(if: false)
    }
    fragment B on Query { b: __typename }
    """

    told = await ask.tell(document, variables={"skipped": skipped, "included": included})

    assert list(told.data) == keys


async def test_answers_a_selection_of_nothing_with_an_empty_object(ask: Asker) -> None:
    document = """
    query($no: Boolean = false) {
      me { account { id @include(if: $no) } positions { id @include(if: $no) } }
      communities { nodes { id @include(if: $no) } edges { cursor @include(if: $no) }
        pageInfo { endCursor @skip(if: true) } }
      last: communities(last: 2) { totalCount @include(if: $no) }
    }
    """

    told = await ask.tell(document)

    assert told.data == {
        "me": {"account": {}, "positions": [{}]},
        "communities": {"nodes": [{}], "edges": [{}], "pageInfo": {}},
        "last": {},
    }
    assert (await ask.tell("{ me @skip(if: true) { account { id } } }")).data == {}


async def test_tells_the_type_of_everything(ask: Asker) -> None:
    told = await ask.tell(
        """{ __typename me { __typename account { __typename } positions { __typename kind { __typename }
             place { __typename } body { __typename } } grants { __typename } }
             communities { __typename pageInfo { __typename } nodes { __typename }
               edges { __typename node { __typename } } }
             dwellings(first: 1) { __typename totalCount }
        }"""
    )

    post = {
        "__typename": "Position",
        "kind": {"__typename": "PositionKind"},
        "place": {"__typename": "Community"},
        "body": {"__typename": "ResidentsCommittee"},
    }
    assert told.data == {
        "__typename": "Query",
        "me": {
            "__typename": "Me",
            "account": {"__typename": "Account"},
            "positions": [post],
            "grants": [{"__typename": "Grant"}] * 3,
        },
        "communities": {
            "__typename": "CommunityConnection",
            "pageInfo": {"__typename": "PageInfo"},
            "nodes": [{"__typename": "Community"}],
            "edges": [{"__typename": "CommunityEdge", "node": {"__typename": "Community"}}],
        },
        "dwellings": {"__typename": "DwellingConnection", "totalCount": 16},
    }


async def test_reads_several_roots_with_their_own_arguments(ask: Asker) -> None:
    one, two = _building(ask.world), _building(ask.world, "qingcheng/10号楼")

    told = await ask.tell(
        """query($one: ID!, $two: ID!) { a: building(id: $one) { name } b: building(id: $two) { name }
           c: node(id: $one) { id } d: dwellings(first: 1) { nodes { address } }
           e: dwellings(first: 1, orderBy: ADDRESS_DESC) { nodes { address } } }""",
        variables={"one": one, "two": two},
    )

    assert told.data == {
        "a": {"name": "2号楼"},
        "b": {"name": "10号楼"},
        "c": {"id": one},
        "d": {"nodes": [{"address": "1号楼1单元101室"}]},
        "e": {"nodes": [{"address": "13号楼1单元201室"}]},
    }


async def test_writes_leaves_as_graphql_has_them(ask: Asker) -> None:
    document = (
        "query($id: ID!) { dwelling(id: $id) { floorArea insideArea tenure households { since until residence } } }"
    )

    told = await ask.tell(document, variables={"id": ask.world.id("dwl", "qingcheng/1号楼1单元102室")})

    assert orjson.dumps(told.data["dwelling"]) == orjson.dumps(
        {
            "floorArea": "65.50",
            "insideArea": None,
            "tenure": "PUBLIC",
            "households": [
                {"since": "2026-05-31", "until": None, "residence": "RENTED"},
                {"since": "2020-01-01", "until": "2026-05-31", "residence": "RENTED"},
            ],
        }
    )


async def test_gives_many_names_to_the_parts_of_page_info(ask: Asker) -> None:
    names = " ".join(f"a{n}: startCursor b{n}: endCursor c{n}: hasNextPage d{n}: hasPreviousPage" for n in range(15))

    told = await ask.tell(f"{{ communities {{ pageInfo {{ {names} __typename }} }} }}")

    assert len(told.data["communities"]["pageInfo"]) == 61


async def test_spreads_fragments_that_double_at_every_step(ask: Asker) -> None:
    steps = " ".join(f"fragment F{n} on Me {{ ...F{n + 1} ...F{n + 1} }}" for n in range(60))

    told = await ask.tell(f"{{ me {{ ...F0 }} }} {steps} fragment F60 on Me {{ account {{ displayName }} }}")

    assert told.data == {"me": {"account": {"displayName": "worker的账号"}}}


async def test_names_a_forbidden_field_once_by_its_response_keys(ask: Asker) -> None:
    document = """
    { d: dwellings(first: 2) { e: nodes { address owners { displayName } h: households { id } } }
      me { a: account { id } } }
    """

    told = await ask.tell(document, grants_of(ask.world, "qingcheng", all_rows("place:read", "dwelling:read")))

    assert told.data["d"]["e"][0] == {"address": "1号楼1单元101室", "owners": None, "h": None}
    assert told.forbidden == [("d.e", "d.e.owners"), ("d.e", "d.e.h")]
