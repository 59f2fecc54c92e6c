"""Does what a tenant gives to a kind of post reach as far as it says, and no further?"""

from __future__ import annotations

from typing import Any

import pytest

from tests.fixtures.gateway import ISSUER
from tests.schema.positions.conftest import Hall
from tests.schema.positions.test_policy_mutations import KINDS, OVERRIDE, run
from tests.schema.positions.test_position_mutations import appoint

MOVE = """
mutation ($building: ID!, $grid: ID!) {
  moveBuilding(buildingId: $building, gridId: $grid) { errors { code } }
}
"""


async def allow(hall: Hall, permission: str, rows: str, condition: str = "", kind: str = "grid-worker") -> list[Any]:
    wanted = {"kind": kind, "permission": permission, "rows": rows, "condition": condition, "effect": "ALLOW"}
    errors: list[Any] = (await run(hall, OVERRIDE, wanted))["errors"]
    return errors


@pytest.mark.parametrize(
    ("permission", "rows", "condition"),
    [
        ("position:appoint", "own", ""),
        ("position:end", "own", ""),
        ("register:edit", "place", ""),
        ("settings:edit", "own", ""),
        ("audit:read", "place", ""),
        ("roster:import", "own", ""),
        ("contact:reveal", "all", "for_call_back"),
        ("contact:reveal", "place", "while_handed_over"),
    ],
)
async def test_refuses_what_no_command_holds_to(hall: Hall, permission: str, rows: str, condition: str) -> None:
    errors = await allow(hall, permission, rows, condition)

    assert errors == [{"code": "OVERRIDE_INVALID", "field": "rows"}]
    listed = await hall.client.ask(KINDS, account="admin@qingcheng", tenant="qingcheng")
    kinds = {node["code"]: node for node in listed.json()["data"]["positionKinds"]["nodes"]}
    assert permission not in {each["permission"] for each in kinds["grid-worker"]["overrides"]}


async def test_says_how_a_permission_can_be_given(hall: Hall) -> None:
    wanted = {"kind": "worker", "permission": "register:edit", "rows": "own", "effect": "ALLOW"}
    document = "mutation ($input: OverrideGrantInput!) { overrideGrant(input: $input) { errors { message } } }"
    told = [
        await hall.client.ask(
            document, {"input": wanted}, account="admin@qingcheng", tenant="qingcheng", headers={"Accept-Language": it}
        )
        for it in ("zh", "en")
    ]

    assert [each.json()["data"]["overrideGrant"]["errors"][0]["message"] for each in told] == [
        "权限调整有误：这项权限只能这样给予：all",
        "The change of grants will not do: this permission can be given as: all",
    ]


async def test_who_appoints_at_a_place_appoints_there_alone_and_nobody_who_appoints(hall: Hall) -> None:
    given = await appoint(hall, "qingcheng/第一网格", account={"issuer": ISSUER.name, "subject": "grid-one"})
    assert given["errors"] == []
    assert await allow(hall, "position:appoint", "place") == []
    assert await allow(hall, "position:appoint", "place", kind="grid-leader") == []

    tried = [
        await appoint(hall, "qingcheng", by="grid-one", kind="admin"),
        await appoint(hall, "qingcheng", by="grid-one", kind="worker"),
        await appoint(hall, "qingcheng/第二网格", by="grid-one"),
        await appoint(hall, "qingcheng/花园小区", by="grid-one", kind="owners-chair"),
        await appoint(hall, "qingcheng/第一网格", by="grid-one"),
        await appoint(hall, "qingcheng/1号楼", by="grid-one", kind="building-leader"),
    ]

    codes = [[error["code"] for error in each["errors"]] for each in tried]
    assert codes == [["FORBIDDEN"]] * 4 + [[], []]


async def test_what_was_given_before_it_was_known_that_nothing_holds_to_it_grants_nothing(hall: Hall) -> None:
    account = {"issuer": ISSUER.name, "subject": "grid-two"}
    assert (await appoint(hall, "qingcheng/第一网格", account=account))["errors"] == []
    await hall.town.store_override("qingcheng", "grid-worker", "register:edit", "place")

    answer = await hall.client.ask(
        MOVE,
        {"building": hall.place_id("qingcheng/1号楼"), "grid": hall.place_id("qingcheng/第二网格")},
        account="grid-two",
    )

    assert answer.json()["data"]["moveBuilding"]["errors"] == [{"code": "FORBIDDEN"}]
