"""Do a tenant's changes reach its endpoints, each message until it is taken, and nobody else's?"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import asyncpg
import pytest
from sqlalchemy.ext.asyncio import create_async_engine

from deploy.postman import Postman
from deploy.settings import sqlalchemy_url
from services.webhooks.channels import ChannelFault, Message, WebhookChannel, open_webhook_client
from services.webhooks.delivering import sweep_deliveries
from services.webhooks.rules import MOST_ATTEMPTS, wait_after
from tenants.sealing.keyring import Keyring
from tenants.sealing.master_key import read_master_keys
from tenants.work import utc_now
from tests.fixtures.gateway import MASTER_KEY, GatewayClient
from tests.fixtures.streaming import put_in_order
from tests.fixtures.world import WorldDatabase
from tests.services.webhooks.receiving import receiving

_SET = """
mutation($input: SetWebhookInput!, $key: String) {
  setWebhook(input: $input, idempotencyKey: $key) { webhook { id url kinds } secret errors { code field } }
}
"""
_REMOVE = "mutation($id: ID!) { removeWebhook(webhookId: $id) { isRemoved errors { code } } }"
_LISTED = """
{ webhooks { id url kinds deliveries { messageId kind caseId attempts deliveredAt givenUpAt fault } } }
"""
_REPORT = """
mutation($place: ID!) {
  reportCase(input: {title: "张三家漏水", description: "请处理", categoryCode: "0104", kind: HELP, source: PATROL,
    at: {placeId: $place}}) { case { id number } errors { code } }
}
"""
URL = "https://hooks.example.org/jinlin"


@dataclass
class Recorded:
    """A channel that only notes what it is given, and takes it or not."""

    faults: list[str] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)

    async def send(self, message: Message, *, now: datetime) -> None:
        """Note a message."""
        assert now.tzinfo is not None
        self.messages.append(message)
        if self.faults:
            raise ChannelFault(self.faults.pop(0))


Deliver = Callable[..., Awaitable[int]]
# Somebody who edits settings in each community, in a post like the worker's.
_ADMINISTRATORS = """
    insert into accounts (id, issuer, subject, display_name) values ('0190a000-0000-7000-8000-0000000000ad', 'test',
        'admin', '管理员');
    insert into position_kinds select made.* from position_kinds k, json_populate_record(k, json_build_object(
        'id', gen_random_uuid(), 'code', 'admin', 'grants_as', 'admin')) made where k.code = 'worker';
    insert into positions select made.* from positions p join accounts a on a.id = p.account_id,
        json_populate_record(p, json_build_object('id', gen_random_uuid(), 'kind_code', 'admin',
            'account_id', '0190a000-0000-7000-8000-0000000000ad')) made where a.subject = 'worker';
    insert into memberships select account_id, tenant_id, id, since, until from positions where kind_code = 'admin';
"""


@pytest.fixture(autouse=True, scope="module")
async def _administrators(made: WorldDatabase) -> None:
    connection = await asyncpg.connect(made.database.owner_url)
    await connection.execute(_ADMINISTRATORS)
    await connection.close()


@pytest.fixture
async def owner(made: WorldDatabase) -> AsyncIterator[asyncpg.Connection]:
    """The owner's connection; no endpoint is there afterwards."""
    connection = await asyncpg.connect(made.database.owner_url)
    yield connection
    await connection.execute("delete from webhook_deliveries; delete from webhooks; delete from events")
    await connection.close()


@pytest.fixture
async def deliver(made: WorldDatabase, owner: asyncpg.Connection) -> AsyncIterator[Deliver]:
    """Do what the worker does once, at an instant, by a channel."""
    assert owner is not None
    engine = create_async_engine(sqlalchemy_url(made.database.worker_url))
    keyring = Keyring(read_master_keys(MASTER_KEY))

    async def attempt(channel: Any, *, later: timedelta = timedelta()) -> int:  # noqa: ANN401 - a channel.
        return await Postman(engine, keyring, channel).deliver(now=utc_now() + timedelta(seconds=1) + later)

    yield attempt
    await engine.dispose()


async def set_up(gateway: GatewayClient, *, tenant: str = "qingcheng", **given: Any) -> dict[str, Any]:  # noqa: ANN401
    told = {"url": URL, "kinds": ["REPORT"], **given}
    answer = await gateway.ask(_SET, {"input": told}, account="admin", tenant=tenant)
    payload: dict[str, Any] = answer.json()["data"]["setWebhook"]
    assert payload["errors"] == []
    return payload


async def report(gateway: GatewayClient, made: WorldDatabase, tenant: str = "qingcheng") -> dict[str, Any]:
    place = made.world.id("grd", f"{tenant}/第一网格")
    payload = (await gateway.ask(_REPORT, {"place": place}, tenant=tenant)).json()["data"]["reportCase"]
    assert payload["errors"] == []
    await put_in_order(made.database)
    case: dict[str, Any] = payload["case"]
    return case


async def listed(gateway: GatewayClient, tenant: str = "qingcheng") -> list[dict[str, Any]]:
    answer = (await gateway.ask(_LISTED, account="admin", tenant=tenant)).json()
    assert "errors" not in answer, answer
    found: list[dict[str, Any]] = answer["data"]["webhooks"]
    return found


async def test_sends_what_was_chosen_of_the_own_tenant_signed_and_without_a_word_of_it(
    gateway: GatewayClient, made: WorldDatabase, owner: asyncpg.Connection, deliver: Deliver
) -> None:
    webhook = await set_up(gateway)
    await set_up(gateway, kinds=["CLOSE"])
    async with receiving() as receiver, open_webhook_client() as client:
        url = f"http://127.0.0.1:{receiver.port}/hook"
        await owner.execute("update webhooks set url = $1", url)
        case = await report(gateway, made)
        await report(gateway, made, "zhongshan")

        attempts = [await deliver(WebhookChannel(client, is_inside_allowed=True)) for _ in range(2)]

    assert attempts == [1, 0]
    (request,) = receiver.requests
    assert request.is_signed_with(webhook["secret"])
    told = json.loads(request.body)
    assert told["type"] == "case.report"
    link = f"/cases/{case['id']}"
    assert told["data"] == {"caseId": case["id"], "number": case["number"], "kind": "REPORT", "link": link}
    assert "漏水" not in request.body.decode()
    sent = next(one for one in await listed(gateway) if one["id"] == webhook["webhook"]["id"])["deliveries"]
    assert [(one["messageId"], one["attempts"], one["fault"]) for one in sent] == [
        (request.headers["webhook-id"], 1, None)
    ]
    assert sent[0]["deliveredAt"] is not None


async def test_tries_again_later_and_later_and_gives_up_in_the_end(
    gateway: GatewayClient, made: WorldDatabase, owner: asyncpg.Connection, deliver: Deliver
) -> None:
    await set_up(gateway)
    await report(gateway, made)
    channel, later = Recorded(["answered with status 500"] * 99), timedelta()

    for _ in range(MOST_ATTEMPTS):
        assert await deliver(channel, later=later) == 1
        # Not at once.
        assert await deliver(channel, later=later) == 0
        later += timedelta(hours=13)

    assert await deliver(channel, later=later) == 0
    assert len({message.id for message in channel.messages}) == 1
    assert len(channel.messages) == MOST_ATTEMPTS
    row = await owner.fetchrow("select attempts, fault, delivered_at, given_up_at is null from webhook_deliveries")
    assert tuple(row or ()) == (MOST_ATTEMPTS, "answered with status 500", None, False)


async def test_delivers_after_a_fault_and_after_a_worker_that_died(
    gateway: GatewayClient, made: WorldDatabase, owner: asyncpg.Connection, deliver: Deliver
) -> None:
    await set_up(gateway)
    await report(gateway, made)
    channel = Recorded(["no answer in time"])
    await deliver(channel)
    # As a worker leaves it that takes a message and is killed: its lease lasts a minute.
    await owner.execute("update webhook_deliveries set attempts = 2, next_at = now() + interval '60 seconds'")

    before = await deliver(channel, later=timedelta(seconds=50))
    after = await deliver(channel, later=timedelta(seconds=70))

    assert (before, after) == (0, 1)
    assert await owner.fetchval("select attempts from webhook_deliveries where delivered_at is not null") == 3


async def test_outlives_whatever_goes_wrong_with_one_message(
    gateway: GatewayClient, made: WorldDatabase, owner: asyncpg.Connection, deliver: Deliver
) -> None:
    await set_up(gateway)
    await report(gateway, made)
    await report(gateway, made)

    class Broken(Recorded):
        async def send(self, message: Message, *, now: datetime) -> None:
            await super().send(message, now=now)
            if len(self.messages) == 1:
                raise ValueError(message.url)

    assert await deliver(Broken()) == 2

    faults = await owner.fetch("select fault from webhook_deliveries order by fault")
    assert [row["fault"] for row in faults] == ["not sent: ValueError", None]


async def test_sends_nothing_more_to_an_endpoint_that_was_removed(
    gateway: GatewayClient, made: WorldDatabase, owner: asyncpg.Connection, deliver: Deliver
) -> None:
    webhook_id = (await set_up(gateway))["webhook"]["id"]
    await report(gateway, made)

    removed = (await gateway.ask(_REMOVE, {"id": webhook_id}, account="admin")).json()["data"]["removeWebhook"]
    again = (await gateway.ask(_REMOVE, {"id": webhook_id}, account="admin")).json()["data"]["removeWebhook"]
    await report(gateway, made)
    channel = Recorded()
    await deliver(channel)

    assert removed == {"isRemoved": True, "errors": []}
    assert again == {"isRemoved": False, "errors": [{"code": "NOT_FOUND"}]}
    assert (channel.messages, await listed(gateway)) == ([], [])
    assert await owner.fetchval("select count(*) from webhook_deliveries where given_up_at is not null") == 1


async def test_is_set_up_by_who_edits_settings_once_for_a_key_and_tells_the_secret_once(
    gateway: GatewayClient, owner: asyncpg.Connection
) -> None:
    given = {"input": {"url": URL, "kinds": ["RED", "YELLOW", "RED"]}, "key": "one"}

    async def ask(account: str) -> dict[str, Any]:
        found: dict[str, Any] = (await gateway.ask(_SET, given, account=account)).json()["data"]["setWebhook"]
        return found

    refused, first, again = await ask("worker"), await ask("admin"), await ask("admin")

    assert [error["code"] for error in refused["errors"]] == ["FORBIDDEN"]
    assert first["webhook"]["kinds"] == ["RED", "YELLOW"]
    assert first["secret"].startswith("whsec_")
    assert again == {**first, "secret": None}
    sealed = await owner.fetchval("select secret_sealed from webhooks")
    assert first["secret"].encode() not in sealed
    answer = (await gateway.ask(_LISTED, account="worker")).json()
    assert answer["data"]["webhooks"] is None
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["FORBIDDEN"]
    assert await listed(gateway, "zhongshan") == []


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"url": "http://hooks.example.org/"}, "WEBHOOK_URL_INVALID"),
        ({"url": "https://10.0.0.1/"}, "WEBHOOK_URL_INVALID"),
        ({"kinds": []}, "WEBHOOK_KINDS_INVALID"),
    ],
)
async def test_refuses_what_nothing_can_be_sent_to(
    gateway: GatewayClient, owner: asyncpg.Connection, given: dict[str, Any], code: str
) -> None:
    told = {"url": URL, "kinds": ["RED"], **given}
    answer = await gateway.ask(_SET, {"input": told}, account="admin")

    assert [error["code"] for error in answer.json()["data"]["setWebhook"]["errors"]] == [code]
    assert await owner.fetchval("select count(*) from webhooks") == 0


async def test_queues_without_waiting_for_a_case_in_hand(
    gateway: GatewayClient, made: WorldDatabase, owner: asyncpg.Connection
) -> None:
    await set_up(gateway, kinds=["ACCEPT"])
    case = await report(gateway, made)
    document = f'mutation {{ acceptCase(caseId: "{case["id"]}") {{ errors {{ code }} }} }}'
    assert (await gateway.ask(document)).json()["data"]["acceptCase"]["errors"] == []

    async with owner.transaction():
        # As the next step holds it.
        await owner.execute("select from cases where id = $1 for update", case["id"].split("_")[2])
        async with asyncio.timeout(10):
            await put_in_order(made.database)

    assert await owner.fetchval("select count(*) from webhook_deliveries") == 1


async def test_forgets_after_a_month_what_is_settled(
    gateway: GatewayClient, made: WorldDatabase, owner: asyncpg.Connection, deliver: Deliver
) -> None:
    await set_up(gateway)
    await report(gateway, made)
    await deliver(Recorded())
    await report(gateway, made)
    engine = create_async_engine(sqlalchemy_url(made.database.worker_url))
    async with engine.begin() as connection:
        soon = await sweep_deliveries(connection, now=utc_now() + timedelta(days=29))
        late = await sweep_deliveries(connection, now=utc_now() + timedelta(days=31))
    await engine.dispose()

    assert (soon, late) == (0, 1)
    assert await owner.fetchval("select count(*) from webhook_deliveries where delivered_at is null") == 1


def test_waits_three_times_as_long_each_time_and_half_a_day_at_most() -> None:
    waits = [wait_after(attempts, share=0) for attempts in range(1, 11)]

    assert waits[:3] == [timedelta(seconds=10), timedelta(seconds=30), timedelta(seconds=90)]
    assert waits[-1] == timedelta(hours=12)
    assert wait_after(1, share=1) == timedelta(seconds=5)
