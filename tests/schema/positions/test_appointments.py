"""Does everybody see in the list of posts those alone that he may end?"""

from __future__ import annotations

from typing import Any

import pytest

from tests.fixtures.gateway import ISSUER
from tests.schema.positions.conftest import Hall
from tests.schema.positions.test_policy_mutations import OVERRIDE, run
from tests.schema.positions.test_position_mutations import END, appoint

LIST = """
{ appointments(first: 100, filter: {isCurrent: true}) {
  totalCount nodes { positionId holderName kind { code } place { name } } } }
"""
TODAY_LATER = "2099-12-31"


@pytest.fixture(scope="module")
async def staffed(hall: Hall) -> Hall:
    """Posts of every sort, those who may end some of them among the holders."""
    grids, estates = ("qingcheng/第一网格", "qingcheng/第二网格"), ("qingcheng/花园小区", "qingcheng/新村小区")
    posts: list[tuple[str, str, str | None]] = [
        *((kind, grid, None) for grid in grids for kind in ("grid-worker", "grid-leader", "grid-party-secretary")),
        ("building-leader", "qingcheng/1号楼", None),
        ("resident", "qingcheng/101室", None),
        *((kind, estate, "物业") for estate in estates for kind in ("property-manager", "property-worker")),
        *((kind, estate, "业委会") for estate in estates for kind in ("owners-chair", "owners-member")),
        ("party-secretary", "qingcheng", "党支部"),
    ]
    for kind, place, body in posts:
        given: dict[str, Any] = {"kind": kind, "name": f"{kind} 张三"[:50], "publicName": "张三"}
        if body is not None:
            prefix = {"物业": "prc", "业委会": "owc", "党支部": "pty"}[body]
            given["bodyId"] = f"{prefix}_0_{hall.town.bodies[f'qingcheng/{body}']}"
        if place in ("qingcheng/花园小区", "qingcheng"):
            given["account"] = {"issuer": ISSUER.name, "subject": f"{kind}@list"}
        assert (await appoint(hall, place, **given))["errors"] == []
    return hall


async def listed(hall: Hall, account: str) -> list[dict[str, Any]]:
    answer = await hall.client.ask(LIST, account=account)
    nodes: list[dict[str, Any]] = answer.json()["data"]["appointments"]["nodes"]
    return nodes


@pytest.mark.parametrize(
    ("account", "kinds"),
    [
        ("committee-chair@qingcheng", {"grid-worker", "grid-leader", "building-leader"}),
        ("party-secretary@list", {"grid-party-secretary"}),
        ("property-manager@list", {"property-worker"}),
        ("owners-chair@list", {"owners-member"}),
    ],
)
async def test_lists_what_may_be_ended(staffed: Hall, account: str, kinds: set[str]) -> None:
    everything = await listed(staffed, "admin@qingcheng")
    mine = await listed(staffed, account)

    assert {post["kind"]["code"] for post in mine} == kinds
    allowed = set()
    for post in everything:
        # The last day that a post cannot have is refused only to those who may end it.
        asked = {"id": post["positionId"], "until": "1999-01-01"}
        answer = await staffed.client.ask(END, asked, account=account)
        (error,) = answer.json()["data"]["endPosition"]["errors"]
        if error["code"] != "FORBIDDEN":
            allowed.add(post["positionId"])
    assert {post["positionId"] for post in mine} == allowed


async def test_lists_the_posts_at_ones_place_for_whom_it_was_given_to(staffed: Hall) -> None:
    account = {"issuer": ISSUER.name, "subject": "leader@list"}
    assert (await appoint(staffed, "qingcheng/第一网格", kind="grid-leader", account=account))["errors"] == []
    wanted = {"kind": "grid-leader", "permission": "position:end", "rows": "place", "effect": "ALLOW"}
    assert (await run(staffed, OVERRIDE, wanted))["errors"] == []

    mine = await listed(staffed, "leader@list")

    assert {post["place"]["name"] for post in mine} == {"第一网格", "1号楼", "101室"}
