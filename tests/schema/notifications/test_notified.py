"""Is an account told what is its own to know, in all its tenants, once and in order, and does it say what it read?"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest

from tests.contract.documents import contract_operation
from tests.fixtures.gateway import GatewayClient
from tests.fixtures.streaming import put_in_order, subscribed
from tests.fixtures.world import WorldDatabase
from tests.make_cases import case_id

NOTIFIED = "subscription($after: String) { notified(after: $after) { id at kind title link case { id number } } }"
LISTED = "{ me { unreadCount } notifications { totalCount nodes { id kind title readAt tenant { slug } } } }"
_NOW = datetime(2026, 6, 1, 4, tzinfo=UTC)
_TELL = """
    insert into notifications (tenant_id, id, account_id, post_tenant_id, case_id, kind, number, subject, at)
    values ($1, gen_random_uuid(), $2, $1, $3, $4, '20260520-0001', $5, $6)
"""
_MARK = """
mutation($ids: [ID!], $until: DateTime) {
  markNotificationsRead(notificationIds: $ids, until: $until) { markedCount errors { code } }
}
"""
Tell = Callable[..., Awaitable[None]]


@pytest.fixture
async def tell(made: WorldDatabase) -> AsyncIterator[Tell]:
    """Tell an account something of a tenant's first case; nobody has been told anything before."""
    owner = await asyncpg.connect(made.database.owner_url)
    await owner.execute("delete from notifications")
    count = 0

    async def insert(subject: str, *, account: str = "worker", slug: str = "qingcheng", kind: str = "RED") -> None:
        nonlocal count
        count += 1
        tenant_id, account_id = made.world.tenants[slug].id, made.world.accounts[account]
        at = _NOW + timedelta(minutes=count)
        await owner.execute(_TELL, tenant_id, account_id, case_id(0), kind, subject, at)

    yield insert
    await owner.close()


async def _listed(gateway: GatewayClient, **who: Any) -> tuple[int, list[dict[str, Any]]]:  # noqa: ANN401
    told = (await gateway.ask(LISTED, **who)).json()
    assert "errors" not in told, told
    found = told["data"]["notifications"]
    assert found["totalCount"] == len(found["nodes"])
    return told["data"]["me"]["unreadCount"], found["nodes"]


async def test_lists_the_newest_first_over_all_tenants_in_the_readers_language(
    gateway: GatewayClient, tell: Tell, made: WorldDatabase
) -> None:
    await tell("楼道积水")
    await tell("路灯不亮", slug="zhongshan", kind="HANDED")
    await tell("别人的", account="grid-worker")

    unread, nodes = await _listed(gateway)
    _, english = await _listed(gateway, headers={"Accept-Language": "en"})

    assert unread == 2
    assert [(one["kind"], one["title"], one["tenant"]["slug"], one["readAt"]) for one in nodes] == [
        ("HANDED", "交办 20260520-0001 路灯不亮", "zhongshan", None),
        ("RED", "红灯预警 20260520-0001 楼道积水", "qingcheng", None),
    ]
    assert english[1]["title"] == "Overdue 20260520-0001 楼道积水"
    # Nor does it take a tenant.
    assert await _listed(gateway, tenant=None) == (unread, nodes)
    assert made.world.tenants["qingcheng"].id != made.world.tenants["zhongshan"].id


async def test_shows_nothing_once_no_post_is_held_where_it_was_told(
    gateway: GatewayClient, tell: Tell, made: WorldDatabase
) -> None:
    await tell("甲", slug="zhongshan")
    await tell("乙")
    owner = await asyncpg.connect(made.database.owner_url)
    there, account = made.world.tenants["zhongshan"].id, made.world.accounts["worker"]
    ended = "update memberships set until = $3 where tenant_id = $1 and account_id = $2"

    await owner.execute(ended, there, account, datetime(2026, 1, 1, tzinfo=UTC).date())
    unread, nodes = await _listed(gateway)
    await owner.execute(ended, there, account, None)
    await owner.close()

    assert (unread, [one["tenant"]["slug"] for one in nodes]) == (1, ["qingcheng"])
    assert (await _listed(gateway))[0] == 2


async def test_marks_what_is_the_callers_own_in_any_tenant_and_nothing_else(gateway: GatewayClient, tell: Tell) -> None:
    await tell("甲", slug="zhongshan")
    await tell("乙")
    await tell("丙")
    await tell("丁", account="grid-worker")
    _, nodes = await _listed(gateway)
    _, others = await _listed(gateway, account="grid-worker")

    async def mark(**given: object) -> dict[str, Any]:
        found: dict[str, Any] = (await gateway.ask(_MARK, given)).json()["data"]["markNotificationsRead"]
        return found

    nothing = await mark()
    foreign = await mark(ids=[others[0]["id"], "ntf_1_x", nodes[0]["id"].replace("ntf_", "cas_")])
    first = await mark(ids=[nodes[2]["id"]])
    rest = await mark(until=(_NOW + timedelta(minutes=2)).isoformat())

    assert nothing == foreign == {"markedCount": 0, "errors": []}
    assert first == rest == {"markedCount": 1, "errors": []}
    assert [one["readAt"] is None for one in (await _listed(gateway))[1]] == [True, False, False]
    assert (await _listed(gateway, account="grid-worker"))[0] == 1


async def test_tells_as_it_happens_in_order_and_goes_on_from_the_last(
    gateway: GatewayClient, tell: Tell, made: WorldDatabase
) -> None:
    await tell("以前的")
    await put_in_order(made.database)
    async with subscribed(gateway.app, document=NOTIFIED) as stream:
        await tell("甲", slug="zhongshan")
        await tell("别人的", account="grid-worker")
        await tell("乙", kind="YELLOW")
        await put_in_order(made.database)
        answers = [await stream.next() for _ in range(2)]
        rest = await stream.rest()
    told = [answer["data"]["notified"] for answer in answers if answer is not None]
    await tell("丙")
    await put_in_order(made.database)
    async with subscribed(gateway.app, document=NOTIFIED, after=told[0]["id"]) as stream:
        again = await stream.rest()
    async with subscribed(gateway.app, document=NOTIFIED, headers={"Last-Event-ID": told[1]["id"]}) as stream:
        last = await stream.rest()

    assert [one["title"].split()[-1] for one in told] == ["甲", "乙"]
    there = f"cas_{made.world.tenants['zhongshan'].id}_{case_id(0)}"
    assert told[0]["case"] == {"id": there, "number": "20260520-0001"}
    assert told[0]["link"] == f"/cases/{there}"
    assert rest == []
    assert [answer["data"]["notified"]["title"].split()[-1] for answer in again if answer] == ["乙", "丙"]
    assert [answer["data"]["notified"]["title"].split()[-1] for answer in last if answer] == ["丙"]


async def test_does_not_go_on_from_what_was_told_to_somebody_else(
    gateway: GatewayClient, tell: Tell, made: WorldDatabase
) -> None:
    await tell("别人的", account="grid-worker")
    await put_in_order(made.database)
    _, others = await _listed(gateway, account="grid-worker")

    for after in (others[0]["id"], "x", "cas_1_x"):
        async with subscribed(gateway.app, document=NOTIFIED, after=after) as stream:
            answer = await stream.next()
        assert answer is not None
        assert [error["extensions"]["code"] for error in answer["errors"]] == ["BAD_CURSOR"]


async def test_answers_the_contracts_document(gateway: GatewayClient, tell: Tell, made: WorldDatabase) -> None:
    async with subscribed(gateway.app, document=contract_operation("case_work", "Notified")) as stream:
        await tell("楼道积水")
        await put_in_order(made.database)
        answer = await stream.next()

    assert answer is not None
    told = answer["data"]["notified"]
    there = f"cas_{made.world.tenants['qingcheng'].id}_{case_id(0)}"
    assert told["case"] == {"id": there, "number": "20260520-0001"}
    assert (told["kind"], told["title"]) == ("RED", "红灯预警 20260520-0001 楼道积水")
