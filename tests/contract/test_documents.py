"""Do the contract's documents work as written, and are they refused to others as it says?"""

from __future__ import annotations

from typing import Any

import pytest
from graphql import parse, validate

from schema.root import read_model
from tests.contract.documents import IN_FORCE, contract_document, operations
from tests.fixtures.demo import Demo

RESIDENT_FIELDS = {"owners", "households"}
# By the column "dwellings, households, owners masked" of the contract's table of positions.
_DWELLINGS = {
    "officer@gulou": "structure",
    "analyst@gulou": None,
    "party-secretary@gudong": "structure",
    "dispatcher@gudong": "structure",
    "party-secretary@qingcheng": "structure",
    "committee-chair@qingcheng": "all",
    "worker@qingcheng": "all",
    "grid-leader@jiezilu": "all",
    "grid-worker@qingcheng": "all",
    "building-leader@qingcheng": "structure",
    "property-manager@qingcheng": "structure",
    "property-worker@qingcheng": "structure",
    "owners-chair@qingcheng": "structure",
    "resident@qingcheng": "all",
    "admin@qingcheng": None,
    "auditor@qingcheng": None,
}


@pytest.mark.parametrize("name", IN_FORCE)
def test_validates_against_the_schema(name: str) -> None:
    errors = validate(read_model().schema, parse(contract_document(name)))

    assert errors == []


async def _run(demo: Demo, account: str, file: str, operation: str, **variables: object) -> dict[str, Any]:
    answer = await demo.ask(account, contract_document(file), variables, operation=operation)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def _forbidden(answer: dict[str, Any]) -> set[str]:
    assert all(error["extensions"]["code"] == "FORBIDDEN" for error in answer.get("errors", ()))
    return {error["extensions"]["field"] for error in answer.get("errors", ())}


async def _community(demo: Demo, slug: str) -> str:
    row = await demo.owner.fetchrow("select id, place_id from tenants where slug = $1", slug)
    assert row is not None
    return f"com_{row['id']}_{row['place_id']}"


async def _dwelling_of(demo: Demo, account: str) -> str:
    """Find a dwelling that the account may see, the one it lives in for a resident."""
    answer = await demo.ask(account, "{ dwellings(first: 1) { nodes { id } } }")
    nodes = answer.json()["data"]["dwellings"]["nodes"]
    return str(nodes[0]["id"])


async def test_tells_every_account_who_it_is(demo: Demo) -> None:
    for account, slugs in demo.accounts.items():
        answer = await _run(demo, account, "me", "Me")

        me = answer["data"]["me"]
        assert "errors" not in answer, account
        assert me["account"]["displayName"]
        assert {tenant["slug"] for tenant in me["tenants"]} == set(slugs)
        assert bool(me["positions"]) == bool(me["tenant"])
        assert bool(me["grants"]) == bool(me["tenant"])


@pytest.mark.parametrize("account", list(_DWELLINGS))
async def test_shows_the_tree_of_places_to_the_tenant_and_the_offices_above(demo: Demo, account: str) -> None:
    slug = account.partition("@")[2]
    community = await _community(demo, slug if slug not in ("gulou", "gudong") else "qingcheng")

    answer = await _run(demo, account, "places", "CommunityTree", communityId=community, grids=2, buildings=2)

    found = answer["data"]["community"]
    forbidden = {field.rpartition(".")[2] for field in _forbidden(answer)}
    assert found["grids"]["nodes"]
    assert found["grids"]["nodes"][0]["buildings"]["nodes"]
    assert found["street"]["name"]
    assert ("dwellings" in forbidden) == (_DWELLINGS[account] is None)
    counts_hidden = account.partition("@")[0] in (
        "resident",
        "auditor",
        "property-manager",
        "property-worker",
        "owners-chair",
    )
    assert (found["dwellingCount"] is None) == counts_hidden
    assert forbidden <= {"dwellings", "dwellingCount", "householdCount"}


async def test_shows_a_department_none_of_a_community(demo: Demo) -> None:
    community = await _community(demo, "qingcheng")

    answer = await _run(demo, "department-handler@gulou", "places", "CommunityTree", communityId=community)

    assert answer["data"]["community"] is None


@pytest.mark.parametrize("account", [account for account, seen in _DWELLINGS.items() if seen is not None])
async def test_shows_a_dwelling_with_those_in_it_or_its_structure_alone(demo: Demo, account: str) -> None:
    dwelling = await _dwelling_of(demo, account)

    page = await _run(demo, account, "places", "DwellingPage", id=dwelling)
    search = await _run(demo, account, "places", "DwellingSearch", filter={"addressContains": "101"}, first=2)

    found = page["data"]["dwelling"]
    assert found["floorArea"] is None or "." in found["floorArea"]
    if _DWELLINGS[account] == "all":
        assert _forbidden(page) == _forbidden(search) == set()
        assert found["households"] is not None
    else:
        assert _forbidden(page) == {"dwelling.owners", "dwelling.households"}
        assert _forbidden(search) == {"dwellings.edges.node.owners"}
        assert found["owners"] is None
        assert found["households"] is None


@pytest.mark.parametrize("account", ["analyst@gulou", "admin@qingcheng", "auditor@qingcheng"])
async def test_shows_no_dwelling_to_those_who_have_nothing_to_do_with_it(demo: Demo, account: str) -> None:
    dwelling = await _dwelling_of(demo, "worker@qingcheng")

    page = await _run(demo, account, "places", "DwellingPage", id=dwelling)
    search = await _run(demo, account, "places", "DwellingSearch", filter={})

    assert (page["data"], _forbidden(page)) == ({"dwelling": None}, {"dwelling"})
    assert (search["data"], _forbidden(search)) == ({"dwellings": None}, {"dwellings"})


async def test_shows_pages_pickers_boards_and_lists(demo: Demo) -> None:
    community = await _community(demo, "qingcheng")
    building = (await demo.ask("worker@qingcheng", '{ placeSearch(text: "1号楼") { nodes { id } } }')).json()

    page = await _run(
        demo,
        "worker@qingcheng",
        "places",
        "BuildingPage",
        id=building["data"]["placeSearch"]["nodes"][0]["id"],
    )
    picker = await _run(demo, "grid-worker@qingcheng", "places", "PlacePicker", text="3号楼 2单元")
    board = await _run(demo, "resident@qingcheng", "places", "DutyBoard", communityId=community)
    mine = await _run(demo, "officer@gulou", "places", "MyTenants")
    communities = await _run(demo, "dispatcher@gudong", "places", "Communities")

    assert page["data"]["node"]["__typename"] == "Building"
    assert page["data"]["node"]["grid"]["community"]["name"] == "庆城社区"
    assert [node["name"] for node in picker["data"]["placeSearch"]["nodes"]] == ["2单元"]
    park = await _run(demo, "worker@xiyuan", "places", "PlacePicker", text="公园")
    assert {node["__typename"] for node in park["data"]["placeSearch"]["nodes"]} == {"Site"}
    codes = {post["kind"]["code"] for post in board["data"]["community"]["dutyBoard"]}
    assert {"committee-chair", "grid-worker", "building-leader"} <= codes
    assert all(post["publicName"] for post in board["data"]["community"]["dutyBoard"])
    assert {tenant["slug"] for tenant in mine["data"]["tenants"]["nodes"]} >= {"gulou", "gudong", "qingcheng"}
    assert communities["data"]["communities"]["totalCount"] == 5


async def test_finds_by_phone_only_for_those_who_see_residents(demo: Demo) -> None:
    found = await _run(demo, "worker@qingcheng", "places", "DwellingSearch", filter={"phone": "13925735457"})
    refused = await _run(demo, "party-secretary@qingcheng", "places", "DwellingSearch", filter={"phone": "13925735457"})
    searches = await demo.owner.fetchval("select count(*) from audit_entries where action = 'resident:search'")

    assert found["data"]["dwellings"]["totalCount"] == 1
    assert refused["data"] == {"dwellings": None}
    assert "dwellings" in _forbidden(refused)
    assert searches == 1


def test_knows_every_operation_in_force() -> None:
    assert set(operations("places")) == {
        "CommunityTree",
        "BuildingPage",
        "DwellingSearch",
        "DwellingPage",
        "PlacePicker",
        "MyTenants",
        "DutyBoard",
        "Communities",
    }
    assert set(operations("me") + operations("roster") + operations("privacy")) == {
        "Me",
        "ImportRoster",
        "RevealContact",
        "AuditTrail",
    }
