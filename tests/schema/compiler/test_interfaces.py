"""Is every row of an interface answered as the type that it is, and is each type seen by its own rule?"""

from __future__ import annotations

import pytest

from tests.schema.compiler.asking import Asker, all_rows, grants_of

_PLACES = {
    "District": ("dst", "gulou/鼓楼区", "鼓楼区"),
    "Street": ("str", "gudong/鼓东街道", "鼓东街道"),
    "Community": ("com", "qingcheng/庆城社区", "庆城社区"),
    "Grid": ("grd", "qingcheng/第一网格", "庆城社区第一网格"),
    "Estate": ("est", "qingcheng/花园小区", "庆城社区花园小区"),
    "Building": ("bld", "qingcheng/1号楼", "1号楼"),
    "Unit": ("unt", "qingcheng/1号楼1单元", "1单元"),
    "Dwelling": ("dwl", "qingcheng/1号楼1单元101室", "101"),
    "Site": ("sit", "qingcheng/社区公园", "社区公园"),
}
_BODIES = {
    "PartyOrganization": ("pty", "qingcheng/party_organization"),
    "ResidentsCommittee": ("rsc", "qingcheng/residents_committee"),
    "PropertyCompany": ("prc", "qingcheng/property_company"),
    "OwnersCommittee": ("owc", "qingcheng/owners_committee"),
    "Department": ("dep", "gulou/department"),
    "Partner": ("par", "qingcheng/partner"),
    "VolunteerTeam": ("vol", "qingcheng/volunteer_team"),
}


@pytest.mark.parametrize("type_name", _PLACES)
async def test_reads_each_kind_of_place_by_its_id(ask: Asker, type_name: str) -> None:
    prefix, name, shown = _PLACES[type_name]
    place_id = ask.world.id(prefix, name)
    document = f"""
    query($id: ID!) {{
      node(id: $id) {{ __typename id ... on Place {{ name }} }}
      place(id: $id) {{ __typename id name ... on {type_name} {{ kind: __typename }} }}
      body(id: $id) {{ id }}
    }}
    """

    told = await ask.tell(document, variables={"id": place_id})

    assert told.data == {
        "node": {"__typename": type_name, "id": place_id, "name": shown},
        "place": {"__typename": type_name, "id": place_id, "name": shown, "kind": type_name},
        "body": None,
    }


@pytest.mark.parametrize("type_name", _BODIES)
async def test_reads_each_kind_of_body_by_its_id(ask: Asker, type_name: str) -> None:
    prefix, name = _BODIES[type_name]
    body_id = f"{prefix}_0_{ask.world.bodies[name]}"
    document = (
        "query($id: ID!) { node(id: $id) { __typename id } body(id: $id) { __typename id } place(id: $id) { id } }"
    )

    told = await ask.tell(document, variables={"id": body_id})

    answer = {"__typename": type_name, "id": body_id}
    assert told.data == {"node": answer, "body": answer, "place": None}


async def test_reads_no_body_as_another_kind(ask: Asker) -> None:
    company = ask.world.bodies["qingcheng/property_company"]

    told = await ask.tell("query($id: ID!) { body(id: $id) { id } }", variables={"id": f"pty_0_{company}"})

    assert told.data == {"body": None}


async def test_reads_posts_households_and_people_as_nodes(ask: Asker) -> None:
    world = ask.world
    for prefix, name, type_name in (
        ("pos", "qingcheng/worker", "Position"),
        ("hsh", "qingcheng/1号楼1单元101室", "Household"),
        ("per", "qingcheng/赵", "Person"),
    ):
        told = await ask.tell(
            "query($id: ID!) { node(id: $id) { __typename id } }", variables={"id": world.id(prefix, name)}
        )

        assert told.data == {"node": {"__typename": type_name, "id": world.id(prefix, name)}}


async def test_reads_the_place_of_a_post_whatever_it_is(ask: Asker) -> None:
    document = """
    query($id: ID!) { community(id: $id) { dutyBoard { kind { code } place { __typename name
      ... on Grid { dwellingCount } ... on Building { floorCount } ... on Community { grids { totalCount } } } } } }
    """

    told = await ask.tell(document, variables={"id": ask.world.id("com", "qingcheng/庆城社区")})

    community = {"__typename": "Community", "name": "庆城社区", "grids": {"totalCount": 3}}
    assert [(post["kind"]["code"], post["place"]) for post in told.data["community"]["dutyBoard"]] == [
        ("committee-chair", community),
        ("grid-worker", {"__typename": "Grid", "name": "庆城社区第一网格", "dwellingCount": 8}),
        ("grid-worker", {"__typename": "Grid", "name": "庆城社区第二网格", "dwellingCount": 6}),
        ("worker", community),
        ("building-leader", {"__typename": "Building", "name": "1号楼", "floorCount": 6}),
        ("building-leader", {"__typename": "Building", "name": "2号楼", "floorCount": 7}),
        ("property-manager", {"__typename": "Estate", "name": "庆城社区花园小区"}),
    ]


async def test_searches_several_kinds_in_one_list(ask: Asker) -> None:
    document = '{ placeSearch(text: "2号") { totalCount nodes { __typename name grid { name } } } }'

    told = await ask.tell(document)

    first, second = {"name": "庆城社区第一网格"}, {"name": "庆城社区第二网格"}
    assert told.data["placeSearch"] == {
        "totalCount": 5,
        "nodes": [
            {"__typename": "Building", "name": "2号楼", "grid": first},
            {"__typename": "Unit", "name": "1单元", "grid": first},
            {"__typename": "Unit", "name": "2单元", "grid": second},
            {"__typename": "Site", "name": "河道点位", "grid": second},
            {"__typename": "Site", "name": "便利店", "grid": second},
        ],
    }


async def test_leaves_out_the_kinds_that_the_caller_never_sees(ask: Asker) -> None:
    grants = grants_of(ask.world, "qingcheng", all_rows("place:read"))
    dwelling = ask.world.id("dwl", "qingcheng/1号楼1单元101室")
    document = """
    query($id: ID!) { node(id: $id) { id } place(id: $id) { id } dwelling(id: $id) { id } dwellings { totalCount }
      placeSearch(text: "101") { totalCount } me { positions { place { __typename } } } }
    """

    told = await ask.tell(document, grants, {"id": dwelling})
    living_there = grants_of(ask.world, "qingcheng", grants.grants, account="resident")
    resident = await ask.tell(document, living_there, {"id": dwelling})

    assert told.data == {
        "node": None,
        "place": None,
        "dwelling": None,
        "dwellings": None,
        "placeSearch": {"totalCount": 0},
        "me": {"positions": [{"place": {"__typename": "Community"}}]},
    }
    assert told.forbidden == [(field, field) for field in ("node", "place", "dwelling", "dwellings")]
    # The post's place is a dwelling, which some other row's would not be: null without a word.
    assert resident.data["me"] == {"positions": [{"place": None}]}
    assert resident.forbidden == told.forbidden


async def test_says_forbidden_for_places_without_any_grant(ask: Asker) -> None:
    document = """
    { me { positions { publicName body { name } place { __typename } } tenant { place { name } } }
      bodies(kind: PARTNER) { totalCount } placeSearch(text: "1") { totalCount } communities { totalCount } }
    """

    told = await ask.tell(document, grants_of(ask.world, "qingcheng", frozenset()))

    post = {"publicName": "钱老师（qingcheng）", "body": {"name": "庆城社区居委会"}, "place": None}
    assert told.data == {
        "me": {"positions": [post], "tenant": {"place": None}},
        "bodies": {"totalCount": 1},
        "placeSearch": None,
        "communities": None,
    }
    # A tenant's own place is one row, and no error tells of what depends on the row.
    assert told.forbidden == [
        ("me.positions", "me.positions.place"),
        ("placeSearch", "placeSearch"),
        ("communities", "communities"),
    ]
