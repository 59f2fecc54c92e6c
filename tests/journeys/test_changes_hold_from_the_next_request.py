"""Does a change of post, contract or tenant hold from the next request, on every process?"""

from __future__ import annotations

from typing import Any

import httpx
from sqlalchemy.ext.asyncio import create_async_engine

from deploy.demo.tokens import ISSUER
from deploy.settings import sqlalchemy_url
from services.onboarding.commands import close_tenant, resume_tenant, suspend_tenant
from tests.days import day
from tests.fixtures.demo import Demo

_APPOINT = """
mutation ($input: AppointPositionInput!) {
  appointPosition(input: $input) { position { id kind { code } } errors { code message field } }
}
"""
_END = """
mutation ($id: ID!, $until: Date!) {
  endPosition(positionId: $id, until: $until) { position { until } errors { code message } }
}
"""
_END_CONTRACT = """
mutation ($id: ID!, $until: Date!) {
  endPropertyContract(contractId: $id, until: $until) { contract { until } errors { code message } }
}
"""
_SEEN = "{ dwellings(first: 1) { totalCount nodes { owners { displayName } } } }"
_MOVE = 'mutation { moveBuilding(buildingId: "bld_0_0", gridId: "grd_0_0") { errors { code message } } }'


async def _community(demo: Demo, slug: str) -> str:
    row = await demo.owner.fetchrow("select id, place_id from tenants where slug = $1", slug)
    assert row is not None
    return f"com_{row['id']}_{row['place_id']}"


def _data(answer: httpx.Response, field: str) -> dict[str, Any]:
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()["data"][field]
    return found


async def test_a_post_given_and_ended(demo: Demo) -> None:
    stranger = "nobody@nowhere"
    async with demo.other_process() as other:
        before = await other.ask(stranger, _SEEN, tenant="qingcheng")
        appointed = await demo.ask(
            "admin@qingcheng",
            _APPOINT,
            {
                "input": {
                    "kind": "worker",
                    "placeId": await _community(demo, "qingcheng"),
                    "since": day(-1),
                    "name": "欧小树",
                    "account": {"issuer": ISSUER, "subject": stranger},
                }
            },
        )
        position = _data(appointed, "appointPosition")
        assert position["errors"] == []
        held = await other.ask(stranger, _SEEN, tenant="qingcheng")
        elsewhere = await other.ask(stranger, _SEEN, tenant="guanyuan")
        ended = await demo.ask("admin@qingcheng", _END, {"id": position["position"]["id"], "until": day(-1)})
        after = await other.ask(stranger, _SEEN, tenant="qingcheng")

    assert before.status_code == elsewhere.status_code == after.status_code == 403
    assert before.content == elsewhere.content == after.content
    assert _data(held, "dwellings")["totalCount"] == 3773
    assert _data(ended, "endPosition") == {"position": {"until": day(-1)}, "errors": []}


async def test_a_contract_ended(demo: Demo) -> None:
    row = await demo.owner.fetchrow(
        "select c.tenant_id, c.id from property_contracts c join tenants t on t.id = c.tenant_id "
        "join positions p on p.tenant_id = c.tenant_id and p.body_id = c.body_id and p.place_id = c.estate_id "
        "join accounts a on a.id = p.account_id where a.subject = 'property-manager@guanyuan'"
    )
    assert row is not None
    async with demo.other_process() as other:
        before = await other.ask("property-manager@guanyuan", _SEEN)
        ended = await demo.ask(
            "worker@guanyuan", _END_CONTRACT, {"id": f"ctr_{row['tenant_id']}_{row['id']}", "until": day(-1)}
        )
        after = await other.ask("property-manager@guanyuan", _SEEN)

    assert before.json()["data"]["dwellings"]["totalCount"] > 0
    assert _data(ended, "endPropertyContract")["errors"] == []
    assert after.json()["data"]["dwellings"] is None
    assert {error["extensions"]["code"] for error in after.json()["errors"]} == {"FORBIDDEN"}


async def test_a_tenant_suspended_resumed_and_closed(demo: Demo) -> None:
    engine = create_async_engine(sqlalchemy_url(demo.database.owner_url))
    statuses = {}
    for name, change in (
        ("open", None),
        ("suspended", suspend_tenant),
        ("resumed", resume_tenant),
        ("closed", close_tenant),
    ):
        if change is not None:
            async with engine.begin() as connection:
                await change(connection, slug="minzhucun")
        read = await demo.ask("worker@minzhucun", _SEEN)
        written = await demo.ask("worker@minzhucun", _MOVE)
        async with demo.other_process() as other:
            first = await other.ask("worker@minzhucun", _MOVE)
        statuses[name] = (read.status_code, written.status_code, _code(written), first.status_code, _code(first))
    await engine.dispose()

    assert statuses == {
        "open": (200, 200, "NOT_FOUND", 200, "NOT_FOUND"),
        "suspended": (200, 200, "TENANT_SUSPENDED", 200, "TENANT_SUSPENDED"),
        "resumed": (200, 200, "NOT_FOUND", 200, "NOT_FOUND"),
        # A process that remembers the caller finds out when the mutation begins, and says so in its payload.
        "closed": (403, 200, "TENANT_UNKNOWN", 403, "TENANT_UNKNOWN"),
    }


def _code(answer: httpx.Response) -> str:
    body = answer.json()
    if body.get("data"):
        return str(body["data"]["moveBuilding"]["errors"][0]["code"])
    return str(body["errors"][0]["extensions"]["code"])
