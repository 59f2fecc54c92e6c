"""Does a tenant see and change what its posts grant, for itself alone?"""

from __future__ import annotations

from typing import Any

from tests.schema.positions.conftest import Hall

KINDS = """
{ positionKinds(first: 100) {
  totalCount nodes { id code name copies boardRank overrides { permission rows condition effect } }
} }
"""
OVERRIDE = """
mutation ($input: OverrideGrantInput!) {
  overrideGrant(input: $input) {
    kind { code overrides { permission rows condition effect } } errors { code field }
  }
}
"""
REMOVE = """
mutation {
  removeOverride(kind: "worker", permission: "contact:reveal", rows: "*", condition: "*") {
    kind { code overrides { permission } } errors { code }
  }
}
"""
ADD = """
mutation ($input: AddPositionKindInput!) {
  addPositionKind(input: $input) { kind { code name copies duties boardRank } errors { code field } }
}
"""
GRANTS = "{ me { grants { permission } } }"
DENY_CONTACT = {"kind": "worker", "permission": "contact:reveal", "rows": "*", "condition": "*", "effect": "DENY"}
MEDIATOR = {"code": "mediator", "name": "调解员", "nameEn": "Mediator", "copies": "grid-worker", "duties": "调解纠纷"}


async def granted(hall: Hall, slug: str) -> set[str]:
    answer = await hall.client.ask(GRANTS, account=f"worker@{slug}", tenant=slug)
    return {grant["permission"] for grant in answer.json()["data"]["me"]["grants"]}


async def run(
    hall: Hall, document: str, given: object = None, *, by: str = "admin", slug: str = "qingcheng"
) -> dict[str, Any]:
    answer = await hall.client.ask(document, {"input": given}, account=f"{by}@{slug}", tenant=slug)
    payload: dict[str, Any]
    (payload,) = answer.json()["data"].values()
    return payload


async def test_a_change_of_grants_holds_from_the_next_request_in_its_tenant_alone(hall: Hall) -> None:
    before = await granted(hall, "qingcheng")

    changed = await run(hall, OVERRIDE, DENY_CONTACT)
    during = [await granted(hall, slug) for slug in ("qingcheng", "zhongshan")]
    removed = await run(hall, REMOVE)
    after = await granted(hall, "qingcheng")

    told = {name: DENY_CONTACT[name] for name in ("permission", "rows", "condition", "effect")}
    assert changed == {"kind": {"code": "worker", "overrides": [told]}, "errors": []}
    assert ["contact:reveal" in grants for grants in (before, *during, after)] == [True, False, True, True]
    assert removed == {"kind": {"code": "worker", "overrides": []}, "errors": []}


async def test_nobody_changes_his_own_grants_or_reaches_past_the_walls(hall: Hall) -> None:
    own = await run(
        hall, OVERRIDE, {**DENY_CONTACT, "kind": "admin", "effect": "ALLOW", "rows": "all", "condition": ""}
    )
    beyond = await run(hall, OVERRIDE, {**DENY_CONTACT, "effect": "ALLOW", "rows": "subtree", "condition": ""})
    not_theirs = await run(hall, OVERRIDE, DENY_CONTACT, by="worker")

    assert own["errors"] == [{"code": "OWN_GRANTS", "field": "kind"}]
    assert beyond["errors"] == [{"code": "OVERRIDE_INVALID", "field": "rows"}]
    assert not_theirs["errors"] == [{"code": "FORBIDDEN", "field": None}]


async def test_adds_a_kind_and_lists_it(hall: Hall) -> None:
    added = await run(hall, ADD, {**MEDIATOR, "boardRank": 65})
    twice = await run(hall, ADD, MEDIATOR)

    here = await hall.client.ask(KINDS, account="admin@qingcheng", tenant="qingcheng")
    there = await hall.client.ask(KINDS, account="admin@zhongshan", tenant="zhongshan")

    assert added["kind"] == {
        "code": "mediator",
        "name": "调解员",
        "copies": "grid-worker",
        "duties": "调解纠纷",
        "boardRank": 65,
    }
    assert twice["errors"] == [{"code": "POSITION_KIND_INVALID", "field": "code"}]
    listed = [{node["code"] for node in each.json()["data"]["positionKinds"]["nodes"]} for each in (here, there)]
    assert listed[0] - listed[1] == {"mediator"}
    assert {"worker", "grid-worker", "resident"} <= listed[1]


async def test_the_kinds_are_everybodys_and_the_changes_of_grants_are_not(hall: Hall) -> None:
    answer = await hall.client.ask(KINDS, account="auditor@qingcheng", tenant="qingcheng")

    body = answer.json()
    assert body["data"]["positionKinds"]["totalCount"] >= 15
    assert {node["overrides"] for node in body["data"]["positionKinds"]["nodes"]} == {None}
    assert [error["extensions"]["code"] for error in body["errors"]] == ["FORBIDDEN"]


async def test_a_manager_who_sees_its_estate_alone_sees_the_kinds(hall: Hall) -> None:
    answer = await hall.client.ask("{ positionKinds { nodes { code } } }", account="manager", tenant="qingcheng")

    codes = {node["code"] for node in answer.json()["data"]["positionKinds"]["nodes"]}
    assert "property-worker" in codes
