"""Does a subscription outlast what passes, with nothing lost or told twice, and end all the same when it has to?"""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import pytest

from deploy.app import create_app
from deploy.opening import make_trust, open_surface
from schema.compiler.reading import Reader
from schema.subscribing import following
from tenants.errors import Refused, StaleGrants, TenantGone, TryAgain
from tenants.tokens import LEEWAY
from tests.fixtures.database import Database
from tests.fixtures.gateway import ISSUER, MASTER_KEY, GatewayClient
from tests.fixtures.outages import out_of_reach
from tests.fixtures.streaming import put_in_order, subscribed
from tests.fixtures.world import WorldDatabase

_REPORT = """
mutation($title: String!, $place: ID!) {
  reportCase(input: {title: $title, description: "请处理", categoryCode: "0104", kind: HELP, source: PATROL,
    at: {placeId: $place}}) { case { id } errors { code message } }
}
"""
_STALE = "update tenants set grants_version = grants_version + 1 where slug = 'qingcheng'"


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have subscriptions look by themselves all the time, so that they meet what there is to be met."""
    monkeypatch.setattr(following, "SECONDS_BETWEEN_LOOKS", 0.02)
    monkeypatch.setattr(following, "SHORTEST_PAUSE", 0.01)


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
def report(gateway: GatewayClient, made: WorldDatabase) -> Callable[[str], Awaitable[None]]:
    """Report a case in the first grid."""

    async def send(title: str) -> None:
        place = made.world.id("grd", "qingcheng/第一网格")
        answer = await gateway.ask(_REPORT, {"title": title, "place": place})
        if answer.status_code == 503:
            # What writes learns of an outage by its next statement, and connects anew after that.
            answer = await gateway.ask(_REPORT, {"title": title, "place": place})
        assert answer.json()["data"]["reportCase"]["errors"] == []

    return send


def _codes(answer: dict[str, Any] | None) -> set[str]:
    assert answer is not None
    return {error["extensions"]["code"] for error in answer["errors"]}


def _bearer(account: str, lifetime: float = 600) -> dict[str, str]:
    return {"Authorization": f"Bearer {ISSUER.token(account, lifetime=lifetime).decode()}"}


@asynccontextmanager
async def _out_of_reach_for_a_while(database: Database) -> AsyncIterator[None]:
    """Go on with the block when subscriptions have met the outage."""
    async with out_of_reach(database):
        await asyncio.sleep(0.2)
        yield


# --- what passes -----------------------------------------------------------------------------------------------------


async def test_waits_out_an_outage_in_which_nobody_can_begin(
    gateway: GatewayClient, database: Database, report: Callable[[str], Awaitable[None]]
) -> None:
    known, unknown = _bearer("worker"), _bearer("worker")
    async with subscribed(gateway.app) as stream, subscribed(gateway.app, headers=known):
        await report("之前")
        await put_in_order(database)
        told = [await stream.change()]
        refused = []
        async with _out_of_reach_for_a_while(database):
            for caller in (known, unknown):
                async with subscribed(gateway.app, headers=caller) as late:
                    refused.append((late.status, _codes(await late.next())))
            quiet = await stream.rest()
        await report("之后")
        await put_in_order(database)
        told.append(await stream.change())
        rest = await stream.rest()

    assert [change["case"]["title"] for change in told] == ["之前", "之后"]
    assert refused == [(503, {"UNAVAILABLE"}), (503, {"UNAVAILABLE"})]
    assert (quiet, rest) == ([], [])


async def test_goes_on_from_a_cursor_that_came_before_an_outage(
    gateway: GatewayClient, database: Database, report: Callable[[str], Awaitable[None]]
) -> None:
    async with subscribed(gateway.app) as stream:
        for title in ("第一件", "第二件"):
            await report(title)
        await put_in_order(database)
        cursor = (await stream.change())["cursor"]

    async with out_of_reach(database):
        # To begin from a cursor nothing has to be read.
        again = subscribed(gateway.app, after=cursor)
        begun = await again.__aenter__()
        nothing = await begun.rest()
    second = await begun.change()
    await again.__aexit__(None, None, None)

    assert (begun.status, nothing, second["case"]["title"]) == (200, [], "第二件")


@pytest.mark.parametrize(
    "error",
    [
        asyncpg.ConnectionDoesNotExistError("closed"),
        # Of a connection that was cut off a moment ago.
        asyncpg.InternalClientError("cannot switch to state 15; another operation (2) is in progress"),
        ConnectionRefusedError(),
        TryAgain(),
        StaleGrants(),
        TenantGone(),
    ],
    ids=lambda error: type(error).__name__,
)
async def test_loses_and_repeats_nothing_whatever_passes(
    gateway: GatewayClient,
    database: Database,
    report: Callable[[str], Awaitable[None]],
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
) -> None:
    run, turns = Reader.run, itertools.count()

    async def fail_now_and_then(reader: Reader, *arguments: Any) -> bytes | None:  # noqa: ANN401
        # Longer at a stretch than grants are renewed; what is read in between is a batch and two of its cases.
        if next(turns) % 9 >= 3:
            raise error
        return await run(reader, *arguments)

    titles = [f"第{number}件" for number in range(5)]
    async with subscribed(gateway.app) as stream:
        for title in titles:
            await report(title)
        monkeypatch.setattr(Reader, "run", fail_now_and_then)
        await put_in_order(database)
        told = [await stream.change() for _ in titles]
        rest = await stream.rest()

    assert [change["case"]["title"] for change in told] == titles
    assert stream.cursors == [change["cursor"] for change in told]
    assert rest == []


async def test_waits_while_grants_change_without_a_break(
    gateway: GatewayClient, database: Database, owner: asyncpg.Connection, report: Callable[[str], Awaitable[None]]
) -> None:
    async def change_grants() -> None:
        while True:
            await owner.execute(_STALE)
            await asyncio.sleep(0.001)

    titles = ["第一件", "第二件", "第三件"]
    async with subscribed(gateway.app) as stream:
        for title in titles:
            await report(title)
        changing = asyncio.create_task(change_grants())
        await put_in_order(database)
        await asyncio.sleep(1)
        changing.cancel()
        await asyncio.wait([changing])
        told = [await stream.change() for _ in titles]
        rest = await stream.rest()

    assert [change["case"]["title"] for change in told] == titles
    assert rest == []


# --- what does not ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("error", "code"), [(ValueError(), "INTERNAL"), (Refused(), "REFUSED")])
async def test_ends_on_anything_else(
    gateway: GatewayClient, database: Database, monkeypatch: pytest.MonkeyPatch, error: Exception, code: str
) -> None:
    async def fail(_: Reader, *__: object) -> None:
        raise error

    assert database is not None
    async with subscribed(gateway.app) as stream:
        monkeypatch.setattr(Reader, "run", fail)
        ending = [await stream.next(), await stream.next()]

    assert _codes(ending[0]) == {code}
    assert ending[1] is None


async def test_ends_with_the_token_in_the_middle_of_an_outage(gateway: GatewayClient, database: Database) -> None:
    brief = _bearer("worker", 1 - LEEWAY)
    async with subscribed(gateway.app, headers=brief) as stream, _out_of_reach_for_a_while(database):
        ending = [await stream.next(), await stream.next()]

    assert _codes(ending[0]) == {"UNAUTHENTICATED"}
    assert ending[1] is None


async def test_ends_after_an_outage_for_whoever_lost_the_post_meanwhile(
    gateway: GatewayClient, database: Database, owner: asyncpg.Connection
) -> None:
    mine = "account_id = (select id from accounts where subject = 'grid-worker')"
    async with subscribed(gateway.app, account="grid-worker") as stream:
        async with _out_of_reach_for_a_while(database):
            for table in ("memberships", "positions"):
                await owner.execute(f"update {table} set until = current_date - 30 where {mine}")
            await owner.execute(_STALE)
        ending = [await stream.next(), await stream.next()]

    assert _codes(ending[0]) == {"TENANT_UNKNOWN"}
    assert ending[1] is None


async def test_ends_at_once_in_an_outage_when_the_client_leaves(
    gateway: GatewayClient, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "SHORTEST_PAUSE", 5.0)
    listening = subscribed(gateway.app)
    stream = await listening.__aenter__()
    async with _out_of_reach_for_a_while(database):
        is_there = not stream.closed.is_set()
        left = time.monotonic()
        await listening.__aexit__(None, None, None)
        took = time.monotonic() - left

    assert is_there
    assert took < 1


async def test_ends_at_once_in_an_outage_when_the_process_stops(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "SHORTEST_PAUSE", 5.0)
    async with (
        open_surface(database.gateway_url, make_trust([ISSUER.trusted()], MASTER_KEY)) as surface,
        subscribed(create_app(surface)) as stream,
        _out_of_reach_for_a_while(database),
    ):
        assert surface.end_subscriptions is not None
        is_there = not stream.closed.is_set()
        told = time.monotonic()
        await surface.end_subscriptions()
        await asyncio.wait_for(stream.closed.wait(), 5)
        took = time.monotonic() - told

    assert is_there
    assert took < 1
    # Neither an error nor that it is complete: it goes on at another process.
    assert stream.answers.empty()
