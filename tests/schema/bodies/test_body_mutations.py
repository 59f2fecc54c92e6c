"""Do organisations come into the directory, and which cannot?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from tests.fixtures.gateway import GatewayClient
from tests.make import World

ADD = """
mutation ($input: AddBodyInput!) {
  addBody(input: $input) {
    body { __typename id name ... on PartyOrganization { level } ... on PropertyCompany { creditCode } }
    errors { code field }
  }
}
"""
BODY = "query ($id: ID!) { body(id: $id) { __typename name } }"


async def add(
    gateway: GatewayClient, given: Mapping[str, object], *, account: str = "worker", tenant: str = "qingcheng"
) -> dict[str, Any]:
    answer = await gateway.ask(ADD, {"input": given}, account=account, tenant=tenant)
    payload: dict[str, Any] = answer.json()["data"]["addBody"]
    return payload


async def test_adds_a_company_that_other_tenants_see(gateway: GatewayClient) -> None:
    company = {"kind": "PROPERTY_COMPANY", "name": "邻和物业", "creditCode": "91350100M000100Y43"}

    payload = await add(gateway, company)
    twice = await add(gateway, company)
    seen = await gateway.ask(BODY, {"id": payload["body"]["id"]}, tenant="zhongshan")

    assert payload["errors"] == []
    assert payload["body"].pop("id").startswith("prc_")
    assert payload["body"] == {
        "__typename": "PropertyCompany",
        "name": "邻和物业",
        "creditCode": "91350100M000100Y43",
    }
    assert twice == {"body": None, "errors": [{"code": "BODY_EXISTS", "field": "name"}]}
    assert seen.json()["data"]["body"] == {"__typename": "PropertyCompany", "name": "邻和物业"}


async def test_hangs_a_party_organisation_under_another(gateway: GatewayClient) -> None:
    first = await add(gateway, {"kind": "PARTY_ORGANIZATION", "name": "第一网格党支部", "level": "党支部"})

    below = await add(
        gateway,
        {"kind": "PARTY_ORGANIZATION", "name": "1号楼党小组", "level": "党小组", "parentId": first["body"]["id"]},
    )

    assert below["errors"] == []
    assert (below["body"]["__typename"], below["body"]["level"]) == ("PartyOrganization", "党小组")


async def test_an_owners_committee_has_its_estate(gateway: GatewayClient, world: World) -> None:
    committee = {"kind": "OWNERS_COMMITTEE", "name": "新村小区业委会"}

    without = await add(gateway, committee)
    given = await add(gateway, {**committee, "placeId": world.id("est", "qingcheng/新村小区")})

    assert without["errors"] == [{"code": "BODY_INVALID", "field": "placeId"}]
    assert given["body"]["__typename"] == "OwnersCommittee"


@pytest.mark.parametrize(
    ("given", "code", "field"),
    [
        ({"kind": "DEPARTMENT", "name": "城管局"}, "BODY_INVALID", "kind"),
        ({"kind": "PARTNER", "name": " "}, "BODY_INVALID", "name"),
        ({"kind": "PARTNER", "name": "小学", "level": "党委"}, "BODY_INVALID", "level"),
        ({"kind": "PARTY_ORGANIZATION", "name": "党委", "level": "省委"}, "BODY_INVALID", "level"),
        ({"kind": "PARTNER", "name": "小学", "creditCode": "123"}, "BODY_INVALID", "creditCode"),
        ({"kind": "PARTNER", "name": "小学", "parentId": "nonsense"}, "NOT_FOUND", "parentId"),
        ({"kind": "PARTNER", "name": "小学", "placeId": "nonsense"}, "NOT_FOUND", "placeId"),
    ],
)
async def test_refuses_what_cannot_be(given: dict[str, object], code: str, field: str, gateway: GatewayClient) -> None:
    assert await add(gateway, given) == {"body": None, "errors": [{"code": code, "field": field}]}


async def test_takes_no_place_of_another_tenant(gateway: GatewayClient, world: World) -> None:
    foreign = {"kind": "OWNERS_COMMITTEE", "name": "业委会", "placeId": world.id("est", "zhongshan/新村小区")}

    assert (await add(gateway, foreign))["errors"] == [{"code": "NOT_FOUND", "field": "placeId"}]


async def test_takes_no_id_of_anything_but_a_place(gateway: GatewayClient, world: World) -> None:
    estate = world.id("est", "qingcheng/新村小区")

    for prefix in ("per", "pos", "prc", "hsh"):
        given = {"kind": "PARTNER", "name": "小学", "placeId": estate.replace("est", prefix)}
        assert (await add(gateway, given))["errors"] == [{"code": "NOT_FOUND", "field": "placeId"}]


async def test_is_for_those_who_keep_registers_or_settings(gateway: GatewayClient) -> None:
    for account in ("grid-worker", "manager"):
        payload = await add(gateway, {"kind": "PARTNER", "name": "小学"}, account=account)

        assert payload == {"body": None, "errors": [{"code": "FORBIDDEN", "field": None}]}
