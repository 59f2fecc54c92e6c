"""Is a subscriber told what happens to cases: in order, once the filter or the sight held before or after, no more?"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import asyncpg
import pytest
from graphql import DocumentNode, OperationDefinitionNode, parse, validate

from schema.root import read_model
from tenants.tokens import LEEWAY
from tests.contract.documents import contract_document
from tests.fixtures.database import Database
from tests.fixtures.gateway import ISSUER, GatewayClient
from tests.fixtures.streaming import FEED, put_in_order, subscribed
from tests.fixtures.world import WorldDatabase

_REPORT = """
mutation($title: String!, $place: ID!) {
  reportCase(input: {title: $title, description: "请处理", categoryCode: "0104", kind: HELP, source: PATROL,
    at: {placeId: $place}}) { case { id number } errors { code message } }
}
"""

_LONG_AGO = "set until = current_date - 30 where account_id = (select id from accounts where subject = 'grid-worker')"


@pytest.fixture
async def owner(made: WorldDatabase) -> AsyncIterator[asyncpg.Connection]:
    """The owner's connection; the test's events are gone afterwards."""
    connection = await asyncpg.connect(made.database.owner_url)
    yield connection
    await connection.execute("delete from events")
    await connection.close()


@pytest.fixture
def database(made: WorldDatabase, owner: asyncpg.Connection) -> Database:
    assert owner is not None
    return made.database


@pytest.fixture
def report(gateway: GatewayClient, made: WorldDatabase) -> Callable[..., Awaitable[str]]:
    """Report a case in the first grid; tell its id."""

    async def send(title: str = "路灯不亮", *, tenant: str = "qingcheng") -> str:
        place = made.world.id("grd", f"{tenant}/第一网格")
        answer = await gateway.ask(_REPORT, {"title": title, "place": place}, tenant=tenant)
        payload = answer.json()["data"]["reportCase"]
        assert payload["errors"] == []
        return str(payload["case"]["id"])

    return send


async def act(gateway: GatewayClient, call: str, *, account: str = "worker", tenant: str = "qingcheng") -> None:
    """Take a step with a case."""
    answer = await gateway.ask(f"mutation {{ {call} {{ errors {{ code message }} }} }}", account=account, tenant=tenant)
    told = answer.json()
    assert "errors" not in told, told
    (payload,) = told["data"].values()
    assert payload["errors"] == [], payload


def _codes(answer: dict[str, Any] | None) -> set[str]:
    assert answer is not None
    return {error["extensions"]["code"] for error in answer["errors"]}


async def test_tells_each_step_in_order_with_the_case_as_it_is(
    gateway: GatewayClient, database: Database, report: Callable[..., Awaitable[str]]
) -> None:
    async with subscribed(gateway.app) as stream:
        case = await report("井盖缺损")
        await put_in_order(database)
        first = await stream.change()
        await act(gateway, f'acceptCase(caseId: "{case}")')
        await put_in_order(database)
        second = await stream.change()

    assert (first["action"], first["case"]["id"], first["case"]["status"]) == ("REPORT", case, "REPORTED")
    assert (second["action"], second["case"]["title"], second["case"]["status"]) == ("ACCEPT", "井盖缺损", "ACCEPTED")
    assert stream.cursors == [first["cursor"], second["cursor"]]


async def test_tells_once_more_of_a_case_that_leaves_the_filter(
    gateway: GatewayClient, database: Database, report: Callable[..., Awaitable[str]]
) -> None:
    async with subscribed(gateway.app, filter={"status": {"in": ["REPORTED"]}}) as stream:
        case = await report()
        await put_in_order(database)
        await act(gateway, f'acceptCase(caseId: "{case}")')
        await put_in_order(database)
        await act(gateway, f'excludeCase(caseId: "{case}", reason: NOT_CLEAR, reply: "信息不明")')
        await put_in_order(database)

        told = [await stream.change() for _ in range(2)]
        rest = await stream.rest()

    assert [(change["action"], change["case"]["id"]) for change in told] == [("REPORT", case), ("ACCEPT", case)]
    assert rest == []


async def test_goes_on_from_a_cursor_without_a_gap(
    gateway: GatewayClient, database: Database, report: Callable[..., Awaitable[str]]
) -> None:
    async with subscribed(gateway.app) as stream:
        cases = [await report(f"第{number}件") for number in range(5)]
        await put_in_order(database)
        told = [await stream.change() for _ in cases]
    cases.append(await report("之后"))
    await put_in_order(database)

    async with subscribed(gateway.app, after=told[1]["cursor"]) as again:
        by_argument = [(await again.change())["case"]["id"] for _ in range(4)]
    # A client of events sends the last id beside the argument it began with.
    last = {"Last-Event-ID": told[3]["cursor"]}
    async with subscribed(gateway.app, headers=last, after=told[1]["cursor"]) as third:
        by_header = [(await third.change())["case"]["id"] for _ in range(2)]

    assert [change["case"]["id"] for change in told] == cases[:5]
    assert by_argument == cases[2:]
    assert by_header == cases[4:]


async def test_refuses_cursors_that_are_foreign_or_too_old(
    gateway: GatewayClient, database: Database, owner: asyncpg.Connection, report: Callable[..., Awaitable[str]]
) -> None:
    await report()
    await owner.execute("update events set at = at - interval '25 hours'")
    async with subscribed(gateway.app) as stream:
        await put_in_order(database)
        old = (await stream.change())["cursor"]
    listed = await gateway.ask("{ cases(first: 1) { pageInfo { endCursor } } }")

    codes = []
    for cursor, tenant in (
        (old, "qingcheng"),
        (old, "zhongshan"),
        (listed.json()["data"]["cases"]["pageInfo"]["endCursor"], "qingcheng"),
        ("nonsense", "qingcheng"),
    ):
        async with subscribed(gateway.app, after=cursor, tenant=tenant) as refused:
            codes.append((refused.status, _codes(await refused.next())))

    assert codes == [
        (400, {"CURSOR_EXPIRED"}),
        (400, {"BAD_CURSOR"}),
        (400, {"BAD_CURSOR"}),
        (400, {"BAD_CURSOR"}),
    ]


async def test_keeps_the_order_of_a_case_whatever_the_clocks_say(
    gateway: GatewayClient, database: Database, owner: asyncpg.Connection, report: Callable[..., Awaitable[str]]
) -> None:
    case = await report()
    await act(gateway, f'acceptCase(caseId: "{case}")')
    await owner.execute("update events set at = at - interval '1 minute' where action = 'ACCEPT'")
    other = await report()
    await put_in_order(database)

    rows = await owner.fetch("select action, case_id from events order by sequence")

    first = [(row["action"], str(row["case_id"])) for row in rows]
    assert first == [
        ("REPORT", case.rpartition("_")[2]),
        ("ACCEPT", case.rpartition("_")[2]),
        ("REPORT", other.rpartition("_")[2]),
    ]


async def test_tells_an_office_of_what_is_below_it_and_of_nothing_else(
    gateway: GatewayClient, database: Database, report: Callable[..., Awaitable[str]]
) -> None:
    async with (
        subscribed(gateway.app, account="dispatcher", tenant="gudong") as street,
        subscribed(gateway.app, account="officer", tenant="gulou") as district,
        subscribed(gateway.app, account="worker", tenant="pingshan") as stranger,
        subscribed(gateway.app, account="resident", tenant="qingcheng") as resident,
    ):
        case = await report()
        await put_in_order(database)

        seen = [await stream.change() for stream in (street, district)]
        unseen = [*await stranger.rest(), *await resident.rest()]

    assert [change["case"]["id"] for change in seen] == [case, case]
    assert [change["case"]["title"] for change in seen] == [None, None]
    assert unseen == []


async def test_ends_for_whoever_lost_the_post(
    gateway: GatewayClient, database: Database, owner: asyncpg.Connection, report: Callable[..., Awaitable[str]]
) -> None:
    async with subscribed(gateway.app, account="grid-worker") as stream:
        await report()
        await put_in_order(database)
        await stream.change()
        await owner.execute(f"update memberships {_LONG_AGO}")
        await owner.execute(f"update positions {_LONG_AGO}")
        await owner.execute("update tenants set grants_version = grants_version + 1 where slug = 'qingcheng'")
        await report()
        await put_in_order(database)
        ending = [await stream.next(), await stream.next()]

    assert _codes(ending[0]) == {"TENANT_UNKNOWN"}
    assert ending[1] is None


async def test_ends_with_the_token(
    gateway: GatewayClient, database: Database, report: Callable[..., Awaitable[str]]
) -> None:
    brief = {"Authorization": f"Bearer {ISSUER.token('worker', lifetime=1 - LEEWAY).decode()}"}
    async with subscribed(gateway.app, headers=brief) as stream:
        await report()
        await put_in_order(database)
        await stream.change()

        await asyncio.sleep(1.1)
        await report()
        await put_in_order(database)
        ending = [await stream.next(), await stream.next()]

    assert _codes(ending[0]) == {"UNAUTHENTICATED"}
    assert ending[1] is None


async def test_refuses_what_can_never_be_told_and_what_comes_as_a_request(gateway: GatewayClient) -> None:
    plain = await gateway.ask(FEED)
    async with subscribed(gateway.app, account="nobody", tenant="qingcheng") as stranger:
        told = (stranger.status, _codes(await stranger.next()))
    async with subscribed(gateway.app, document="{ me { tenant { slug } } }") as query:
        answers = [await query.next(), await query.next()]

    assert _codes(plain.json()) == {"SUBSCRIBE_BY_STREAM"}
    assert told == (403, {"TENANT_UNKNOWN"})
    assert answers == [{"data": {"me": {"tenant": {"slug": "qingcheng"}}}}, None]


def test_has_the_feed_of_the_contract() -> None:
    document = parse(contract_document("cases"))
    feed = [each for each in document.definitions if isinstance(each, OperationDefinitionNode)]
    named = [each for each in feed if each.name is not None and each.name.value == "CaseFeed"]

    assert len(named) == 1
    assert validate(read_model().schema, DocumentNode(definitions=tuple(named))) == []
